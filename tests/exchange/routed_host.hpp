#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "json/reader.hpp"
#include "support/fake_host.hpp"

// Exchanges of a model "coding" whose routing a test writes down.
namespace tollgate::test {

inline constexpr std::string_view kCodingStream =
    R"({"model":"coding","max_tokens":100,"messages":[{"role":"user","content":"hi"}],"stream":true})";
inline constexpr std::string_view kCodingWhole =
    R"({"model":"coding","max_tokens":100,"messages":[{"role":"user","content":"hi"}]})";
inline constexpr std::string_view kMessageStart =
    "event: message_start\n"
    R"(data: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"x","content":[],"usage":{"input_tokens":10,"output_tokens":1,"cache_read_input_tokens":4000}}})"
    "\n\n";
inline constexpr std::string_view kMessageRest =
    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0}\n\n"
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
    "event: message_delta\ndata: "
    "{\"type\":\"message_delta\",\"delta\":{},\"usage\":{\"output_tokens\":5}}\n\n"
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
inline constexpr std::string_view kMessageWhole =
    R"({"id":"m","type":"message","role":"assistant","model":"x","content":[],"usage":{"input_tokens":1,"output_tokens":1}})";
inline constexpr std::string_view kOverloaded =
    R"({"type":"error","error":{"type":"overloaded_error","message":"o"}})";

/// Three accounts a, b and c with one model each, and "coding" in front of them.
inline std::shared_ptr<gateway::Gateway> routed_gateway(std::string_view routing) {
  std::string text;
  for (const char* name : {"one", "two", "six"}) {
    text += "type: provider-account/anthropic\nname: " + std::string(name) +
            "\nbase_url: http://127.0.0.1:9101\nauth_data: {type: api-key, api_key: sk-" +
            std::string(name) + "}\nintegrations: [{name: m, model_id: m-" + std::string(name) +
            "}]\n---\n";
  }
  text +=
      "type: provider-account/anthropic\nname: own\nbase_url: http://127.0.0.1:9102\n"
      "integrations: [{name: m, model_id: m-own}, {name: n, model_id: n-own}]\n---\n"
      "type: user\nname: dev@corp.example\ntokens: [{env: TOKEN_1}]\n---\n"
      "type: virtual-account\nname: ci-bot\ntags: {environment: ci}\n"
      "tokens: [{env: TOKEN_2}]\n---\n"
      "name: coding\nrouting_config:\n" +
      std::string(routing);
  return make_gateway(text);
}

/// An error answer of the open call.
inline void answer_error(FakeHost& host, uint32_t status, HeaderList headers = {},
                         std::string_view body = kOverloaded) {
  headers.emplace_back("content-type", "application/json");
  host.upstream_head(status, headers);
  host.upstream_body(body);
  host.upstream_end();
}

inline void answer_well(FakeHost& host, bool stream) {
  if (stream) {
    host.stream(std::string(kMessageStart) + std::string(kMessageRest));
    return;
  }
  host.upstream_head(200, {{"content-type", "application/json"}});
  host.upstream_body(kMessageWhole);
  host.upstream_end();
}

/// Whose key the call carries: "one", "two"…
inline std::string account_of(const SeenCall& call) {
  const std::string key = call.header("x-api-key");
  return key.starts_with("sk-") ? key.substr(3) : key;
}

}  // namespace tollgate::test
