#include "config/reading.hpp"

#include <algorithm>
#include <charconv>
#include <unordered_set>
#include <utility>

#include "config/references.hpp"

namespace tollgate::config {
namespace {

bool is_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// A number as YAML and JSON write it: "12", "-0.5", "3e-06".
bool is_number(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  const size_t exponent = text.find_first_of("eE");
  if (exponent != std::string_view::npos) {
    std::string_view power = text.substr(exponent + 1);
    if (power.starts_with('-') || power.starts_with('+')) power.remove_prefix(1);
    if (!is_digits(power)) return false;
    text = text.substr(0, exponent);
  }
  const size_t point = text.find('.');
  if (point == std::string_view::npos) return is_digits(text);
  const std::string_view whole = text.substr(0, point);
  const std::string_view part = text.substr(point + 1);
  return (whole.empty() || is_digits(whole)) && (part.empty() || is_digits(part)) &&
         whole.size() + part.size() > 0;
}

bool is_null(std::string_view text) {
  return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

std::optional<bool> bool_of(std::string_view text) {
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  return std::nullopt;
}

void wrong_kind(Reading& reading, const Value& value, std::string_view wanted) {
  if (value.node->kind == NodeKind::kFaulty) return;
  const std::string_view found = kind_name(*value.node);
  if (found == "nothing") {
    reading.report.error(value.place(), "has no value, wanted is " + std::string(wanted));
    return;
  }
  reading.report.error(value.place(),
                       "must be " + std::string(wanted) + ", found is " + std::string(found));
}

/// The text of a scalar with its references replaced. A replaced one may be of any type: a variable
/// has none of its own.
std::optional<std::string> scalar_text(Reading& reading, const Value& value) {
  return replace_references(value.node->text, value.place(), reading.lookup, reading.report);
}

bool has_reference(const Node& node) {
  return node.text.find("${") != std::string::npos;
}

bool is_unquoted_or_reference(const Node& node) {
  return node.kind == NodeKind::kScalar && (node.plain || has_reference(node));
}

std::optional<Secret> read_secret_as(Reading& reading, const Value& value, SecretForm form) {
  // Numbers and "true" are taken as they stand: a key may look like one.
  if (value.node->kind == NodeKind::kScalar && !(value.node->plain && is_null(value.node->text))) {
    return replace_secret_references(value.node->text, value.place(), reading.lookup,
                                     reading.report, form);
  }
  wrong_kind(reading, value, "a string");
  return std::nullopt;
}

}  // namespace

std::string_view kind_name(const Node& node) {
  if (node.kind == NodeKind::kMapping) return "a mapping";
  if (node.kind == NodeKind::kSequence) return "a list";
  if (!node.plain) return "a string";
  if (is_null(node.text)) return "nothing";
  if (bool_of(node.text)) return "true or false";
  return is_number(node.text) ? "a number" : "a string";
}

std::optional<std::string> read_string(Reading& reading, const Value& value) {
  if (kind_name(*value.node) == "a string" && value.node->kind == NodeKind::kScalar) {
    return scalar_text(reading, value);
  }
  const bool scalar = value.node->kind == NodeKind::kScalar && !is_null(value.node->text);
  wrong_kind(reading, value, scalar ? "a string (put it in quotes)" : "a string");
  return std::nullopt;
}

std::optional<bool> read_bool(Reading& reading, const Value& value) {
  if (is_unquoted_or_reference(*value.node)) {
    const std::optional<std::string> text = scalar_text(reading, value);
    if (!text) return std::nullopt;
    if (const std::optional<bool> read = bool_of(*text)) return read;
  }
  wrong_kind(reading, value, "true or false");
  return std::nullopt;
}

std::optional<int64_t> read_integer(Reading& reading, const Value& value, int64_t least,
                                    int64_t most) {
  if (is_unquoted_or_reference(*value.node)) {
    const std::optional<std::string> text = scalar_text(reading, value);
    if (!text) return std::nullopt;
    int64_t read = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), read);
    if (error == std::errc{} && end == text->data() + text->size() && read >= least &&
        read <= most) {
      return read;
    }
    if (is_number(*text)) {
      reading.report.error(value.place(), "must be a whole number from " + std::to_string(least) +
                                              " to " + std::to_string(most));
      return std::nullopt;
    }
  }
  wrong_kind(reading, value, "a whole number");
  return std::nullopt;
}

std::optional<std::string> read_decimal(Reading& reading, const Value& value) {
  if (is_unquoted_or_reference(*value.node)) {
    std::optional<std::string> text = scalar_text(reading, value);
    if (!text) return std::nullopt;
    if (is_number(*text)) return text;
  }
  wrong_kind(reading, value, "a number");
  return std::nullopt;
}

std::optional<Secret> read_secret(Reading& reading, const Value& value) {
  return read_secret_as(reading, value, SecretForm::kHeader);
}

std::optional<Secret> read_secret_text(Reading& reading, const Value& value) {
  return read_secret_as(reading, value, SecretForm::kText);
}

std::vector<Value> read_list(Reading& reading, const Value& value) {
  if (value.node->kind != NodeKind::kSequence) {
    wrong_kind(reading, value, "a list");
    return {};
  }
  std::vector<Value> items;
  for (uint32_t at = value.node->first_child; at != kNoNode;
       at = reading.tree.at(at).next_sibling) {
    items.push_back({&reading.tree.at(at), value.path + "[" + std::to_string(items.size()) + "]"});
  }
  return items;
}

std::vector<std::string> read_strings(Reading& reading, const Value& value) {
  std::vector<std::string> out;
  for (const Value& item : read_list(reading, value)) {
    if (std::optional<std::string> text = read_string(reading, item)) {
      out.push_back(std::move(*text));
    }
  }
  return out;
}

std::vector<Entry> read_entries(Reading& reading, const Value& value) {
  if (value.node->kind != NodeKind::kMapping) {
    wrong_kind(reading, value, "a mapping");
    return {};
  }
  std::vector<Entry> entries;
  std::unordered_set<std::string_view> seen;
  for (uint32_t at = value.node->first_child; at != kNoNode;) {
    const Node& key = reading.tree.at(at);
    const Node& held = reading.tree.at(key.next_sibling);
    at = held.next_sibling;
    if (key.kind != NodeKind::kScalar) continue;
    const std::string path = value.path + "." + shown(key.text);
    if (!seen.insert(key.text).second) {
      reading.report.error({key.mark, path}, "this key stands here twice");
      continue;
    }
    entries.push_back({key.text, {&held, path}});
  }
  return entries;
}

}  // namespace tollgate::config
