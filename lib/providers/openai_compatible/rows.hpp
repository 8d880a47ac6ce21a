#pragma once

#include <span>
#include <string_view>

#include "model/upstream_traits.hpp"

namespace tollgate::providers {

/// A provider that speaks a dialect of OpenAI's at a URL of its own, with a key in Authorization.
/// This row is all there is to it, the configuration's document type included.
struct CompatibleRow {
  std::string_view type;               ///< Behind "provider-account/".
  std::string_view base_url;           ///< Up to and with "/v1"; empty: the account must name it.
  bool responses = false;              ///< Serves Responses beside Chat.
  bool prefers_responses = false;      ///< Speaks it when nothing else is said.
  bool counts_tokens = false;          ///< Has /responses/input_tokens.
  std::string_view text_counter = {};  ///< Chat: the path of its counter of texts.
  bool needs_key = true;
  std::string_view session_header = {};  ///< Names the conversation, for its cache.
  model::UpstreamTraits traits = {};
};

std::span<const CompatibleRow> compatible_rows();

/// The row of a type, or null.
const CompatibleRow* find_compatible_row(std::string_view type);

/// What a self-hosted server of this kind takes: "vllm", "sglang", "llama-cpp", "lm-studio",
/// "ollama"; of any other name what all of them take.
model::UpstreamTraits server_traits(std::string_view server);
/// Those names, and the ones that other gateways' configurations have for them.
std::span<const std::string_view> server_names();

}  // namespace tollgate::providers
