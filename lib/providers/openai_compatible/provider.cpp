#include "providers/openai_compatible/provider.hpp"

#include <algorithm>
#include <vector>

#include "providers/openai_compatible/calls.hpp"
#include "providers/openai_compatible/rows.hpp"
#include "wire/url.hpp"

namespace tollgate::providers {
namespace {

using openai_calls::Api;

/// Session ids are the client's, and may hold anything.
bool is_plain_id(std::string_view id) {
  constexpr size_t kIdBytesMax = 128;
  return !id.empty() && id.size() <= kIdBytesMax && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

constexpr std::string_view kVersionPath = "/v1";

/// vLLM counts what its template makes of a conversation, llama.cpp a text.
bool has_tokenizer(const Account& account) {
  return account.server == "vllm" || account.server == "vllm-openai" ||
         account.server == "llama-cpp";
}

class CompatibleProvider final : public Provider {
 public:
  explicit CompatibleProvider(const CompatibleRow& row) : row_(row) {}

  std::string_view type() const override { return row_.type; }

  const dialects::Dialect& dialect(const Endpoint& endpoint) const override {
    return openai_calls::dialect_of(api_of(endpoint));
  }

  model::UpstreamTraits traits(const Endpoint& endpoint) const override {
    if (!endpoint.account.server.empty()) return server_traits(endpoint.account.server);
    model::UpstreamTraits traits = row_.traits;
    if (row_.prefers_responses) openai_calls::add_model_traits(endpoint, traits);
    return traits;
  }

  bool counts_tokens(const Endpoint& endpoint) const override {
    if (api_of(endpoint) == Api::kChat) {
      return has_tokenizer(endpoint.account) || !row_.text_counter.empty();
    }
    return row_.counts_tokens;
  }

  Status prepare(const CallContext& context, UpstreamRequest& out) const override {
    const Endpoint& endpoint = context.endpoint;
    const Api api = api_of(endpoint);
    const bool counting = context.operation == dialects::Operation::kCountTokens;
    if (counting && api == Api::kChat && !row_.text_counter.empty()) {
      out.url = wire::join_url(endpoint.account.base_url, row_.text_counter);
    } else if (counting && api == Api::kChat) {
      // It stands beside "/v1", not under it.
      std::string_view base = endpoint.account.base_url;
      if (base.ends_with(kVersionPath)) base.remove_suffix(kVersionPath.size());
      out.url = wire::join_url(base, "/tokenize");
    } else {
      out.url =
          wire::join_url(endpoint.account.base_url, openai_calls::path_of(api, context.operation));
    }
    if (Status status = openai_calls::add_headers(context, out.headers); !status.ok())
      return status;
    if (!row_.session_header.empty() && is_plain_id(context.session_id)) {
      if (Status status = out.headers.add(row_.session_header, context.session_id); !status.ok())
        return status;
    }
    return openai_calls::add_credential(context, {}, out.headers);
  }

  bool passes_answer_header(const Account& /*account*/, std::string_view name) const override {
    return openai_calls::passes_answer_header(name);
  }

 private:
  Api api_of(const Endpoint& endpoint) const {
    if (!row_.responses) return Api::kChat;
    return openai_calls::choose_api(endpoint,
                                    row_.prefers_responses ? Api::kResponses : Api::kChat);
  }

  const CompatibleRow& row_;
};

std::vector<CompatibleProvider> all() {
  std::vector<CompatibleProvider> providers;
  for (const CompatibleRow& row : compatible_rows())
    providers.emplace_back(row);
  return providers;
}

}  // namespace

const Provider* find_compatible_provider(std::string_view type) {
  static const std::vector<CompatibleProvider> known = all();
  for (const CompatibleProvider& provider : known) {
    if (provider.type() == type) return &provider;
  }
  return nullptr;
}

}  // namespace tollgate::providers
