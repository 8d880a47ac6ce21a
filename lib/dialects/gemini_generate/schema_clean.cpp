#include "dialects/gemini_generate/schema_clean.hpp"

#include <algorithm>
#include <unordered_map>

namespace tollgate::dialects::gemini_generate {
namespace {

constexpr uint32_t kNoTrail = UINT32_MAX;
constexpr uint32_t kDepthMax = 16;
constexpr uint32_t kPlainDepthMax = 3;
constexpr size_t kTrailMax = 64;
constexpr size_t kPointerStepsMax = 32;

constexpr std::string_view kAnyObject = "{\"type\":\"object\"}";

/// A step of a JSON pointer in a fragment, unescaped.
std::string pointer_step(std::string_view step) {
  std::string out;
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 87 : -1;
  };
  for (size_t i = 0; i < step.size(); ++i) {
    if (step[i] == '~' && i + 1 < step.size() && (step[i + 1] == '0' || step[i + 1] == '1')) {
      out += step[++i] == '0' ? '~' : '/';
    } else if (step[i] == '%' && i + 2 < step.size() && digit(step[i + 1]) >= 0 &&
               digit(step[i + 2]) >= 0) {
      out += static_cast<char>(digit(step[i + 1]) * 16 + digit(step[i + 2]));
      i += 2;
    } else {
      out += step[i];
    }
  }
  return out;
}

json::Value child_of(json::Value value, const std::string& step) {
  if (value.is_object()) return value[step];
  size_t index = 0;
  for (const json::Value element : value.elements()) {
    if (std::to_string(index++) == step) return element;
    if (index > 1'000) break;
  }
  return json::Value();
}

}  // namespace

/// A function's parameters that need no more than the loss of "$schema" are copied member by
/// member.
bool SchemaCleaner::copy_untouched(json::Value top, std::string& out) {
  if (!rules_.json_schema || rules_.plain || !rules_.parameters) return false;
  if (top["type"].string_or("") != "object") return false;
  const size_t begin = out.size();
  uint64_t seen = 0;
  bool lost = false;
  out += '{';
  const json::Members members = top.members();
  for (auto at = members.begin(); at != members.end(); ++at) {
    const json::Member member = *at;
    const Keyword keyword = find_keyword(member.key);
    const uint64_t bit = uint64_t{1} << static_cast<unsigned>(keyword);
    const bool left_out = keyword == Keyword::kSchema;
    if ((seen & bit) != 0 || (!left_out && !is_untouched_member(top, member, pending_))) {
      out.resize(begin);
      return false;
    }
    seen |= bit;
    lost = lost || left_out;
    if (left_out) continue;
    if (out.size() > begin + 1) out += ',';
    out.append(at.key().raw()).append(1, ':').append(member.value.raw());
  }
  out += '}';
  if (lost) lose(Keyword::kSchema);
  return true;
}

bool SchemaCleaner::clean(std::string_view schema, std::string& out) {
  const Result<json::Value> parsed = document_.parse(schema);
  if (parsed.ok() && copy_untouched(parsed.value(), out)) return true;
  tree_.clear();
  tasks_.clear();
  trail_.clear();
  source_ = parsed.ok() ? parsed.value() : json::Value();
  const Id root = parsed.ok() ? tree_.copy(source_) : kNone;
  if (root == kNone) {
    cut_ = true;
    out += kAnyObject;
    return true;
  }
  tasks_.push_back({root, 0, kNoTrail});
  drain();
  if (tree_.full()) {
    // Half of a schema would forbid what the other half allows.
    cut_ = true;
    out += kAnyObject;
    return true;
  }
  if (rules_.parameters && !rules_.json_schema && tree_.find(root, "properties") == kNone) {
    return false;
  }
  tree_.write(root, out);
  return true;
}

void SchemaCleaner::note_losses(model::Losses& losses) const {
  for (size_t i = 0; i < kKeywordCount; ++i) {
    if ((lost_ >> i & 1U) == 0) continue;
    const auto keyword = static_cast<Keyword>(i);
    losses.add(model::LossKind::kDropped, "schema." + std::string(keyword_name(keyword)));
  }
  if (cut_) losses.add(model::LossKind::kDropped, "schema: circles or depth");
}

void SchemaCleaner::drain() {
  while (!tasks_.empty() && !tree_.full()) {
    const Task task = tasks_.back();
    tasks_.pop_back();
    clean_node(task);
  }
}

void SchemaCleaner::task(Id node, const Rewrite& rewrite) {
  if (node != kNone) tasks_.push_back({node, rewrite.depth + 1, rewrite.trail});
}

void SchemaCleaner::make_any_object(Id node) {
  cut_ = true;
  const Id description = tree_.find(node, "description");
  tree_.reset(node);
  tree_.set(node, "type", tree_.make_view("object"));
  if (tree_.is(description, Kind::kString)) {
    tree_.set(node, "description", tree_.make_view(tree_.text(description)));
  }
}

void SchemaCleaner::clean_node(const Task& task) {
  Task at = task;
  // What stands in for a schema (true, an empty one) says nothing.
  if (!tree_.is(at.node, Kind::kObject)) tree_.reset(at.node);
  // Each round takes a reference, an allOf or a choice of one out of the node.
  while (!tree_.full()) {
    if (!follow_references(at.node, at.trail)) return;
    if (merge_all_of(at.node, at.trail)) continue;
    if (settle_choice(at.node)) continue;
    break;
  }
  if (tree_.full()) return;
  if (at.depth == 0 && rules_.parameters) unite_choice_at_top(at.node, at.trail);
  if (at.depth >= (rules_.plain ? kPlainDepthMax : kDepthMax)) cut_below(at.node);
  rewrite(at);
}

/// Leaves an object or array whose inside is not described.
void SchemaCleaner::cut_below(Id node) {
  const bool typed = tree_.find(node, "type") != kNone;
  const bool object = tree_.find(node, "properties") != kNone;
  const bool array = tree_.find(node, "items") != kNone;
  const bool choice = tree_.find(node, "anyOf") != kNone;
  if (!object && !array && !choice) return;
  cut_ = true;
  for (const std::string_view key :
       {"properties", "required", "items", "prefixItems", "anyOf", "additionalProperties"}) {
    tree_.remove(node, key);
  }
  if (!typed && (object || array)) {
    tree_.set(node, "type", tree_.make_view(object ? "object" : "array"));
  }
}

/// Puts what is referred to in the place of the reference; false when that leads in a circle.
bool SchemaCleaner::follow_references(Id node, uint32_t& trail) {
  while (true) {
    const Id reference = tree_.find(node, "$ref");
    if (reference == kNone) return true;
    const std::string_view target = tree_.text(reference);
    size_t steps = 0;
    bool circle = false;
    for (uint32_t at = trail; at != kNoTrail && !circle; at = trail_[at].before) {
      circle = trail_[at].reference == target || ++steps > kTrailMax;
    }
    const json::Value found = circle ? json::Value() : referred(target);
    if (!found.exists()) {
      make_any_object(node);
      return true;
    }
    trail_.push_back({target, trail});
    trail = static_cast<uint32_t>(trail_.size() - 1);
    const Id copy = tree_.copy(found);
    if (copy == kNone) return false;
    tree_.remove(node, "$ref");
    // What stands beside the reference says more of this place than what is referred to.
    Id sibling = tree_.take_children(node);
    for (Id member = tree_.take_children(copy); member != kNone && found.is_object();) {
      const Id next = tree_.at(member).next;
      tree_.set(node, tree_.at(member).key, member);
      member = next;
    }
    while (sibling != kNone) {
      const Id next = tree_.at(sibling).next;
      tree_.set(node, tree_.at(sibling).key, sibling);
      sibling = next;
    }
  }
}

json::Value SchemaCleaner::referred(std::string_view reference) const {
  if (!reference.starts_with('#')) return json::Value();
  reference.remove_prefix(1);
  json::Value value = source_;
  for (size_t steps = 0; !reference.empty() && value.exists(); ++steps) {
    if (reference.front() != '/' || steps > kPointerStepsMax) return json::Value();
    reference.remove_prefix(1);
    const size_t end = std::min(reference.find('/'), reference.size());
    value = child_of(value, pointer_step(reference.substr(0, end)));
    reference.remove_prefix(end);
  }
  return value;
}

/// Merges the parts of allOf into the node; true when there was something to merge. The trail stays
/// the node's own: a part's reference must not look like a circle to the node's other members.
bool SchemaCleaner::merge_all_of(Id node, uint32_t trail) {
  const Id all_of = tree_.find(node, "allOf");
  if (all_of == kNone) return false;
  tree_.remove(node, "allOf");
  if (!tree_.is(all_of, Kind::kArray)) return true;
  std::vector<std::string_view> merged;
  for (Id part = tree_.take_children(all_of); part != kNone && !tree_.full();) {
    // A part may bring an allOf of its own: its parts come last.
    Id next = tree_.at(part).next;
    if (tree_.is(part, Kind::kObject)) {
      const std::string_view reference = tree_.text(tree_.find(part, "$ref"));
      const bool again =
          !reference.empty() && std::find(merged.begin(), merged.end(), reference) != merged.end();
      if (!reference.empty()) merged.push_back(reference);
      uint32_t part_trail = trail;
      if (again) {
        cut_ = true;
      } else if (!follow_references(part, part_trail)) {
        return true;
      } else {
        merge_into(node, part, all_of);
      }
    }
    if (next == kNone) next = tree_.take_children(all_of);
    part = next;
  }
  return true;
}

void SchemaCleaner::merge_into(Id node, Id from, Id all_of) {
  for (Id member = tree_.take_children(from); member != kNone;) {
    const Id next = tree_.at(member).next;
    const std::string_view key = tree_.at(member).key;
    const Id own = tree_.find(node, key);
    if (key == "properties" && tree_.is(own, Kind::kObject)) {
      merge_properties(own, member);
    } else if (key == "required" && tree_.is(own, Kind::kArray)) {
      for (Id name = tree_.take_children(member); name != kNone;) {
        const Id after = tree_.at(name).next;
        tree_.append(own, name);
        name = after;
      }
    } else if (key == "allOf") {
      for (Id part = tree_.take_children(member); part != kNone;) {
        const Id after = tree_.at(part).next;
        tree_.append(all_of, part);
        part = after;
      }
    } else if ((key == "description" || key == "anyOf" || key == "oneOf") && own != kNone) {
      if (key != "description") lose(Keyword::kAllOf);
    } else {
      tree_.set(node, key, member);
    }
    member = next;
  }
}

void SchemaCleaner::merge_properties(Id node, Id from) {
  // Schemas with thousands of properties must not take the square of that.
  std::unordered_map<std::string_view, bool> known;
  for (Id id = tree_.at(node).first; id != kNone; id = tree_.at(id).next)
    known.emplace(tree_.at(id).key, true);
  for (Id member = tree_.take_children(from); member != kNone;) {
    const Id next = tree_.at(member).next;
    if (known.emplace(tree_.at(member).key, true).second) {
      tree_.append(node, member);
    } else {
      tree_.set(node, tree_.at(member).key, member);
    }
    member = next;
  }
}

bool SchemaCleaner::is_null_schema(Id node) const {
  const Id type = tree_.find(node, "type");
  if (tree_.text(type) == "null") return true;
  const Id only = tree_.find(node, "const");
  return type == kNone && tree_.is(only, Kind::kNull);
}

/// oneOf becomes anyOf, and a choice of one becomes that one; true when the node changed so much
/// that it must be looked at again.
bool SchemaCleaner::settle_choice(Id node) {
  const Id one_of = tree_.find(node, "oneOf");
  if (one_of != kNone) {
    tree_.remove(node, "oneOf");
    if (tree_.find(node, "anyOf") == kNone) {
      tree_.set(node, "anyOf", one_of);
    } else {
      lose(Keyword::kOneOf);
    }
  }
  const Id choice = tree_.find(node, "anyOf");
  if (choice == kNone) return false;
  bool nullable = false;
  size_t left = 0;
  Id only = kNone;
  Id next = kNone;
  Id part = tree_.is(choice, Kind::kArray) ? tree_.take_children(choice) : kNone;
  for (; part != kNone; part = next) {
    next = tree_.at(part).next;
    // The older form has a word of its own for null.
    if (!rules_.json_schema && is_null_schema(part)) {
      nullable = true;
      continue;
    }
    tree_.append(choice, part);
    only = part;
    ++left;
  }
  if (nullable) tree_.set(node, "nullable", tree_.make_bool(true));
  if (left > 1) return false;
  tree_.remove(node, "anyOf");
  if (left == 0 || !tree_.is(only, Kind::kObject)) return true;
  // The one that is left describes the place; the node's own words stay.
  for (Id member = tree_.take_children(only); member != kNone; member = next) {
    next = tree_.at(member).next;
    if (tree_.find(node, tree_.at(member).key) == kNone) {
      tree_.set(node, tree_.at(member).key, member);
    }
  }
  return true;
}

/// A function's parameters are one object: of several shapes it becomes the union.
void SchemaCleaner::unite_choice_at_top(Id node, uint32_t trail) {
  const Id choice = tree_.find(node, "anyOf");
  if (choice != kNone) {
    lose(Keyword::kAnyOf);
    tree_.remove(node, "anyOf");
    Id properties = tree_.find(node, "properties");
    if (properties == kNone) {
      properties = tree_.make(Kind::kObject);
      tree_.set(node, "properties", properties);
    }
    for (Id part = tree_.take_children(choice); part != kNone;) {
      const Id next = tree_.at(part).next;
      uint32_t its_trail = trail;
      if (tree_.is(part, Kind::kObject)) {
        if (!follow_references(part, its_trail)) return;
        merge_all_of(part, its_trail);
        const Id more = tree_.find(part, "properties");
        if (tree_.is(more, Kind::kObject) && tree_.is(properties, Kind::kObject)) {
          merge_properties(properties, more);
        }
      }
      part = next;
    }
  }
  tree_.set(node, "type", tree_.make_view("object"));
}

}  // namespace tollgate::dialects::gemini_generate
