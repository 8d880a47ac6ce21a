#pragma once

#include <string>
#include <string_view>

#include "json/reader.hpp"
#include "json/splice.hpp"

namespace tollgate::json {

/// Walks an object and the text it was parsed from side by side: typed reading where a member is
/// known, its raw text where it is not. The raw texts are parts of the text given here, which may
/// live longer than the document.
class MemberWalk {
 public:
  /// `text` begins with the object the value was parsed from; white space may stand before it.
  MemberWalk(Value object, std::string_view text);

  /// Steps to the first or next member; false when there is none.
  bool next();

  std::string_view key() const { return member_.key; }  ///< Unescaped.
  Value value() const { return member_.value; }
  std::string_view text() const { return text_.substr(value_at_, end_ - value_at_); }
  /// Key and value as they stand in the text.
  std::string_view whole() const { return text_.substr(key_at_, end_ - key_at_); }

 private:
  std::string_view text_;
  const char* container_;  ///< Where it begins in the text that was parsed.
  Members members_;
  Members::Iterator at_;
  Member member_;
  bool begun_ = false;
  size_t key_at_ = 0;
  size_t value_at_ = 0;
  size_t end_ = 0;
};

/// The same for the elements of an array.
class ElementWalk {
 public:
  ElementWalk(Value array, std::string_view text);

  bool next();

  Value value() const { return value_; }
  std::string_view text() const { return text_.substr(value_at_, end_ - value_at_); }

 private:
  std::string_view text_;
  const char* container_;  ///< Where it begins in the text that was parsed.
  Elements elements_;
  Elements::Iterator at_;
  Value value_;
  bool begun_ = false;
  size_t value_at_ = 0;
  size_t end_ = 0;
};

/// Adds a member's text to raw members without braces.
void append_member(std::string& members, std::string_view whole);

/// Raw members with those of `later` put in; where both have a key, the later one counts.
std::string merged_members(std::string_view earlier, std::string_view later);

}  // namespace tollgate::json
