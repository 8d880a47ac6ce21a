#pragma once

#include <string>
#include <string_view>

#include "dialects/bedrock_converse/converse_support.hpp"

namespace tollgate::dialects::bedrock_converse {

/// A request whose `messages` (and more members) are these.
inline std::string request(std::string_view messages, std::string_view more = "") {
  return R"({"model":"m","max_tokens":100,"messages":)" + std::string(messages) +
         std::string(more) + "}";
}

inline std::string user(std::string_view blocks) {
  return R"([{"role":"user","content":[)" + std::string(blocks) + "]}]";
}

/// A request and what becomes of it.
struct Row {
  const char* name;
  std::string_view model;
  std::string request;
  const char* expected;
  const char* loss = "";  ///< Part of a loss that must be noted; empty: none is.
};

inline void check(const Row& row) {
  INFO(row.name);
  Translation translation = translation_to(row.model);
  CHECK(test::json_difference(encoded(row.request, translation), row.expected) == "");
  if (row.loss[0] == '\0') {
    for (const model::Loss& loss : translation.losses.all())
      FAIL_CHECK(loss.what);
  } else {
    CHECK(has_loss(translation, row.loss));
  }
}

inline constexpr const char* kHi = R"([{"role":"user","content":"hi"}])";

}  // namespace tollgate::dialects::bedrock_converse
