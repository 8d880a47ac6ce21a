#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "config/configuration.hpp"
#include "dialects/dialect.hpp"
#include "exchange/environment.hpp"
#include "identity/issuer.hpp"
#include "identity/jwt.hpp"
#include "model/failure.hpp"
#include "model/principal.hpp"
#include "wire/headers.hpp"

namespace tollgate::exchange {

/// What the client wants of us, read off method and path.
enum class Operation : uint8_t {
  kMessages,
  kCountTokens,
  kModels,
  kModel,     ///< One of them; its id is in ClientRequest::model_id.
  kUsage,     ///< Where the caller's budgets stand.
  kFeedback,  ///< What a person thought of an answer.
  kHello,     ///< Reachability probes: HEAD /, GET /, /api/hello.
  kHealth,
  kCheckUpstreams,
  kReady,
  kMetrics,
  kUnknownPath,
  kWrongMethod
};

/// Reads method and path; `model_id` receives the id of kModel, percent-decoded, and `dialect` what
/// is spoken at that path, where it is known.
Operation detect_operation(std::string_view method, std::string_view path, std::string& model_id,
                           const dialects::Dialect*& dialect);
/// Undoes %XX; what is no such escape stays as it is.
std::string percent_decode(std::string_view text);
/// As the record names it.
std::string_view operation_name(Operation operation);
/// True where the caller must say who it is.
bool needs_principal(Operation operation);

/// The head of a client's request, and what its headers ask for.
struct ClientRequest {
  Operation operation = Operation::kUnknownPath;
  const dialects::Dialect* dialect = nullptr;  ///< What the client speaks, by its path.
  std::string method;
  std::string path;
  std::string query;
  std::string model_id;
  wire::Headers headers;

  const model::Principal* principal = nullptr;  ///< Who calls; null for probes.
  std::string token_prefix;                     ///< How the gateway token begins, where known.
  /// A token of an identity provider that is still to be checked: `principal` is null until then.
  std::optional<identity::Jwt> token;
  const identity::Issuer* issuer = nullptr;       ///< Of `token`; the configuration's.
  std::optional<model::Principal> own_principal;  ///< Whom such a token named.
  /// The gateway credential came in a header of its own, and Authorization holds none of ours: it
  /// belongs to the client.
  bool credential_has_own_header = false;
  model::Metadata metadata;  ///< Of the request's header, then the account's tags over it.
  std::string extra_betas;
  bool keep_bodies = false;
  std::string session_id;
  std::string agent_id;
  std::string parent_agent_id;
  std::optional<uint64_t> content_length;
  uint64_t attempt_timeout_ns = 0;      ///< Of each call of an upstream; 0: none asked for.
  uint64_t first_token_timeout_ns = 0;  ///< Of each stream's first content; 0: none asked for.
};

/// Fills in a request from its head. A failure is the refusal for the client.
std::optional<model::Failure> read_head(std::string_view method, std::string_view target,
                                        ClientRequest& request);

/// Finds out who calls. A failure is the 401 for the client.
std::optional<model::Failure> identify(const config::Configuration& configuration, Time now,
                                       ClientRequest& request);

/// Reads metadata, logging, timeout and beta headers, under both spellings (x-tollgate-, x-tfy-).
std::optional<model::Failure> read_wishes(const config::Configuration& configuration,
                                          DocumentPool& documents, ClientRequest& request);

}  // namespace tollgate::exchange
