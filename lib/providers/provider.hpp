#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tollgate/abi.h"

#include "base/status.hpp"
#include "base/time.hpp"
#include "dialects/dialect.hpp"
#include "model/loss.hpp"
#include "providers/account.hpp"
#include "router/catalog.hpp"
#include "wire/headers.hpp"

namespace tollgate::providers {

/// One call to an upstream, short of its body.
struct UpstreamRequest {
  std::string method = "POST";
  std::string url;
  wire::Headers headers;
};

/// One model of an account, as a call names it: what can decide dialect, path and options.
struct Endpoint {
  const Account& account;
  const router::Integration& integration;
  std::string_view model_id;
  const model::Lessons* lessons = nullptr;  ///< What its upstream taught; null: nothing yet.
};

/// How an upstream wraps the events of a stream.
enum class Framing : uint8_t {
  kSse,
  kAwsEvents,  ///< vnd.amazon.eventstream: ":event-type" and a JSON payload.
  kAwsChunks,  ///< The same with {"bytes": base64 of the event's JSON}, as InvokeModel has it.
  kJsonArray   ///< One JSON array in pieces: what Google answers where SSE was not heeded.
};

/// A change of a same-dialect body at depth 1: `value` (raw JSON) in place of the member `key`, or
/// beside the others where there is none. Without a value the member goes.
struct MemberEdit {
  std::string key;
  std::optional<std::string> value;
};

/// What a provider needs to know to address one call.
struct CallContext {
  const Endpoint& endpoint;
  dialects::Operation operation = dialects::Operation::kGenerate;
  const wire::Headers& client_headers;
  std::string_view client_query;
  std::string_view extra_betas;      ///< Comma list of x-tollgate-anthropic-beta.
  std::string_view session_id = {};  ///< Of the conversation; empty when unknown.
  bool stream = false;
  bool same_dialect = false;  ///< The client speaks the provider's dialect.
  /// The gateway credential came in a header of its own, so Authorization is the client's.
  bool client_authorization_is_its_own = false;
  std::string_view token;  ///< What the auxiliary call fetched; empty when there is none.
  /// The body as it will go out, for signatures over it.
  const tg_bytes* body_spans = nullptr;
  uint32_t body_span_count = 0;
  Time now;
};

/// A call of the gateway itself that must come first (an access token). Shared by all exchanges
/// that need the same key.
struct AuxiliaryCall {
  UpstreamRequest request;
  std::string body;
  uint32_t step = 0;      ///< Which of its calls this is, where a provider needs several.
  bool is_local = false;  ///< A service of the machine itself: no proxy stands before it.
};

/// The answer to such a call.
struct AuxiliaryAnswer {
  const Account& account;
  const AuxiliaryCall& call;
  uint32_t status;
  std::string_view body;
  Time now;
};

/// What an auxiliary call brought: a value, or another call on the way to it.
struct AuxiliaryValue {
  std::string value;
  uint64_t expires_mono_ns = kNoDeadline;
  /// When a newer one is asked for; until it comes, and where it does not, this one serves.
  uint64_t renew_mono_ns = kNoDeadline;
  std::optional<AuxiliaryCall> next = {};
};

/// A value that lives so long (10 seconds to a day): renewed five minutes before it ends, or after
/// half of a short life.
AuxiliaryValue lasting(std::string value, int64_t life_s, Time now);

/// Who serves a dialect: where, with which credential and headers. Stateless and shared.
class Provider {
 public:
  virtual ~Provider() = default;
  /// The part of the account's type behind "provider-account/".
  virtual std::string_view type() const = 0;
  /// What this endpoint speaks; most providers speak one dialect only.
  virtual const dialects::Dialect& dialect(const Endpoint& endpoint) const = 0;
  virtual Framing framing(const Endpoint& endpoint) const;
  /// How this endpoint's server differs from others of its dialect.
  virtual model::UpstreamTraits traits(const Endpoint& endpoint) const;
  /// What a body of the same dialect needs besides passing through: the model's name at least.
  /// `body` is that body, an object of valid JSON; what this upstream does not take and loses is
  /// noted. Called before prepare(), with a context that has no body yet.
  virtual Status edit_body(const CallContext& context, std::string_view body,
                           std::vector<MemberEdit>& edits, model::Losses& losses) const;
  /// Whether a call to count tokens can be made here; else the gateway estimates.
  virtual bool counts_tokens(const Endpoint& endpoint) const;

  /// Fills in method, URL and headers. kInvalid with a sentence for the client when the call cannot
  /// be addressed (the account holds no key and the client brought none).
  virtual Status prepare(const CallContext& context, UpstreamRequest& out) const = 0;

  /// Reads this upstream's error answer; most say no more than their dialect.
  virtual model::Failure decode_error(const Endpoint& endpoint, uint32_t status,
                                      const wire::Headers& headers, std::string_view body) const;
  /// What a 400 teaches of this endpoint, for edit_body (through Endpoint::lessons) as well.
  virtual std::optional<model::Lesson> lesson(const Endpoint& endpoint, uint32_t status,
                                              std::string_view body) const;
  /// Whether an answer says that the fetched credential is not good: it is fetched anew, once.
  virtual bool refuses_credential(uint32_t status, const wire::Headers& headers,
                                  std::string_view body) const;
  /// What a refused signature teaches of the upstream's clock, for prepare() as well: nothing where
  /// the clocks agree.
  virtual std::optional<model::Lesson> clock_lesson(const Endpoint& endpoint, uint32_t status,
                                                    const wire::Headers& headers,
                                                    std::string_view body, Time now) const;
  /// Reads the answer of this upstream's token counter.
  virtual Result<int64_t> decode_token_count(const Endpoint& endpoint, std::string_view body) const;
  /// An exception frame of a kAwsChunks stream as an event of its dialect: the data of "error".
  virtual std::string error_event(std::string_view type, std::string_view payload) const;

  /// Whether an answer's header may reach the client.
  virtual bool passes_answer_header(const Account& account, std::string_view name) const = 0;

  /// The key of the call whose result prepare() needs as CallContext::token; empty for most
  /// accounts. Asked for every request, so it must be cheap.
  virtual std::string auxiliary_key(const Account& account) const;
  /// That call, when it has to be made.
  virtual Result<AuxiliaryCall> auxiliary(const Account& account, Time now) const;
  virtual Result<AuxiliaryValue> read_auxiliary(const AuxiliaryAnswer& answer) const;
};

/// What is known of the model a call names, with what the configuration says of it.
model::ModelFacts facts_of(const Endpoint& endpoint);

/// The provider of an account type, or null. All of them are listed in all_providers.cpp.
const Provider* find_provider(std::string_view type);

}  // namespace tollgate::providers
