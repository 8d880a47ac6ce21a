#include "json/walk.hpp"

namespace tollgate::json {

MemberWalk::MemberWalk(Value object, std::string_view text)
    : text_(text), scanner_(text), members_(object.members()), at_(members_.begin()) {}

bool MemberWalk::next() {
  if (at_ == members_.end()) return false;
  // The parser has seen this text: before a key stands the brace or a comma, behind it the colon.
  scanner_.skip_space();
  scanner_.step();
  scanner_.skip_space();
  if (begun_) ++at_;
  begun_ = true;
  if (at_ == members_.end()) return false;
  key_at_ = scanner_.at();
  scanner_.take_string();
  scanner_.skip_space();
  scanner_.step();
  scanner_.skip_space();
  value_at_ = scanner_.at();
  scanner_.skip_value();
  end_ = scanner_.at();
  member_ = *at_;
  return end_ <= text_.size();
}

ElementWalk::ElementWalk(Value array, std::string_view text)
    : text_(text), scanner_(text), elements_(array.elements()), at_(elements_.begin()) {}

bool ElementWalk::next() {
  if (at_ == elements_.end()) return false;
  scanner_.skip_space();
  scanner_.step();
  scanner_.skip_space();
  if (begun_) ++at_;
  begun_ = true;
  if (at_ == elements_.end()) return false;
  value_at_ = scanner_.at();
  scanner_.skip_value();
  end_ = scanner_.at();
  value_ = *at_;
  return end_ <= text_.size();
}

void append_member(std::string& members, std::string_view whole) {
  if (!members.empty()) members += ',';
  members += whole;
}

std::string merged_members(std::string_view earlier, std::string_view later) {
  if (earlier.empty()) return std::string(later);
  if (later.empty()) return std::string(earlier);
  Document earlier_document;
  Document later_document;
  const std::string earlier_text = "{" + std::string(earlier) + "}";
  const std::string later_text = "{" + std::string(later) + "}";
  const Result<Value> old_object = earlier_document.parse(earlier_text);
  const Result<Value> new_object = later_document.parse(later_text);
  if (!old_object.ok()) return std::string(later);
  if (!new_object.ok()) return std::string(earlier);
  std::string merged;
  for (MemberWalk walk(old_object.value(), earlier_text); walk.next();) {
    if (!new_object.value()[walk.key()].exists()) append_member(merged, walk.whole());
  }
  append_member(merged, later);
  return merged;
}

}  // namespace tollgate::json
