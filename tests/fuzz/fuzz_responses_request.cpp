#include "dialects/openai_responses/dialect.hpp"
#include "fuzz/check.hpp"
#include "json/reader.hpp"

// What a client of Responses may send is read or refused; what is read can be written again, as
// JSON, and read once more.

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tollgate;
  using tollgate::fuzz::check;
  const dialects::Dialect& dialect = dialects::openai_responses::dialect();
  const auto request = dialect.decode_request(fuzz::text_of(data, size));
  if (!request.ok()) return 0;
  dialects::Translation translation;
  std::string out;
  if (!dialect.encode_request(request.value(), translation, out).ok()) return 0;
  json::Document document;
  check(document.parse(out).ok());
  check(dialect.decode_request(out).ok());
  return 0;
}
