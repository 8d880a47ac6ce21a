#include <algorithm>
#include <unordered_map>
#include <utility>

#include "config/reading.hpp"

namespace tollgate::config {

StrictMapping::StrictMapping(Reading& reading, Value where, Quoting quoting)
    : reading_(reading), where_(std::move(where)), quoting_(quoting) {
  if (where_.node->kind == NodeKind::kMapping) {
    valid_ = true;
    index_members();
  } else if (where_.node->kind != NodeKind::kFaulty) {
    reading_.report.error(where_.place(),
                          "must be a mapping, found is " + std::string(kind_name(*where_.node)));
  }
}

void StrictMapping::index_members() {
  std::unordered_map<std::string_view, const Node*> seen;
  for (uint32_t at = where_.node->first_child; at != kNoNode;) {
    const Node& key = reading_.tree.at(at);
    const Node& value = reading_.tree.at(key.next_sibling);
    at = value.next_sibling;
    if (key.kind != NodeKind::kScalar) continue;
    const auto [first, added] = seen.emplace(key.text, &key);
    if (added) {
      members_.push_back({&key, &value});
      continue;
    }
    reading_.report.error(
        {key.mark, path_of(key.text)},
        "this key stands here twice, first in line " + std::to_string(first->second->mark.line));
  }
}

std::string StrictMapping::path_of(std::string_view key) const {
  if (quoting_ == Quoting::kHideKeys &&
      std::find(known_.begin(), known_.end(), key) == known_.end()) {
    return where_.path;
  }
  return where_.path.empty() ? shown(key) : where_.path + "." + shown(key);
}

std::optional<Value> StrictMapping::take(std::string_view key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.push_back(key);
  for (Member& member : members_) {
    if (member.key->text != key) continue;
    member.taken = true;
    return Value{member.value, path_of(key)};
  }
  return std::nullopt;
}

std::optional<Value> StrictMapping::require(std::string_view key) {
  std::optional<Value> value = take(key);
  if (!value && valid_) {
    reading_.report.error({where_.node->mark, path_of(key)}, "is required");
  }
  return value;
}

std::optional<std::string> StrictMapping::string(std::string_view key) {
  const std::optional<Value> value = take(key);
  return value ? read_string(reading_, *value) : std::nullopt;
}

std::optional<std::string> StrictMapping::require_string(std::string_view key) {
  const std::optional<Value> value = require(key);
  return value ? read_string(reading_, *value) : std::nullopt;
}

bool StrictMapping::boolean(std::string_view key, bool fallback) {
  const std::optional<Value> value = take(key);
  return value ? read_bool(reading_, *value).value_or(fallback) : fallback;
}

int64_t StrictMapping::integer(std::string_view key, int64_t fallback, int64_t least,
                               int64_t most) {
  const std::optional<Value> value = take(key);
  return value ? read_integer(reading_, *value, least, most).value_or(fallback) : fallback;
}

std::vector<std::string> StrictMapping::strings(std::string_view key) {
  const std::optional<Value> value = take(key);
  return value ? read_strings(reading_, *value) : std::vector<std::string>{};
}

std::vector<Value> StrictMapping::list(std::string_view key) {
  const std::optional<Value> value = take(key);
  return value ? read_list(reading_, *value) : std::vector<Value>{};
}

std::optional<size_t> StrictMapping::choice(std::string_view key,
                                            const std::vector<std::string_view>& choices) {
  const std::optional<Value> value = require(key);
  const std::optional<std::string> text = value ? read_string(reading_, *value) : std::nullopt;
  if (!text) return std::nullopt;
  const auto found = std::find(choices.begin(), choices.end(), *text);
  if (found != choices.end()) return static_cast<size_t>(found - choices.begin());
  std::string allowed;
  for (const std::string_view one : choices) {
    allowed += (allowed.empty() ? "" : ", ") + std::string(one);
  }
  // The text in the file, not what its references stand for.
  const std::string found_text =
      quoting_ == Quoting::kQuoteKeys ? ", found is " + shown(value->node->text) : "";
  reading_.report.error(value->place(), "must be one of " + allowed + found_text,
                        nearest(value->node->text, choices));
  return std::nullopt;
}

void StrictMapping::not_supported(std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    for (Member& member : members_) {
      if (member.key->text != key) continue;
      member.taken = true;
      const std::string path =
          where_.path.empty() ? std::string(key) : where_.path + "." + std::string(key);
      reading_.report.error({member.key->mark, path},
                            "is not supported by this version of tollgate: remove it");
    }
  }
}

void StrictMapping::done() {
  for (const Member& member : members_) {
    if (member.taken) continue;
    std::string message = "unknown key";
    std::string suggestion;
    if (!reading_.report.full()) suggestion = nearest(member.key->text, known_);
    if (suggestion.empty()) {
      message += "; known here are ";
      for (size_t i = 0; i < known_.size(); ++i) {
        message += (i == 0 ? "" : ", ") + std::string(known_[i]);
      }
    }
    reading_.report.error({member.key->mark, path_of(member.key->text)}, std::move(message),
                          std::move(suggestion));
  }
}

}  // namespace tollgate::config
