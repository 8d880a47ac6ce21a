#include "exchange/lesson_book.hpp"

#include <algorithm>

#include "base/limits.hpp"

namespace tollgate::exchange {

model::Lessons LessonBook::lessons_of(std::string_view target) const {
  const std::lock_guard lock(mutex_);
  const auto found = lessons_.find(target);
  return found == lessons_.end() ? model::Lessons() : found->second;
}

bool LessonBook::learn(std::string_view target, const model::Lesson& lesson) {
  const std::lock_guard lock(mutex_);
  if (lesson.value.size() > limits::kLessonBytesMax) return false;
  const auto found = lessons_.find(target);
  if (found == lessons_.end()) {
    if (lessons_.size() >= limits::kLessonTargetsMax) return false;
    lessons_.emplace(target, model::Lessons{lesson});
    return true;
  }
  model::Lessons& known = found->second;
  if (std::find(known.begin(), known.end(), lesson) != known.end()) return false;
  // Clocks drift and are set: what was known of them before is no longer so.
  if (lesson.kind == model::LessonKind::kClockSkew) {
    std::erase_if(known, [&](const model::Lesson& each) { return each.kind == lesson.kind; });
  }
  if (known.size() >= limits::kLessonsPerTargetMax) return false;
  known.push_back(lesson);
  return true;
}

}  // namespace tollgate::exchange
