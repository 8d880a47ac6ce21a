#include "exchange/lesson_book.hpp"

#include <string>

#include "base/limits.hpp"
#include "support/catch.hpp"

using namespace tollgate;
using model::Lesson;
using model::LessonKind;

TEST_CASE("a lesson is learned once and kept for its target") {
  exchange::LessonBook book;
  const Lesson lesson{LessonKind::kOutputMax, "8192"};
  CHECK(book.learn("openai-main/gpt-x", lesson));
  CHECK_FALSE(book.learn("openai-main/gpt-x", lesson));
  CHECK(book.learn("openai-main/gpt-x", {LessonKind::kOutputMax, "4096"}));
  const model::Lessons known = book.lessons_of("openai-main/gpt-x");
  REQUIRE(known.size() == 2);
  CHECK(*model::find_lesson(known, LessonKind::kOutputMax) == "4096");
  CHECK(model::find_lesson(known, LessonKind::kUseChat) == nullptr);
  CHECK(book.lessons_of("openai-main/other").empty());
}

TEST_CASE("of clocks the last that was heard counts, as often as it changes") {
  exchange::LessonBook book;
  for (int round = 0; round < 100; ++round) {
    CHECK(book.learn("aws/claude", {LessonKind::kClockSkew, "600"}));
    CHECK_FALSE(book.learn("aws/claude", {LessonKind::kClockSkew, "600"}));
    CHECK(book.learn("aws/claude", {LessonKind::kClockSkew, "0"}));
  }
  CHECK(book.lessons_of("aws/claude") == model::Lessons{{LessonKind::kClockSkew, "0"}});
}

TEST_CASE("what is learned is bounded") {
  exchange::LessonBook book;
  CHECK_FALSE(book.learn("a/b", {LessonKind::kDropField, std::string(300, 'x')}));
  size_t learned = 0;
  for (int i = 0; i < 100; ++i)
    learned += book.learn("a/b", {LessonKind::kDropField, std::to_string(i)}) ? 1 : 0;
  CHECK(learned == limits::kLessonsPerTargetMax);
  for (size_t i = 0; i < limits::kLessonTargetsMax + 10; ++i)
    book.learn("a/" + std::to_string(i), {LessonKind::kUseChat, {}});
  CHECK(book.lessons_of("a/" + std::to_string(limits::kLessonTargetsMax + 5)).empty());
}
