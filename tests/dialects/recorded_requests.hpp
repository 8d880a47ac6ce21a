#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "json/reader.hpp"
#include "json/walk.hpp"
#include "support/catch.hpp"
#include "support/recordings.hpp"

namespace tollgate::test {

struct RecordedRequest {
  std::string name;
  std::string body;
};

/// True when a member was left out of the recording ("@file#member").
inline bool has_references(json::Value body) {
  for (const json::Member member : body.members()) {
    if (member.value.string_or("").starts_with("@")) return true;
  }
  return false;
}

inline void add_recorded(json::Value exchange, std::string_view text, const std::string& name,
                         std::vector<RecordedRequest>& found) {
  for (json::MemberWalk walk(exchange, text); walk.next();) {
    if (walk.key() != "body" || !walk.value()["messages"].is_array()) continue;
    if (!has_references(walk.value())) found.push_back({name, std::string(walk.text())});
  }
}

/// Bodies that Claude Code sent to /v1/messages and count_tokens, as they stand in the recordings.
inline std::vector<RecordedRequest> recorded_requests() {
  std::vector<RecordedRequest> found;
  json::Document document;
  for (const auto& path : recordings("claude-code", ".json")) {
    const std::string text = read_file(path);
    const std::string name = path.filename().string();
    const auto parsed = document.parse(text);
    REQUIRE(parsed.ok());
    for (json::MemberWalk walk(parsed.value(), text); walk.next();) {
      if (walk.key() == "request") add_recorded(walk.value(), walk.text(), name, found);
      if (walk.key() != "requests") continue;
      for (json::ElementWalk each(walk.value(), walk.text()); each.next();)
        add_recorded(each.value(), each.text(), name, found);
    }
  }
  return found;
}

}  // namespace tollgate::test
