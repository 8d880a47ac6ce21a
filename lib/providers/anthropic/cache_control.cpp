#include "providers/anthropic/cache_control.hpp"

#include <optional>

#include "json/reader.hpp"
#include "json/scanner.hpp"
#include "json/walk.hpp"
#include "json/writer.hpp"

namespace tollgate::providers {
namespace {

constexpr std::string_view kCacheControl = "\"cache_control\"";

/// The object at the beginning of `text` with its type and ttl only; nothing when it has no more,
/// or is no mark.
std::optional<std::string> reduced(std::string_view text, size_t& size, model::Losses& losses) {
  json::Scanner scanner(text);
  scanner.skip_value();
  size = scanner.at();
  json::Document document;
  const Result<json::Value> parsed = document.parse(text.substr(0, size));
  // A property or an argument that happens to have the name is the client's own.
  if (!parsed.ok() || parsed.value()["type"].string_or("") != "ephemeral") return std::nullopt;
  std::string out;
  json::Writer writer(out);
  writer.begin_object();
  bool changed = false;
  for (json::MemberWalk walk(parsed.value(), text.substr(0, size)); walk.next();) {
    if (walk.key() == "type" || walk.key() == "ttl") {
      writer.raw_members(walk.whole());
      continue;
    }
    losses.add(model::LossKind::kDropped, "cache_control." + std::string(walk.key()));
    changed = true;
  }
  writer.end_object();
  return changed ? std::optional<std::string>(std::move(out)) : std::nullopt;
}

}  // namespace

std::string plain_cache_control(std::string_view json_text, model::Losses& losses) {
  std::string out;
  size_t copied = 0;
  for (size_t at = 0; (at = json_text.find(kCacheControl, at)) != std::string_view::npos;) {
    at += kCacheControl.size();
    // Inside a string the quote would have a backslash before it, so this is a key or a value.
    json::Scanner scanner(json_text.substr(at));
    scanner.skip_space();
    if (scanner.peek() != ':') continue;
    scanner.step();
    scanner.skip_space();
    if (scanner.peek() != '{') continue;
    at += scanner.at();
    size_t size = 0;
    const std::optional<std::string> plain = reduced(json_text.substr(at), size, losses);
    if (plain) {
      out.append(json_text.substr(copied, at - copied)).append(*plain);
      copied = at + size;
    }
    at += size;
  }
  if (copied > 0) out.append(json_text.substr(copied));
  return out;
}

}  // namespace tollgate::providers
