#include "json/walk.hpp"

namespace tollgate::json {

namespace {

/// Where the container begins in `text`, which holds the same bytes as the text it was parsed from.
size_t begin_of(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \n\r\t");
  return begin == std::string_view::npos ? text.size() : begin;
}

}  // namespace

MemberWalk::MemberWalk(Value object, std::string_view text)
    : text_(text.substr(begin_of(text))),
      container_(object.raw().data()),
      members_(object.members()),
      at_(members_.begin()) {}

bool MemberWalk::next() {
  if (at_ == members_.end()) return false;
  if (begun_) ++at_;
  begun_ = true;
  if (at_ == members_.end()) return false;
  member_ = *at_;
  key_at_ = static_cast<size_t>(at_.key().raw().data() - container_);
  const std::string_view value = member_.value.raw();
  value_at_ = static_cast<size_t>(value.data() - container_);
  end_ = value_at_ + value.size();
  return end_ <= text_.size();
}

ElementWalk::ElementWalk(Value array, std::string_view text)
    : text_(text.substr(begin_of(text))),
      container_(array.raw().data()),
      elements_(array.elements()),
      at_(elements_.begin()) {}

bool ElementWalk::next() {
  if (at_ == elements_.end()) return false;
  if (begun_) ++at_;
  begun_ = true;
  if (at_ == elements_.end()) return false;
  value_ = *at_;
  const std::string_view value = value_.raw();
  value_at_ = static_cast<size_t>(value.data() - container_);
  end_ = value_at_ + value.size();
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
