#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "dialects/gemini_generate/schema_clean.hpp"

namespace tollgate::dialects::gemini_generate {
namespace {

// Whole numbers beyond this are not exact as a double; a bound there cannot be moved by one.
constexpr double kExactMax = 9007199254740992.0;

uint8_t type_bit(std::string_view name) {
  for (const TypeName& row : kTypes) {
    if (row.name.size() != name.size()) continue;
    bool same = true;
    for (size_t i = 0; i < name.size() && same; ++i)
      same = (name[i] | 32) == row.name[i];
    if (same) return row.bit;
  }
  return 0;
}

std::string_view name_of_type(uint8_t bit) {
  for (const TypeName& row : kTypes) {
    if (row.bit == bit) return row.name;
  }
  return {};
}

}  // namespace

void SchemaCleaner::rewrite(const Task& task) {
  Rewrite now;
  now.node = task.node;
  now.depth = task.depth;
  now.trail = task.trail;
  read_keywords(now);
  read_types(now);
  infer_types(now);
  if (!rules_.json_schema && split_types(now)) {
    write_choice(now);
    write_description(now);
    return;
  }
  const Id choice = now.at(Keyword::kAnyOf);
  const bool only_choice = !rules_.json_schema && choice != kNone;
  if (only_choice) {
    // The older form takes nothing beside a choice.
    if (now.types != 0) lose(Keyword::kType);
  } else {
    const Id values = cleaned_enum(now);
    write_type(now);
    write_format(now);
    tree_.set(now.node, "enum", values);
    write_object(now);
    write_array(now);
    write_bounds(now);
    write_lengths(now);
  }
  if (choice != kNone) write_choice(now);
  write_description(now);
}

void SchemaCleaner::read_keywords(Rewrite& now) {
  now.keywords.fill(kNone);
  for (Id member = tree_.take_children(now.node); member != kNone;) {
    const SchemaTree::Node& node = tree_.at(member);
    const Keyword keyword = find_keyword(node.key);
    now.keywords[static_cast<size_t>(keyword)] = member;
    if (keyword == Keyword::kOther && node.key != "$defs" && node.key != "definitions") {
      lose(keyword);
    }
    member = node.next;
  }
  for (const Keyword gone : {Keyword::kTitle, Keyword::kSchema, Keyword::kDefault,
                             Keyword::kExamples, Keyword::kMultipleOf, Keyword::kUniqueItems}) {
    if (now.at(gone) != kNone) lose(gone);
  }
  for (const Keyword told :
       {Keyword::kNot, Keyword::kIf, Keyword::kDependentRequired, Keyword::kDependentSchemas,
        Keyword::kDependencies, Keyword::kContains, Keyword::kPropertyNames,
        Keyword::kPatternProperties, Keyword::kUnevaluated}) {
    remark(now, told);
  }
}

/// What the keyword said goes into the description, if it is short.
void SchemaCleaner::remark(Rewrite& now, Keyword keyword) {
  const Id value = now.at(keyword);
  if (value == kNone) return;
  lose(keyword);
  std::string text;
  tree_.write(value, text);
  if (text == "{\"type\":\"string\"}" || text == "{}" || text == "true" || text == "false") return;
  std::string told(tree_.at(value).key);
  if (text.size() <= kRemarkBytesMax) told += ": " + text;
  now.remarks.push_back(std::move(told));
}

void SchemaCleaner::read_types(Rewrite& now) {
  const Id type = now.at(Keyword::kType);
  now.types = type_bit(tree_.text(type));
  if (tree_.is(type, Kind::kArray)) {
    for (Id id = tree_.at(type).first; id != kNone; id = tree_.at(id).next)
      now.types |= type_bit(tree_.text(id));
  }
  now.nullable = tree_.is_true(now.at(Keyword::kNullable)) || (now.types & kTypeNull) != 0;
  // Whole numbers are numbers: one word for both.
  if ((now.types & kTypeNumber) != 0) now.types &= static_cast<uint8_t>(~kTypeInteger);
}

void SchemaCleaner::infer_types(Rewrite& now) const {
  if ((now.types & ~kTypeNull) != 0 || now.at(Keyword::kAnyOf) != kNone) return;
  if (tree_.is(now.at(Keyword::kProperties), Kind::kObject) ||
      now.at(Keyword::kAdditionalProperties) != kNone) {
    now.types |= kTypeObject;
  } else if (now.at(Keyword::kItems) != kNone || now.at(Keyword::kPrefixItems) != kNone) {
    now.types |= kTypeArray;
  }
}

/// The older form has one type only: several become a choice. True when they did.
bool SchemaCleaner::split_types(Rewrite& now) {
  const auto types = static_cast<uint8_t>(now.types & ~kTypeNull);
  if (types == 0 || is_single(types) || now.at(Keyword::kAnyOf) != kNone) return false;
  const Id choice = tree_.make(Kind::kArray);
  for (const TypeName& row : kTypes) {
    if ((types & row.bit) == 0) continue;
    const Id part = tree_.make(Kind::kObject);
    tree_.set(part, "type", tree_.make_view(row.name));
    const auto give = [&](Keyword keyword) {
      if (const Id value = now.at(keyword); value != kNone) {
        tree_.set(part, keyword_name(keyword), value);
      }
    };
    if (row.bit == kTypeString) give(Keyword::kEnum);
    if (row.bit == kTypeArray) give(Keyword::kItems);
    if (row.bit == kTypeObject) {
      give(Keyword::kProperties);
      give(Keyword::kRequired);
    }
    tree_.append(choice, part);
  }
  now.keywords[static_cast<size_t>(Keyword::kAnyOf)] = choice;
  return true;
}

void SchemaCleaner::write_type(Rewrite& now) {
  auto types = static_cast<uint8_t>(now.types & ~kTypeNull);
  if (rules_.json_schema) {
    if (now.nullable && now.types != 0) types |= kTypeNull;
    if (types == 0) return;
    if (is_single(types)) {
      tree_.set(now.node, "type", tree_.make_view(name_of_type(types)));
      return;
    }
    const Id list = tree_.make(Kind::kArray);
    for (const TypeName& row : kTypes) {
      if ((types & row.bit) != 0) tree_.append(list, tree_.make_view(row.name));
    }
    tree_.set(now.node, "type", list);
    return;
  }
  if (types == 0) {
    types = kTypeString;
    if (!now.nullable) now.remarks.emplace_back("any JSON value");
  }
  // Several types can only have come from an enum of mixed values, whose remark names them.
  if (!is_single(types)) types = kTypeString;
  now.types = types;
  tree_.set(now.node, "type", tree_.make_view(name_of_type(types)));
  if (now.nullable) tree_.set(now.node, "nullable", tree_.make_bool(true));
}

void SchemaCleaner::write_format(Rewrite& now) {
  const Id format = now.at(Keyword::kFormat);
  const std::string_view name = tree_.text(format);
  if (name.empty()) return;
  const bool number = (now.types & (kTypeNumber | kTypeInteger)) != 0;
  const bool of_number = name == "int32" || name == "int64" || name == "float" || name == "double";
  if (!rules_.plain &&
      ((number && of_number) || (name == "date-time" && (now.types & kTypeString) != 0))) {
    tree_.set(now.node, "format", format);
    return;
  }
  lose(Keyword::kFormat);
  if (!of_number && name.size() <= kRemarkBytesMax) {
    now.remarks.push_back("format: " + std::string(name));
  }
}

void SchemaCleaner::write_object(Rewrite& now) {
  if ((now.types & kTypeObject) == 0) return;
  write_properties(now);
  const Id additional = now.at(Keyword::kAdditionalProperties);
  if (additional == kNone) return;
  if (rules_.json_schema) {
    tree_.set(now.node, "additionalProperties", additional);
    if (tree_.is(additional, Kind::kObject)) {
      task(additional, now);
    } else if (!tree_.is(additional, Kind::kBool)) {
      tree_.remove(now.node, "additionalProperties");
    }
    return;
  }
  lose(Keyword::kAdditionalProperties);
  const bool closed = tree_.is(additional, Kind::kBool) && !tree_.is_true(additional);
  if (!closed && tree_.find(now.node, "properties") == kNone) {
    now.remarks.emplace_back("free-form object");
  }
}

void SchemaCleaner::write_properties(Rewrite& now) {
  const Id properties = now.at(Keyword::kProperties);
  if (!tree_.is(properties, Kind::kObject)) return;
  if (tree_.at(properties).first == kNone && !rules_.json_schema) return;
  tree_.set(now.node, "properties", properties);
  for (Id id = tree_.at(properties).first; id != kNone; id = tree_.at(id).next)
    task(id, now);
  write_names(now, Keyword::kPropertyOrdering);
  write_names(now, Keyword::kRequired);
}

/// Whether a list that is not empty names few properties that exist, each once: it may stand as it
/// is.
bool SchemaCleaner::are_names_of(Id names, Id properties) const {
  constexpr size_t kFewProperties = 64;
  uint64_t named = 0;
  for (Id id = tree_.at(names).first; id != kNone; id = tree_.at(id).next) {
    if (!tree_.is(id, Kind::kString)) return false;
    const std::string_view name = tree_.text(id);
    size_t place = 0;
    Id property = tree_.at(properties).first;
    while (property != kNone && place < kFewProperties && tree_.at(property).key != name) {
      property = tree_.at(property).next;
      ++place;
    }
    const uint64_t bit = uint64_t{1} << (place % kFewProperties);
    if (property == kNone || place == kFewProperties || (named & bit) != 0) return false;
    named |= bit;
  }
  return named != 0;
}

/// A list of names of properties: those that exist, each once.
void SchemaCleaner::write_names(Rewrite& now, Keyword keyword) {
  const Id names = now.at(keyword);
  if (!tree_.is(names, Kind::kArray)) return;
  const Id properties = now.at(Keyword::kProperties);
  if (are_names_of(names, properties)) {
    tree_.set(now.node, keyword_name(keyword), names);
    return;
  }
  std::unordered_set<std::string_view> known;
  for (Id id = tree_.at(properties).first; id != kNone; id = tree_.at(id).next)
    known.insert(tree_.at(id).key);
  bool any = false;
  for (Id id = tree_.take_children(names); id != kNone;) {
    const Id next = tree_.at(id).next;
    if (tree_.is(id, Kind::kString) && known.erase(tree_.text(id)) > 0) {
      tree_.append(names, id);
      any = true;
    } else {
      lose(keyword);
    }
    id = next;
  }
  if (any) tree_.set(now.node, keyword_name(keyword), names);
}

void SchemaCleaner::write_array(Rewrite& now) {
  if ((now.types & kTypeArray) == 0) return;
  Id items = now.at(Keyword::kItems);
  Id tuple = now.at(Keyword::kPrefixItems);
  if (tree_.is(items, Kind::kArray)) {
    if (!tree_.is(tuple, Kind::kArray)) tuple = items;
    items = kNone;
  }
  if (!tree_.is(tuple, Kind::kArray) || tree_.at(tuple).first == kNone) tuple = kNone;
  if (!tree_.is(items, Kind::kObject)) items = kNone;
  if (tuple != kNone && rules_.json_schema) {
    tree_.set(now.node, "prefixItems", tuple);
    for (Id id = tree_.at(tuple).first; id != kNone; id = tree_.at(id).next)
      task(id, now);
  } else if (tuple != kNone) {
    lose(Keyword::kPrefixItems);
    if (items != kNone) tree_.append(tuple, items);
    items = tree_.make(Kind::kObject);
    tree_.set(items, "anyOf", tuple);
  } else if (items == kNone) {
    items = tree_.make(Kind::kObject);
    if (!rules_.json_schema) tree_.set(items, "type", tree_.make_view("string"));
  }
  tree_.set(now.node, "items", items);
  task(items, now);
}

/// The stricter of an inclusive and an exclusive bound. `direction` is 1 for lower bounds.
SchemaCleaner::Bound SchemaCleaner::bound(const Rewrite& now, Keyword inclusive, Keyword exclusive,
                                          int direction) const {
  const auto read = [&](Id id) {
    if (!tree_.is(id, Kind::kNumber)) return Bound();
    return Bound{true, tree_.at(id).whole, tree_.at(id).integer, tree_.at(id).real};
  };
  Bound plain = read(now.at(inclusive));
  Bound beyond = read(now.at(exclusive));
  if (tree_.is_true(now.at(exclusive))) {  // Draft 4: it says how the other one is meant.
    beyond = plain;
    plain = Bound();
  }
  if (!beyond.set) return plain;
  if (now.types == kTypeInteger || now.types == (kTypeInteger | kTypeNull)) {
    const double value = beyond.value();
    if (std::fabs(value) < kExactMax) {
      const double edge = direction > 0 ? std::floor(value) + 1 : std::ceil(value) - 1;
      beyond.whole = true;
      beyond.integer = static_cast<int64_t>(edge);
    }
  }
  if (!plain.set) return beyond;
  const bool stricter =
      direction > 0 ? beyond.value() >= plain.value() : beyond.value() <= plain.value();
  return stricter ? beyond : plain;
}

void SchemaCleaner::write_bounds(Rewrite& now) {
  if ((now.types & (kTypeNumber | kTypeInteger)) == 0) return;
  const bool whole = (now.types & kTypeNumber) == 0;
  const auto write = [&](Keyword inclusive, Keyword exclusive, int direction, const char* sign) {
    const Id edge = now.at(exclusive);
    const Bound found = bound(now, inclusive, exclusive, direction);
    if (edge != kNone) lose(exclusive);
    if (tree_.is(edge, Kind::kNumber) && !whole) {
      std::string text;
      tree_.write(edge, text);
      now.remarks.push_back(sign + text);
    }
    if (!found.set) return;
    if (rules_.plain) return lose(inclusive);
    tree_.set(now.node, keyword_name(inclusive),
              found.whole ? tree_.make_integer(found.integer) : tree_.make_real(found.real));
  };
  write(Keyword::kMinimum, Keyword::kExclusiveMinimum, 1, "> ");
  write(Keyword::kMaximum, Keyword::kExclusiveMaximum, -1, "< ");
}

void SchemaCleaner::write_lengths(Rewrite& now) {
  const auto keep = [&](Keyword keyword, uint8_t type, bool by_older_form_only) {
    const Id value = now.at(keyword);
    if (value == kNone) return;
    const bool sound = tree_.is(value, Kind::kNumber) && tree_.at(value).whole &&
                       tree_.at(value).integer >= 0 && (now.types & type) != 0;
    if (sound && !rules_.plain && !(by_older_form_only && rules_.json_schema)) {
      tree_.set(now.node, keyword_name(keyword), value);
    } else if (sound) {
      remark(now, keyword);
    } else {
      lose(keyword);
    }
  };
  keep(Keyword::kMinItems, kTypeArray, false);
  keep(Keyword::kMaxItems, kTypeArray, false);
  keep(Keyword::kMinLength, kTypeString, true);
  keep(Keyword::kMaxLength, kTypeString, true);
  keep(Keyword::kMinProperties, kTypeObject, true);
  keep(Keyword::kMaxProperties, kTypeObject, true);
  const Id pattern = now.at(Keyword::kPattern);
  if (!tree_.is(pattern, Kind::kString)) return;
  if (!rules_.json_schema && !rules_.plain && (now.types & kTypeString) != 0) {
    tree_.set(now.node, "pattern", pattern);
  } else {
    remark(now, Keyword::kPattern);
  }
}

void SchemaCleaner::write_choice(Rewrite& now) {
  const Id choice = now.at(Keyword::kAnyOf);
  if (!tree_.is(choice, Kind::kArray)) return;
  if (rules_.json_schema && now.types != 0) write_type(now);
  if (!rules_.json_schema && now.nullable) {
    tree_.set(now.node, "nullable", tree_.make_bool(true));
  }
  tree_.set(now.node, "anyOf", choice);
  for (Id id = tree_.at(choice).first; id != kNone; id = tree_.at(id).next)
    task(id, now);
}

void SchemaCleaner::write_description(Rewrite& now) {
  Id description = now.at(Keyword::kDescription);
  if (!tree_.is(description, Kind::kString)) description = kNone;
  if (!now.remarks.empty()) {
    std::string text(tree_.text(description));
    text += text.empty() ? "(" : " (";
    for (size_t i = 0; i < now.remarks.size(); ++i)
      text += (i == 0 ? "" : "; ") + now.remarks[i];
    text += ')';
    description = tree_.make_string(std::move(text));
  } else if (tree_.is_empty_text(description)) {
    return;
  }
  const Id choice = tree_.find(now.node, "anyOf");
  Id place = now.node;
  if (!rules_.json_schema && choice != kNone) {
    place = tree_.at(choice).first;
    if (!tree_.is(place, Kind::kObject) || tree_.find(place, "description") != kNone) return;
  }
  tree_.set(place, "description", description);
}

}  // namespace tollgate::dialects::gemini_generate
