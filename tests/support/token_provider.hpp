#pragma once

#include <string>
#include <string_view>

#include "dialects/anthropic_messages/dialect.hpp"
#include "providers/provider.hpp"

namespace tollgate::test {

/// A provider that needs a token from a service of its own first.
class TokenProvider final : public providers::Provider {
 public:
  std::string_view type() const override { return "token-test"; }
  const dialects::Dialect& dialect(const providers::Endpoint& /*endpoint*/) const override {
    return dialects::anthropic_messages::dialect();
  }
  Status prepare(const providers::CallContext& context,
                 providers::UpstreamRequest& out) const override {
    out.url = context.endpoint.account.base_url;
    return out.headers.add("authorization", "Bearer " + std::string(context.token));
  }
  bool passes_answer_header(const providers::Account& /*account*/,
                            std::string_view /*name*/) const override {
    return false;
  }
  std::string auxiliary_key(const providers::Account& account) const override {
    return "token:" + account.name;
  }
  Result<providers::AuxiliaryCall> auxiliary(const providers::Account& /*account*/,
                                             Time /*now*/) const override {
    providers::AuxiliaryCall call;
    call.request.url = "http://127.0.0.1:9/token";
    call.body = "grant";
    return call;
  }
  Result<providers::AuxiliaryValue> read_auxiliary(
      const providers::AuxiliaryAnswer& answer) const override {
    if (answer.status != 200) return invalid("status " + std::to_string(answer.status));
    return providers::lasting(std::string(answer.body), 3'600, answer.now);
  }
};

}  // namespace tollgate::test
