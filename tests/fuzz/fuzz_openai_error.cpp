#include "dialects/openai_chat/dialect.hpp"
#include "dialects/openai_responses/dialect.hpp"
#include "fuzz/check.hpp"
#include "json/reader.hpp"

// Whatever a service of the OpenAI family answers for an error becomes a failure with words.

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tollgate;
  using tollgate::fuzz::check;
  if (size < 1) return 0;
  const uint32_t status = 400U + data[0];
  const std::string_view body = fuzz::text_of(data + 1, size - 1);
  for (const dialects::Dialect* dialect :
       {&dialects::openai_chat::dialect(), &dialects::openai_responses::dialect()}) {
    const model::Failure failure = dialect->decode_error(status, {}, body);
    check(failure.status >= 400 && failure.status < 600);
    check(!failure.message.empty());
    check(failure.retry_after_s.value_or(0) >= 0);
    static_cast<void>(dialect->lesson(status, body));
    std::string out;
    dialect->encode_error(failure, "", out);
    json::Document document;
    check(document.parse(out).ok());
    out.clear();
    dialect->encode_stream_error(failure, "req_1", out);
    check(out.ends_with("\n\n"));
  }
  return 0;
}
