#include "dialects/anthropic_messages/dialect.hpp"
#include "dialects/anthropic_messages/request_peek.hpp"
#include "fuzz/check.hpp"

// A request is peeked at and decoded. What is peeked stands where it is said to stand, and what is
// decoded survives its own encoding.

namespace {

using namespace tollgate;
using tollgate::fuzz::check;

void peek(std::string_view body, dialects::Operation operation) {
  std::string padded(body);
  padded.resize(body.size() + json::kPadding, '"');
  json::Document document;
  const auto peeked = dialects::anthropic_messages::peek_request(
      document, std::string_view(padded).substr(0, body.size()), operation);
  if (!peeked.ok()) {
    check(!peeked.status().message().empty());
    return;
  }
  const json::Span span = peeked.value().model;
  check(span.offset + span.size <= body.size());
  const auto name = document.parse(body.substr(span.offset, span.size));
  check(name.ok() && name.value().string() == peeked.value().facts.model);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view body = fuzz::text_of(data, size);
  peek(body, dialects::Operation::kGenerate);
  peek(body, dialects::Operation::kCountTokens);
  const dialects::Dialect& dialect = dialects::anthropic_messages::dialect();
  const auto request = dialect.decode_request(body);
  if (!request.ok()) return 0;
  dialects::Translation translation;
  std::string first;
  check(dialect.encode_request(request.value(), translation, first).ok());
  // Once written by us, the text is a fixed point.
  const auto again = dialect.decode_request(first);
  check(again.ok());
  std::string second;
  check(dialect.encode_request(again.value(), translation, second).ok());
  check(second == first);
  return 0;
}
