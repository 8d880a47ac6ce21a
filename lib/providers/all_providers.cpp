#include <algorithm>
#include <array>
#include <utility>

#include "json/splice.hpp"
#include "providers/anthropic/provider.hpp"
#include "providers/aws_bedrock/provider.hpp"
#include "providers/azure_foundry/provider.hpp"
#include "providers/azure_openai/provider.hpp"
#include "providers/google_gemini/provider.hpp"
#include "providers/google_vertex/provider.hpp"
#include "providers/openai_compatible/provider.hpp"
#include "providers/provider.hpp"

namespace tollgate::providers {

Framing Provider::framing(const Endpoint& /*endpoint*/) const {
  return Framing::kSse;
}

model::UpstreamTraits Provider::traits(const Endpoint& /*endpoint*/) const {
  return {};
}

Status Provider::edit_body(const CallContext& context, std::string_view /*body*/,
                           std::vector<MemberEdit>& edits, model::Losses& /*losses*/) const {
  std::string model;
  json::append_string(model, context.endpoint.model_id);
  edits.push_back({"model", std::move(model)});
  return Status();
}

std::string Provider::error_event(std::string_view /*type*/, std::string_view payload) const {
  return std::string(payload);
}

bool Provider::counts_tokens(const Endpoint& endpoint) const {
  return dialect(endpoint).counts_tokens();
}

model::Failure Provider::decode_error(const Endpoint& endpoint, uint32_t status,
                                      const wire::Headers& headers, std::string_view body) const {
  return dialect(endpoint).decode_error(status, headers, body);
}

std::optional<model::Lesson> Provider::lesson(const Endpoint& endpoint, uint32_t status,
                                              std::string_view body) const {
  return dialect(endpoint).lesson(status, body);
}

std::optional<model::Lesson> Provider::clock_lesson(const Endpoint& /*endpoint*/,
                                                    uint32_t /*status*/,
                                                    const wire::Headers& /*headers*/,
                                                    std::string_view /*body*/, Time /*now*/) const {
  return std::nullopt;
}

Result<int64_t> Provider::decode_token_count(const Endpoint& endpoint,
                                             std::string_view body) const {
  return dialect(endpoint).decode_token_count(body);
}

bool Provider::refuses_credential(uint32_t status, const wire::Headers& /*headers*/,
                                  std::string_view /*body*/) const {
  return status == 401;
}

std::string Provider::auxiliary_key(const Account& /*account*/) const {
  return {};
}

Result<AuxiliaryCall> Provider::auxiliary(const Account& /*account*/, Time /*now*/) const {
  return Status(Code::kInternal, "this provider makes no auxiliary calls");
}

Result<AuxiliaryValue> Provider::read_auxiliary(const AuxiliaryAnswer& /*answer*/) const {
  return Status(Code::kInternal, "this provider makes no auxiliary calls");
}

AuxiliaryValue lasting(std::string value, int64_t life_s, Time now) {
  constexpr int64_t kEarlyS = 300;
  constexpr int64_t kShortestS = 10;  // Who fetched it must be able to use it.
  constexpr int64_t kLongestS = 86'400;
  const int64_t life = std::clamp(life_s, kShortestS, kLongestS);
  const int64_t used = life > 2 * kEarlyS ? life - kEarlyS : life / 2;
  AuxiliaryValue out;
  out.value = std::move(value);
  out.expires_mono_ns = deadline_after(now.mono_ns, static_cast<uint64_t>(life) * kSecond);
  out.renew_mono_ns = deadline_after(now.mono_ns, static_cast<uint64_t>(used) * kSecond);
  return out;
}

model::ModelFacts facts_of(const Endpoint& endpoint) {
  if (!endpoint.integration.is_wildcard()) return endpoint.integration.facts;
  model::ModelFacts facts = model::known_facts(endpoint.account.type, endpoint.model_id);
  model::apply(endpoint.integration.said, facts);
  return facts;
}

const Provider* find_provider(std::string_view type) {
  const std::array all = {
      &anthropic_provider(),     &aws_bedrock_provider(),  &google_gemini_provider(),
      &google_vertex_provider(), &azure_openai_provider(), &azure_foundry_provider(),
  };
  for (const Provider* provider : all) {
    if (provider->type() == type) return provider;
  }
  return find_compatible_provider(type);
}

}  // namespace tollgate::providers
