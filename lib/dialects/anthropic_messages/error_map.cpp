#include <algorithm>

#include "dialects/anthropic_messages/answer_splice.hpp"
#include "dialects/anthropic_messages/names.hpp"
#include "dialects/anthropic_messages/parts.hpp"
#include "dialects/retry_after.hpp"

namespace tollgate::dialects::anthropic_messages {
namespace {

constexpr size_t kPlainTextMax = 500;
constexpr size_t kHtmlTitleMax = 100;

/// A text on one line, cut at a character's border.
std::string one_line(std::string_view text, size_t bytes_max) {
  std::string out;
  for (const char c : text) {
    const bool space = static_cast<unsigned char>(c) <= ' ';
    if (space && (out.empty() || out.back() == ' ')) continue;
    out += space ? ' ' : c;
    if (out.size() > bytes_max + 4) break;
  }
  while (!out.empty() && out.back() == ' ')
    out.pop_back();
  if (out.size() <= bytes_max) return out;
  size_t size = bytes_max;
  while (size > 0 && (static_cast<unsigned char>(out[size]) & 0xC0U) == 0x80U)
    --size;
  out.resize(size);
  return out + "…";
}

/// What stands between <title> and </title>, if it is plain text.
std::string html_title(std::string_view html) {
  constexpr std::string_view kOpen = "<title>";
  const auto same = [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); };
  const auto open = std::search(html.begin(), html.end(), kOpen.begin(), kOpen.end(),
                                [&](char text, char pattern) { return same(pattern, text); });
  if (open == html.end()) return {};
  std::string_view rest(open + kOpen.size(), html.end());
  return one_line(rest.substr(0, rest.find('<')), kHtmlTitleMax);
}

std::string describe(uint32_t status, std::string_view body) {
  const std::string answered = "The upstream answered " + std::to_string(status);
  const size_t begin = body.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (begin == std::string_view::npos) return answered + " without a body";
  body.remove_prefix(begin);
  if (body.front() == '<') {
    const std::string title = html_title(body);
    return answered + " with an HTML page" + (title.empty() ? "" : " (" + title + ")");
  }
  if (body.front() == '{' || body.front() == '[') {
    return answered + " with JSON that tells no error";
  }
  return answered + ": " + one_line(body, kPlainTextMax);
}

/// Other servers in front of a model leave the envelope away or name its parts differently.
std::string_view message_of(json::Value root) {
  for (const json::Value value : {root["error"]["message"], root["message"], root["error"],
                                  root["detail"], root["Message"]}) {
    const std::string_view text = value.string_or("");
    if (!text.empty()) return text;
  }
  return {};
}

void read_retry_headers(const wire::Headers& headers, model::Failure& failure) {
  failure.retry_after_s = retry_after_seconds(headers, {});
  const std::string_view retry = headers.get("x-should-retry").value_or("");
  if (retry == "true") failure.should_retry = true;
  if (retry == "false") failure.should_retry = false;
}

}  // namespace

model::Failure decode_error(uint32_t status, const wire::Headers& headers, std::string_view body) {
  model::Failure failure;
  failure.status = status;
  failure.kind = kind_of_status(status);
  json::Document document;
  const Result<json::Value> parsed = document.parse(body);
  if (parsed.ok()) {
    const json::Value root = parsed.value();
    failure = read_error(root["error"], status);
    failure.message = message_of(root);
  }
  if (failure.message.empty()) failure.message = describe(status, body);
  read_retry_headers(headers, failure);
  return failure;
}

void encode_error(const model::Failure& failure, std::string_view request_id, std::string& out) {
  json::Writer writer(out);
  writer.begin_object().member("type", "error");
  writer.key("error").begin_object();
  writer.member("type", error_type(failure)).member("message", failure.message).end_object();
  if (!request_id.empty()) writer.member("request_id", request_id);
  writer.end_object();
}

}  // namespace tollgate::dialects::anthropic_messages
