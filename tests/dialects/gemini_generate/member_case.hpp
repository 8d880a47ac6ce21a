#pragma once

#include <string>

#include "dialects/gemini_generate/through_gemini.hpp"
#include "dialects/same_json.hpp"

namespace tollgate::dialects::gemini_generate {

/// One member more of a request, and what becomes of it.
struct MoreCase {
  const char* name;
  const char* model;
  std::string more;
  const char* member;
  const char* value;
  const char* loss;
};

inline void check_member(const MoreCase& row) {
  INFO(row.name);
  Translation translation = translation_to(row.model);
  const std::string out =
      encoded(request_text(R"j([{"role":"user","content":"a"}])j", row.more), translation);
  INFO(out);
  CHECK(test::json_difference(member_of(out, row.member), row.value) == "");
  if (row.loss[0] != '\0') CHECK(has_loss(translation, row.loss));
  test::GeminiServer server;
  server.generation = row.model[7] - '0';
  const auto wrong = test::gemini_refusals(out, server);
  INFO(one_line(wrong));
  CHECK(wrong.empty());
}

}  // namespace tollgate::dialects::gemini_generate
