#include <algorithm>

#include "dialects/anthropic_messages/dialect.hpp"
#include "fuzz/check.hpp"
#include "json/reader.hpp"

// Whatever an upstream answers for an error becomes a failure with words, written as valid JSON.

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tollgate;
  using tollgate::fuzz::check;
  if (size < 2) return 0;
  const uint32_t status = 400U + data[0];
  wire::Headers headers;
  const size_t header_size = std::min<size_t>(data[1] % 32, size - 2);
  for (const char* name : {"retry-after", "retry-after-ms", "x-should-retry"}) {
    if (!headers.add(name, fuzz::text_of(data + 2, header_size)).ok()) break;
  }
  const std::string_view body = fuzz::text_of(data + 2 + header_size, size - 2 - header_size);
  const dialects::Dialect& dialect = dialects::anthropic_messages::dialect();
  const model::Failure failure = dialect.decode_error(status, headers, body);
  check(failure.status == status);
  check(!failure.message.empty());
  check(failure.retry_after_s.value_or(0) >= 0);
  std::string out;
  dialect.encode_error(failure, "req_1", out);
  json::Document document;
  const auto parsed = document.parse(out);
  check(parsed.ok());
  check(parsed.value()["error"]["type"].is_string());
  std::string event;
  dialect.encode_stream_error(failure, "", event);
  check(event.ends_with("}\n\n"));
  check(event.find('\n') == event.find("\ndata: "));
  return 0;
}
