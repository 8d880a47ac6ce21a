#include <string>

#include "fuzz/check.hpp"
#include "json/position.hpp"
#include "json/reader.hpp"
#include "json/splice.hpp"

// The parser and the fault finder agree; every member the parser sees, the splice scanner finds at
// the same value; every string is written so that it reads back.

namespace {

using tollgate::fuzz::check;
using tollgate::json::Document;
using tollgate::json::find_fault;
using tollgate::json::find_span;
using tollgate::json::Member;
using tollgate::json::Value;

void check_member(std::string_view text, const Member& member, Value first) {
  const auto span = find_span(text, {member.key});
  check(span.has_value());
  check(span->offset + span->size <= text.size());
  static Document document;
  const auto again = document.parse(text.substr(span->offset, span->size));
  check(again.ok());
  check(again.value().kind() == first.kind());
  check(again.value().size() == first.size());
  check(again.value().string() == first.string());
  check(again.value().integer() == first.integer());
}

void check_string(std::string_view value) {
  std::string out;
  tollgate::json::append_string(out, value);
  static Document document;
  const auto again = document.parse(out);
  check(again.ok());
  check(again.value().string() == value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = tollgate::fuzz::text_of(data, size);
  static Document document;
  const auto result = document.parse(text);
  const auto fault = find_fault(text);
  check(result.ok() == fault.what.empty());
  if (!result.ok()) {
    check(fault.offset <= size);
    check(result.status().code() ==
          (fault.too_deep ? tollgate::Code::kLimit : tollgate::Code::kInvalid));
    // Not valid, yet the scanner must stay inside it.
    const auto span = find_span(text, {"model"});
    if (span) check(span->offset + span->size <= size);
    return 0;
  }
  const Value root = result.value();
  if (root.string()) check_string(*root.string());
  size_t members = 0;
  for (const Member member : root.members()) {
    // Each is searched from the beginning, so a text of many members would take quadratic time.
    if (++members > 16) break;
    check_member(text, member, root[member.key]);
    check_string(member.key);
  }
  return 0;
}
