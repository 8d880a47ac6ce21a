#include <algorithm>

#include "dialects/bedrock_converse/dialect.hpp"
#include "dialects/bedrock_converse/error_map.hpp"
#include "fuzz/check.hpp"

// Whatever Bedrock answers for an error becomes a failure with words and a status of an error.

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tollgate;
  using tollgate::fuzz::check;
  if (size < 2) return 0;
  const uint32_t status = 400U + data[0];
  wire::Headers headers;
  const size_t type_size = std::min<size_t>(data[1] % 64, size - 2);
  const std::string_view type = fuzz::text_of(data + 2, type_size);
  const std::string_view body = fuzz::text_of(data + 2 + type_size, size - 2 - type_size);
  const bool typed = headers.add("x-amzn-errortype", type).ok();
  const dialects::Dialect& dialect = dialects::bedrock_converse::dialect();
  const model::Failure of_head =
      dialect.decode_error(status, typed ? headers : wire::Headers(), body);
  const model::Failure in_stream = dialects::bedrock_converse::exception_failure(type, body);
  for (const model::Failure& failure : {of_head, in_stream}) {
    check(!failure.message.empty());
    check(failure.status >= 400 && failure.status < 600);
    check(failure.retry_after_s.value_or(0) >= 0);
  }
  const auto lesson = dialect.lesson(400, body);
  check(!lesson || lesson->value.size() < 200);
  return 0;
}
