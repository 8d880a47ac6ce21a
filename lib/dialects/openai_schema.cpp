#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "dialects/openai_tools.hpp"
#include "json/reader.hpp"
#include "json/scanner.hpp"
#include "json/writer.hpp"

namespace tollgate::dialects {
namespace {

/// The rewritten schema may not grow beyond it by references put in.
constexpr size_t kInlinedBytesMax = 256 * 1024;

/// What stands under a keyword.
enum class Under : uint8_t { kValue, kSchema, kSchemaMap, kSchemaList };

struct Keyword {
  std::string_view name;
  Under under;
};

// clang-format off
constexpr Keyword kKeywords[] = {
    {"properties", Under::kSchemaMap},           {"items", Under::kSchema},
    {"additionalProperties", Under::kSchema},    {"anyOf", Under::kSchemaList},
    {"oneOf", Under::kSchemaList},               {"allOf", Under::kSchemaList},
    {"$defs", Under::kSchemaMap},                {"definitions", Under::kSchemaMap},
    {"patternProperties", Under::kSchemaMap},    {"dependentSchemas", Under::kSchemaMap},
    {"prefixItems", Under::kSchemaList},         {"not", Under::kSchema},
    {"if", Under::kSchema},                      {"then", Under::kSchema},
    {"else", Under::kSchema},                    {"contains", Under::kSchema},
    {"propertyNames", Under::kSchema},           {"unevaluatedItems", Under::kSchema},
    {"unevaluatedProperties", Under::kSchema},
};
// clang-format on

Under under(std::string_view keyword) {
  for (const Keyword& row : kKeywords) {
    if (row.name == keyword) return row.under;
  }
  return Under::kValue;
}

/// Steps over the members of an object, or the elements of an array, of valid JSON.
class RawWalk {
 public:
  explicit RawWalk(std::string_view text) : text_(text), scanner_(text) {
    scanner_.skip_space();
    is_object_ = scanner_.peek() == '{';
    scanner_.step();
  }

  bool next() {
    scanner_.skip_space();
    if (scanner_.peek() == ',') {
      scanner_.step();
      scanner_.skip_space();
    }
    if (scanner_.at() >= text_.size() || scanner_.peek() == '}' || scanner_.peek() == ']') {
      return false;
    }
    if (is_object_) {
      const json::Span key = scanner_.take_string();
      key_ = text_.substr(key.offset, key.size);
      scanner_.skip_space();
      scanner_.step();
      scanner_.skip_space();
    }
    const size_t begin = scanner_.at();
    scanner_.skip_value();
    value_ = text_.substr(begin, scanner_.at() - begin);
    return scanner_.at() > begin;
  }

  bool is_object() const { return is_object_; }
  /// As it stands in the text, with and without quotes; a key spelled with escapes is no keyword.
  std::string_view quoted_key() const { return key_; }
  std::string_view key() const { return key_.substr(1, key_.size() > 2 ? key_.size() - 2 : 0); }
  std::string_view value() const { return value_; }

 private:
  std::string_view text_;
  json::Scanner scanner_;
  std::string_view key_;
  std::string_view value_;
  bool is_object_ = false;
};

bool is_object(std::string_view json) {
  return json.starts_with('{');
}

std::string_view member_of(std::string_view object, std::string_view key) {
  if (!is_object(object)) return {};
  for (RawWalk walk(object); walk.next();) {
    if (walk.key() == key) return walk.value();
  }
  return {};
}

/// What a "$ref" of the root's own definitions names; empty when it names anything else.
std::string_view definition(std::string_view root, std::string_view quoted_reference) {
  if (quoted_reference.size() < 2) return {};
  const std::string_view path = quoted_reference.substr(1, quoted_reference.size() - 2);
  for (const std::string_view place : {"$defs", "definitions"}) {
    const std::string before = "#/" + std::string(place) + "/";
    if (path.starts_with(before)) {
      return member_of(member_of(root, place), path.substr(before.size()));
    }
  }
  return {};
}

/// Writes a schema anew, with what the server does not take left out at any depth.
class Rewriter {
 public:
  Rewriter(std::string_view root, const OpenaiSchemaRules& rules, bool keep_definitions)
      : root_(root), rules_(rules), keep_definitions_(keep_definitions) {}

  std::string run() {
    push(root_, Under::kSchema);
    while (!frames_.empty())
      step();
    return std::move(out_);
  }
  bool left_references() const { return left_references_; }

 private:
  struct Frame {
    RawWalk walk;
    Under kind;
    std::string_view reference;  ///< That brought it here.
    bool first = true;
  };

  bool is_open(std::string_view reference) const {
    return std::any_of(frames_.begin(), frames_.end(),
                       [&](const Frame& frame) { return frame.reference == reference; });
  }

  void push(std::string_view text, Under kind) {
    // References to references may go in a circle that no frame shows.
    constexpr int kHopsMax = 16;
    std::string_view reference;
    for (int hops = 0; kind == Under::kSchema && rules_.inline_refs; ++hops) {
      const std::string_view next = member_of(text, "$ref");
      if (next.empty()) break;
      const std::string_view target = definition(root_, next);
      if (!is_object(target) || hops == kHopsMax || is_open(next) ||
          out_.size() > kInlinedBytesMax) {
        left_references_ = true;
        break;
      }
      reference = next;
      text = target;
    }
    const bool is_list = text.starts_with('[');
    if (!is_object(text) && !is_list) {
      out_ += text;
      return;
    }
    // "items" may be a list of schemas.
    frames_.push_back({RawWalk(text), is_list ? Under::kSchemaList : kind, reference});
    out_ += is_list ? '[' : '{';
  }

  bool drops(std::string_view key, std::string_view value) const {
    if (key == "additionalProperties") return !rules_.additional_properties && value == "false";
    if (key == "pattern" || key == "format") return rules_.plain && value.starts_with('"');
    if (key == "$defs" || key == "definitions") return !keep_definitions_;
    return false;
  }

  void step() {
    Frame& frame = frames_.back();
    if (!frame.walk.next()) {
      out_ += frame.walk.is_object() ? '}' : ']';
      frames_.pop_back();
      return;
    }
    const std::string_view value = frame.walk.value();
    Under child = Under::kSchema;
    if (frame.walk.is_object() && frame.kind == Under::kSchema) {
      if (drops(frame.walk.key(), value)) return;
      child = under(frame.walk.key());
    }
    if (!frame.first) out_ += ',';
    frame.first = false;
    if (frame.walk.is_object()) out_.append(frame.walk.quoted_key()).append(":");
    if (child == Under::kValue) {
      out_ += value;
    } else {
      push(value, child);
    }
  }

  std::string_view root_;
  const OpenaiSchemaRules& rules_;
  bool keep_definitions_;
  bool left_references_ = false;
  std::vector<Frame> frames_;
  std::string out_;
};

/// Properties and required members of a root and of what its combinations add to it.
struct Merged {
  std::vector<std::pair<std::string_view, std::string_view>> properties;  ///< Quoted key, schema.
  std::vector<std::string_view> required;                                 ///< Quoted.

  void add_properties(std::string_view schema) {
    const std::string_view from = member_of(schema, "properties");
    if (!is_object(from)) return;
    for (RawWalk walk(from); walk.next();) {
      const bool known = std::any_of(properties.begin(), properties.end(), [&](const auto& each) {
        return each.first == walk.quoted_key();
      });
      if (!known) properties.emplace_back(walk.quoted_key(), walk.value());
    }
  }
  void add_required(std::string_view name) {
    if (std::find(required.begin(), required.end(), name) == required.end()) {
      required.push_back(name);
    }
  }
};

std::vector<std::string_view> required_of(std::string_view schema) {
  std::vector<std::string_view> names;
  const std::string_view list = member_of(schema, "required");
  if (!list.starts_with('[')) return names;
  for (RawWalk walk(list); walk.next();) {
    if (walk.value().starts_with('"')) names.push_back(walk.value());
  }
  return names;
}

/// What all alternatives require is required; what one of them knows is allowed.
void merge_combination(std::string_view root, std::string_view keyword, std::string_view list,
                       Merged& merged) {
  if (!list.starts_with('[')) return;
  std::vector<std::string_view> common;
  bool first = true;
  for (RawWalk walk(list); walk.next();) {
    std::string_view branch = walk.value();
    if (const std::string_view target = definition(root, member_of(branch, "$ref"));
        !target.empty()) {
      branch = target;
    }
    merged.add_properties(branch);
    const std::vector<std::string_view> names = required_of(branch);
    if (keyword == "allOf" || first) {
      common.insert(common.end(), names.begin(), names.end());
    } else {
      std::erase_if(common, [&](std::string_view name) {
        return std::find(names.begin(), names.end(), name) == names.end();
      });
    }
    first = false;
  }
  for (const std::string_view name : common)
    merged.add_required(name);
}

bool is_combination(std::string_view key) {
  return key == "anyOf" || key == "oneOf" || key == "allOf";
}

bool is_refused_at_top(std::string_view key) {
  return key == "enum" || key == "not" || key == "const" || is_combination(key);
}

void write_merged(std::string_view root, std::string& out) {
  Merged merged;
  merged.add_properties(root);
  for (const std::string_view name : required_of(root))
    merged.add_required(name);
  std::string rest;
  for (RawWalk walk(root); walk.next();) {
    const std::string_view key = walk.key();
    if (is_combination(key)) merge_combination(root, key, walk.value(), merged);
    if (is_refused_at_top(key) || key == "type" || key == "properties" || key == "required" ||
        key == "$schema" || key == "$id" || key == "$ref") {
      continue;
    }
    rest.append(",").append(walk.quoted_key()).append(":").append(walk.value());
  }
  out += R"({"type":"object","properties":{)";
  for (const auto& [name, schema] : merged.properties) {
    if (out.back() != '{') out += ',';
    out.append(name).append(":").append(schema);
  }
  out += '}';
  if (!merged.required.empty()) {
    out += R"(,"required":[)";
    for (const std::string_view name : merged.required) {
      if (out.back() != '[') out += ',';
      out += name;
    }
    out += ']';
  }
  out.append(rest).append("}");
}

/// A member of a root.
struct RootMember {
  std::string_view quoted_key;
  std::string_view value;
  std::string_view key() const { return quoted_key.substr(1, quoted_key.size() - 2); }
};

/// The common case: members are copied, and what is missing is added.
void write_plain(const std::vector<RootMember>& members, std::string& out) {
  bool has_type = false;
  bool has_properties = false;
  out += '{';
  for (const RootMember& member : members) {
    const std::string_view key = member.key();
    if (key == "$schema" || key == "$id") continue;
    std::string_view value = member.value;
    if (key == "type") {
      has_type = true;
      value = R"("object")";
    }
    if (key == "properties") {
      has_properties = true;
      if (!is_object(value)) value = "{}";
    }
    if (out.size() > 1) out += ',';
    out.append(member.quoted_key).append(":").append(value);
  }
  if (!has_type) out.append(out.size() > 1 ? "," : "").append(R"("type":"object")");
  if (!has_properties) out += R"(,"properties":{})";
  out += '}';
}

/// What one walk over a root finds.
struct RootFacts {
  std::vector<RootMember> members;
  bool refers = false;
  bool needs_merging = false;
};

RootFacts facts_of_root(std::string_view root) {
  constexpr size_t kUsualMembers = 8;
  RootFacts facts;
  facts.members.reserve(kUsualMembers);
  for (RawWalk walk(root); walk.next();) {
    facts.refers = facts.refers || walk.key() == "$ref";
    facts.needs_merging = facts.needs_merging || is_refused_at_top(walk.key());
    facts.members.push_back({walk.quoted_key(), walk.value()});
  }
  return facts;
}

/// {"$ref":"#/$defs/X","$defs":{…}} as X with the definitions beside it.
std::string with_root_resolved(std::string_view root) {
  const std::string_view target = definition(root, member_of(root, "$ref"));
  if (!is_object(target)) return {};
  std::string out = "{";
  for (RawWalk walk(target); walk.next();) {
    if (out.size() > 1) out += ',';
    out.append(walk.quoted_key()).append(":").append(walk.value());
  }
  for (const std::string_view place : {"$defs", "definitions"}) {
    const std::string_view definitions = member_of(root, place);
    if (definitions.empty()) continue;
    if (out.size() > 1) out += ',';
    out.append("\"").append(place).append("\":").append(definitions);
  }
  return out + "}";
}

}  // namespace

std::string openai_parameters(std::string_view input_schema, const OpenaiSchemaRules& rules) {
  const size_t begin = input_schema.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return R"({"type":"object","properties":{}})";
  std::string_view root = input_schema.substr(begin);
  RootFacts facts = facts_of_root(root);
  std::string resolved;
  if (facts.refers) resolved = with_root_resolved(root);
  if (!resolved.empty()) {
    root = resolved;
    facts = facts_of_root(root);
  }
  std::string out;
  out.reserve(root.size() + 40);
  if (facts.needs_merging) {
    write_merged(root, out);
  } else {
    write_plain(facts.members, out);
  }
  if (rules.additional_properties && !rules.inline_refs && !rules.plain) return out;
  Rewriter rewriter(out, rules, !rules.inline_refs);
  std::string rewritten = rewriter.run();
  if (!rewriter.left_references() || !rules.inline_refs) return rewritten;
  return Rewriter(out, rules, true).run();
}

namespace {

constexpr size_t kStrictPropertiesMax = 5'000;
constexpr size_t kStrictDepthMax = 10;
constexpr size_t kStrictEnumsMax = 1'000;
constexpr size_t kStrictBytesMax = 120'000;

constexpr std::array<std::string_view, 8> kStrictFormats = {
    "date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6"};

constexpr std::array<std::string_view, 14> kNotStrict = {"default",
                                                         "oneOf",
                                                         "allOf",
                                                         "not",
                                                         "if",
                                                         "then",
                                                         "else",
                                                         "dependentRequired",
                                                         "dependentSchemas",
                                                         "patternProperties",
                                                         "propertyNames",
                                                         "unevaluatedProperties",
                                                         "unevaluatedItems",
                                                         "contains"};

class StrictCheck {
 public:
  bool run(json::Value root) {
    if (root["type"].string_or("") != "object" || root["anyOf"].exists() || root["enum"].exists()) {
      return false;
    }
    waiting_.push_back({root, 1});
    while (!waiting_.empty()) {
      const auto [schema, depth] = waiting_.back();
      waiting_.pop_back();
      if (depth > kStrictDepthMax || !check(schema, depth)) return false;
    }
    return properties_ <= kStrictPropertiesMax && enums_ <= kStrictEnumsMax &&
           bytes_ <= kStrictBytesMax;
  }

 private:
  static bool is_object_type(json::Value type) {
    if (type.string_or("") == "object") return true;
    for (const json::Value each : type.elements()) {
      if (each.string_or("") == "object") return true;
    }
    return false;
  }

  bool check(json::Value schema, size_t depth) {
    if (!schema.is_object()) return false;
    if (schema["$ref"].exists() && schema.size() > 1) return false;
    for (const json::Member member : schema.members()) {
      if (std::find(kNotStrict.begin(), kNotStrict.end(), member.key) != kNotStrict.end()) {
        return false;
      }
      if (!check_member(member, depth)) return false;
    }
    const bool object = is_object_type(schema["type"]) || schema["properties"].exists();
    return !object || check_object(schema);
  }

  bool check_member(const json::Member& member, size_t depth) {
    const auto& [key, value] = member;
    if (key == "format") {
      const std::string_view format = value.string_or("");
      return format == "uuid" || std::find(kStrictFormats.begin(), kStrictFormats.end(), format) !=
                                     kStrictFormats.end();
    }
    if (key == "pattern") {
      const std::string_view pattern = value.string_or("");
      return pattern.find("(?=") == std::string_view::npos &&
             pattern.find("(?!") == std::string_view::npos &&
             pattern.find("(?<") == std::string_view::npos;
    }
    if (key == "enum") {
      enums_ += value.size();
      for (const json::Value each : value.elements())
        bytes_ += each.string_or("").size();
    }
    if (key == "properties" || key == "$defs" || key == "definitions") {
      for (const json::Member child : value.members()) {
        bytes_ += child.key.size();
        // Definitions begin anew wherever they are used.
        waiting_.push_back({child.value, key == "properties" ? depth + 1 : 1});
      }
      if (key == "properties") properties_ += value.size();
    }
    if (key == "items") waiting_.push_back({value, depth + 1});
    if (key == "anyOf") {
      for (const json::Value each : value.elements())
        waiting_.push_back({each, depth + 1});
    }
    return true;
  }

  static bool check_object(json::Value schema) {
    if (schema["additionalProperties"].boolean() != false) return false;
    const json::Value required = schema["required"];
    for (const json::Member property : schema["properties"].members()) {
      const json::Elements names = required.elements();
      const bool named = std::any_of(names.begin(), names.end(), [&](json::Value name) {
        return name.string() == property.key;
      });
      if (!named) return false;
    }
    return true;
  }

  std::vector<std::pair<json::Value, size_t>> waiting_;
  size_t properties_ = 0;
  size_t enums_ = 0;
  size_t bytes_ = 0;
};

}  // namespace

bool is_strict_clean(std::string_view schema) {
  json::Document document;
  const auto parsed = document.parse(schema);
  return parsed.ok() && StrictCheck().run(parsed.value());
}

}  // namespace tollgate::dialects
