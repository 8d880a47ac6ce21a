#include "providers/anthropic/provider.hpp"

#include <optional>
#include <string>
#include <vector>

#include "dialects/anthropic_messages/dialect.hpp"
#include "providers/anthropic/messages_headers.hpp"
#include "providers/anthropic/messages_lessons.hpp"
#include "wire/url.hpp"

namespace tollgate::providers {
namespace {

Status add_credential(const CallContext& context, wire::Headers& headers) {
  const Account& account = context.endpoint.account;
  switch (account.auth) {
    case AuthKind::kApiKey:
      return headers.add("x-api-key", account.credential.reveal());
    case AuthKind::kBearer:
      return headers.add("authorization", "Bearer " + std::string(account.credential.reveal()));
    case AuthKind::kNone:
      return Status();
    case AuthKind::kClientPassThrough:
      break;
    default:
      return Status(Code::kInternal, "the account " + account.name + " has no key of this kind");
  }
  const auto own = context.client_headers.get("authorization");
  if (!context.client_authorization_is_its_own || !own) {
    return invalid("The account " + account.name +
                   " holds no key of its own: it passes your own login on. Send the gateway "
                   "credential in the header x-tollgate-api-key (for Claude Code through "
                   "ANTHROPIC_CUSTOM_HEADERS) and keep Authorization for your login.");
  }
  return headers.add("authorization", *own);
}

class AnthropicProvider final : public Provider {
 public:
  std::string_view type() const override { return "anthropic"; }
  const dialects::Dialect& dialect(const Endpoint& /*endpoint*/) const override {
    return dialects::anthropic_messages::dialect();
  }

  Status prepare(const CallContext& context, UpstreamRequest& out) const override {
    const bool counting = context.operation == dialects::Operation::kCountTokens;
    out.url = wire::join_url(context.endpoint.account.base_url,
                             counting ? "/v1/messages/count_tokens" : "/v1/messages");
    if (context.same_dialect && !context.client_query.empty()) {
      out.url.reserve(out.url.size() + 1 + context.client_query.size());
      out.url += '?';
      out.url += context.client_query;
    }
    if (Status status = add_messages_headers(context, out.headers); !status.ok()) return status;
    return add_credential(context, out.headers);
  }

  Status edit_body(const CallContext& context, std::string_view body,
                   std::vector<MemberEdit>& edits, model::Losses& losses) const override {
    if (Status status = Provider::edit_body(context, body, edits, losses); !status.ok()) {
      return status;
    }
    follow_messages_lessons(context.endpoint.lessons, body, edits, losses);
    return Status();
  }
  std::optional<model::Lesson> lesson(const Endpoint& /*endpoint*/, uint32_t status,
                                      std::string_view body) const override {
    return messages_lesson(status, body);
  }

  bool passes_answer_header(const Account& account, std::string_view name) const override {
    return passes_messages_header(account, name);
  }
};

}  // namespace

const Provider& anthropic_provider() {
  static const AnthropicProvider provider;
  return provider;
}

}  // namespace tollgate::providers
