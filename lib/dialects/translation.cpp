#include "dialects/dialect.hpp"

namespace tollgate::dialects {

std::string Translation::make_id(std::string_view prefix) {
  constexpr std::string_view kDigits =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  Rng rng(mix64(id_seed) + ids_made++);
  std::string id(prefix);
  for (int i = 0; i < 24; ++i)
    id += kDigits[rng.below(kDigits.size())];
  return id;
}

std::string_view Translation::client_tool_name(std::string_view upstream) const {
  for (const auto& [client_name, upstream_name] : tool_names) {
    if (upstream_name == upstream) return client_name;
  }
  return upstream;
}

std::string_view Translation::upstream_tool_name(std::string_view client) const {
  for (const auto& [client_name, upstream_name] : tool_names) {
    if (client_name == client) return upstream_name;
  }
  return client;
}

Result<model::Request> Dialect::decode_request(std::string_view body) const {
  json::Document document;
  const Result<json::Value> parsed = document.parse(body);
  if (!parsed.ok()) {
    return Status(parsed.status().code(),
                  "The request body is not valid JSON: " + parsed.status().message());
  }
  return decode_parsed(parsed.value(), body);
}

std::optional<model::Lesson> Dialect::lesson(uint32_t /*status*/, std::string_view /*body*/) const {
  return std::nullopt;
}

std::optional<std::string> Dialect::answer_of_refusal(uint32_t /*status*/,
                                                      std::string_view /*body*/) const {
  return std::nullopt;
}

Result<int64_t> Dialect::decode_token_count(std::string_view /*body*/) const {
  return invalid("this dialect has no token counter");
}

bool Dialect::rename_model(std::string& /*data*/, std::string_view /*model*/) const {
  return false;
}

std::optional<std::pair<std::string, std::string>> Dialect::usage_wish(
    const model::Request& /*request*/, std::string_view /*body*/,
    const Translation& /*translation*/) const {
  return std::nullopt;
}

bool Dialect::is_wished_usage(std::string_view /*data*/) const {
  return false;
}

}  // namespace tollgate::dialects
