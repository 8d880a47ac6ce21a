#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.hpp"
#include "base/time.hpp"
#include "dialects/dialect.hpp"
#include "providers/account.hpp"
#include "wire/headers.hpp"

namespace tollgate::providers {

/// One call to an upstream, short of its body.
struct UpstreamRequest {
  std::string method = "POST";
  std::string url;
  wire::Headers headers;
};

/// What a provider needs to know to address one call.
struct CallContext {
  const Account& account;
  dialects::Operation operation = dialects::Operation::kGenerate;
  const wire::Headers& client_headers;
  std::string_view client_query;
  std::string_view model_id;
  std::string_view extra_betas;  ///< Comma list of x-tollgate-anthropic-beta.
  bool stream = false;
  bool same_dialect = false;  ///< The client speaks the provider's dialect.
  /// The gateway credential came in a header of its own, so Authorization is the client's.
  bool client_authorization_is_its_own = false;
  std::string_view token;  ///< What auxiliary() fetched; empty when there is none.
};

/// A call of the gateway itself that must come first (an access token). Shared by all exchanges
/// that need the same key.
struct AuxiliaryCall {
  std::string key;
  UpstreamRequest request;
  std::string body;
};

/// What an auxiliary call brought.
struct AuxiliaryValue {
  std::string value;
  uint64_t expires_mono_ns = kNoDeadline;
};

/// Who serves a dialect: where, with which credential and headers. Stateless and shared.
class Provider {
 public:
  virtual ~Provider() = default;
  /// The part of the account's type behind "provider-account/".
  virtual std::string_view type() const = 0;
  virtual const dialects::Dialect& dialect() const = 0;

  /// Fills in method, URL and headers. kInvalid with a sentence for the client when the call cannot
  /// be addressed (the account holds no key and the client brought none).
  virtual Status prepare(const CallContext& context, UpstreamRequest& out) const = 0;

  /// Whether an answer's header may reach the client.
  virtual bool passes_answer_header(const Account& account, std::string_view name) const = 0;

  /// The call whose result prepare() needs as CallContext::token; none for most accounts.
  virtual std::optional<AuxiliaryCall> auxiliary(const Account& account, Time now) const;
  virtual Result<AuxiliaryValue> read_auxiliary(uint32_t status, std::string_view body,
                                                Time now) const;
};

/// The provider of an account type, or null. All of them are listed in all_providers.cpp.
const Provider* find_provider(std::string_view type);

}  // namespace tollgate::providers
