#include "dialects/aws_chunk.hpp"

#include <cstddef>
#include <optional>
#include <utility>

#include "base/base64.hpp"
#include "json/reader.hpp"
#include "json/scanner.hpp"
#include "json/splice.hpp"

namespace tollgate::dialects {
namespace {

constexpr std::string_view kMetrics = "amazon-bedrock-invocationMetrics";

/// Removes `key` from the object at depth 1, with the comma that parts it from the others.
void remove_member(std::string& object, std::string_view key) {
  json::Scanner scanner(object);
  scanner.skip_space();
  if (scanner.peek() != '{') return;
  scanner.step();
  size_t comma = std::string::npos;
  for (;;) {
    scanner.skip_space();
    const size_t begin = scanner.at();
    if (scanner.peek() != '"') return;
    const json::Span name = scanner.take_string();
    const bool found =
        name.size >= 2 && std::string_view(object).substr(name.offset + 1, name.size - 2) == key;
    scanner.skip_space();
    if (scanner.peek() != ':') return;
    scanner.step();
    scanner.skip_space();
    scanner.skip_value();
    size_t end = scanner.at();
    scanner.skip_space();
    const bool more = scanner.peek() == ',';
    if (found) {
      if (comma == std::string::npos && more) end = scanner.at() + 1;
      const size_t from = comma == std::string::npos ? begin : comma;
      object.erase(from, end - from);
      return;
    }
    if (!more) return;
    comma = scanner.at();
    scanner.step();
  }
}

}  // namespace

Result<std::string> aws_chunk_payload(std::string_view payload) {
  const std::optional<json::Span> span = json::find_span(payload, {"bytes"});
  std::optional<std::string> event;
  if (span && span->size >= 2 && payload[span->offset] == '"') {
    std::string_view text = payload.substr(span->offset + 1, span->size - 2);
    json::Document document;
    if (text.find('\\') != std::string_view::npos) {  // A slash may be escaped.
      const Result<json::Value> whole = document.parse(payload);
      text = whole.ok() ? whole.value()["bytes"].string_or({}) : std::string_view();
    }
    event = base64_decode(text);
  }
  if (!event || event->empty()) {
    return invalid("a chunk of the event stream holds no event");
  }
  if (event->find(kMetrics) != std::string::npos) remove_member(*event, kMetrics);
  return std::move(*event);
}

}  // namespace tollgate::dialects
