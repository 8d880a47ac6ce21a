#include <utility>

#include "dialects/anthropic_messages/blocks.hpp"
#include "dialects/anthropic_messages/names.hpp"
#include "dialects/anthropic_messages/parts.hpp"
#include "dialects/anthropic_messages/usage_rest.hpp"
#include "json/walk.hpp"

namespace tollgate::dialects::anthropic_messages {
namespace {

using model::Response;

/// Takes what the model has a place for; false: the member stays raw.
bool take_member(const json::MemberWalk& member, Response& response, Status& status) {
  const std::string_view key = member.key();
  const json::Value value = member.value();
  if (key == "id" && value.is_string()) {
    response.id = value.string_or("");
  } else if (key == "model" && value.is_string()) {
    response.model = value.string_or("");
  } else if (key == "content" && value.is_array()) {
    response.content.clear();
    status = decode_blocks(value, member.text(), response.content);
  } else if (key == "stop_reason" && (value.is_string() || value.is_null())) {
    read_stop_reason(value, response.stop_reason, response.stop_reason_name);
  } else if (key == "stop_sequence" && (value.is_string() || value.is_null())) {
    response.has_stop_sequence = value.is_string();
    response.stop_sequence = value.string_or("");
  } else if (key == "stop_details") {
    response.stop_details = member.text();
  } else if (key == "usage" && value.is_object()) {
    model::merge(response.usage, read_usage_whole(value, member.text()));
    response.usage_rest = usage_rest(value, member.text(), patch_of(response.usage));
  } else {
    return is_message_member(key);
  }
  return true;
}

}  // namespace

Result<Response> decode_response(std::string_view body) {
  json::Document document;
  const Result<json::Value> parsed = document.parse(body);
  if (!parsed.ok()) {
    return Status(parsed.status().code(),
                  "the upstream's answer is not valid JSON: " + parsed.status().message());
  }
  const json::Value root = parsed.value();
  if (root["type"].string_or("") != "message" || !root["content"].is_array()) {
    return invalid("the upstream's answer is not a message");
  }
  Response response;
  for (json::MemberWalk walk(root, body); walk.next();) {
    Status status;
    if (!take_member(walk, response, status)) json::append_member(response.rest, walk.whole());
    if (status.ok()) continue;
    const Status full = at_path(walk.key(), status);
    return Status(full.code(), "the upstream's answer: " + full.path() + ": " + full.message(),
                  full.path());
  }
  return response;
}

}  // namespace tollgate::dialects::anthropic_messages
