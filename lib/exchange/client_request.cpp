#include "exchange/client_request.hpp"

#include <array>
#include <charconv>

#include "base/ascii.hpp"
#include "dialects/anthropic_messages/dialect.hpp"
#include "dialects/openai_chat/dialect.hpp"
#include "dialects/openai_responses/dialect.hpp"
#include "exchange/failures.hpp"
#include "wire/url.hpp"

namespace tollgate::exchange {
namespace {

constexpr size_t kDateBytes = 10;

struct Route {
  std::string_view path;
  std::string_view method;
  Operation operation;
  const dialects::Dialect& (*dialect)() = dialects::anthropic_messages::dialect;
};

// "/v1" is cut off before the look-up, once or twice: base URLs that end in it are common.
// clang-format off
constexpr Route kRoutes[] = {
    {"/messages", "POST", Operation::kMessages},
    {"/messages/count_tokens", "POST", Operation::kCountTokens},
    {"/responses", "POST", Operation::kMessages, dialects::openai_responses::dialect},
    {"/chat/completions", "POST", Operation::kMessages, dialects::openai_chat::dialect},
    {"/models", "GET", Operation::kModels},
    {"/usage/me", "GET", Operation::kUsage},
    {"/api/svc/v1/llm-gateway/budgets/my-usage", "GET", Operation::kUsage},
    {"/feedback", "POST", Operation::kFeedback},
    {"/", "HEAD", Operation::kHello},
    {"/", "GET", Operation::kHello},
    {"", "HEAD", Operation::kHello},
    {"", "GET", Operation::kHello},
    {"/api/hello", "HEAD", Operation::kHello},
    {"/api/hello", "GET", Operation::kHello},
    {"/healthz", "GET", Operation::kHealth},
    {"/healthz", "HEAD", Operation::kHealth},
    {"/healthz/upstreams", "GET", Operation::kCheckUpstreams},
    {"/readyz", "GET", Operation::kReady},
    {"/readyz", "HEAD", Operation::kReady},
    {"/metrics", "GET", Operation::kMetrics},
};
// clang-format on

constexpr std::string_view kModelPrefix = "/models/";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = ascii::lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

model::Failure not_authenticated(std::string message) {
  model::Failure failure;
  failure.kind = model::FailureKind::kAuthentication;
  failure.status = 401;
  failure.message = std::move(message);
  failure.should_retry = false;
  return failure;
}

std::string_view bearer_token(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (!ascii::starts_with_ignore_case(authorization, kScheme)) return {};
  return ascii::trim(authorization.substr(kScheme.size()));
}

/// A set-up that sends the gateway token twice: what stands in Authorization must not go upstream.
bool holds_our_token(const config::Configuration& configuration, const wire::Headers& headers,
                     Time now) {
  const std::string_view value = headers.get("authorization").value_or("");
  for (const std::string_view token : {bearer_token(value), ascii::trim(value)}) {
    if (token.empty()) continue;
    if (configuration.directory.authenticate(token, now).verdict != identity::Verdict::kUnknown) {
      return true;
    }
  }
  return false;
}

/// Fills in `token` and `issuer` when the credential is a token of a known identity provider.
bool find_issuer(const config::Configuration& configuration, std::string_view credential,
                 ClientRequest& request) {
  if (configuration.issuers.empty() || !identity::looks_like_jwt(credential)) return false;
  Result<identity::Jwt> token = identity::parse_jwt(credential);
  if (!token.ok()) return false;
  for (const identity::Issuer& issuer : configuration.issuers) {
    if (issuer.issuer != token.value().issuer) continue;
    request.issuer = &issuer;
    request.token = std::move(token.value());
    return true;
  }
  return false;
}

std::optional<uint64_t> content_length(const wire::Headers& headers) {
  const auto text = headers.get("content-length");
  uint64_t value = 0;
  if (!text) return std::nullopt;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc{} || end != text->data() + text->size()) return std::nullopt;
  return value;
}

/// Anthropic's clients send their version with everything, OpenAI's know no such header.
bool is_openai_client(const wire::Headers& headers) {
  return !headers.has("anthropic-version") && !headers.has("x-api-key");
}

}  // namespace

std::string percent_decode(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high >= 0 && low >= 0) {
        out.push_back(static_cast<char>(high * 16 + low));
        i += 2;
        continue;
      }
    }
    out.push_back(text[i]);
  }
  return out;
}

Operation detect_operation(std::string_view method, std::string_view path, std::string& model_id,
                           const dialects::Dialect*& dialect) {
  for (int times = 0; times < 2; ++times) {
    if (path == "/v1" || path.starts_with("/v1/")) path.remove_prefix(3);
  }
  if (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  bool path_known = false;
  for (const Route& route : kRoutes) {
    if (route.path != path) continue;
    dialect = &route.dialect();
    if (route.method == method) return route.operation;
    path_known = true;
  }
  if (path.starts_with(kModelPrefix) && path.size() > kModelPrefix.size()) {
    if (method != "GET") return Operation::kWrongMethod;
    model_id = percent_decode(path.substr(kModelPrefix.size()));
    return Operation::kModel;
  }
  return path_known ? Operation::kWrongMethod : Operation::kUnknownPath;
}

std::string_view operation_name(Operation operation) {
  switch (operation) {
    case Operation::kMessages:
      return "messages";
    case Operation::kCountTokens:
      return "count_tokens";
    case Operation::kFeedback:
      return "feedback";
    case Operation::kModels:
    case Operation::kModel:
      return "models";
    case Operation::kUsage:
      return "usage";
    default:
      return "other";
  }
}

bool needs_principal(Operation operation) {
  return operation == Operation::kMessages || operation == Operation::kCountTokens ||
         operation == Operation::kModels || operation == Operation::kModel ||
         operation == Operation::kUsage || operation == Operation::kFeedback;
}

std::optional<model::Failure> read_head(std::string_view method, std::string_view target,
                                        ClientRequest& request) {
  request.method = method.substr(0, 32);
  if (target.size() > limits::kHeadBytesMax) {
    model::Failure failure = invalid_request("The request target is longer than 64 KiB.");
    failure.status = 414;
    return failure;
  }
  const Result<wire::Target> parsed = wire::parse_target(target);
  if (!parsed.ok())
    return invalid_request("The request target is not valid: " + parsed.status().message());
  request.path = parsed.value().path;
  request.query = parsed.value().query;
  request.operation = detect_operation(method, request.path, request.model_id, request.dialect);
  const bool about_models =
      request.operation == Operation::kModels || request.operation == Operation::kModel;
  if (about_models && is_openai_client(request.headers)) {
    request.dialect = &dialects::openai_chat::dialect();
  }
  request.content_length = content_length(request.headers);
  request.session_id = request.headers.get("x-claude-code-session-id").value_or("");
  request.agent_id = request.headers.get("x-claude-code-agent-id").value_or("");
  request.parent_agent_id = request.headers.get("x-claude-code-parent-agent-id").value_or("");
  const auto encoding = request.headers.get("content-encoding");
  if (encoding && !ascii::equals_ignore_case(*encoding, "identity")) {
    return invalid_request(
        "This gateway takes request bodies without content-encoding only; send the "
        "JSON uncompressed.");
  }
  return std::nullopt;
}

std::optional<model::Failure> identify(const config::Configuration& configuration, Time now,
                                       ClientRequest& request) {
  struct Credential {
    std::string_view token;
    bool own_header;
  };
  std::array<Credential, 2> credentials{};
  size_t count = 0;
  for (const std::string_view name : {"x-tollgate-api-key", "x-tfy-api-key"}) {
    if (const auto value = request.headers.get(name); value && count == 0) {
      credentials[count++] = {ascii::trim(*value), true};
      request.credential_has_own_header = true;
    }
  }
  if (count == 0) {
    if (const auto value = request.headers.get("authorization")) {
      const std::string_view token = bearer_token(*value);
      if (!token.empty()) credentials[count++] = {token, false};
    }
    if (const auto value = request.headers.get("x-api-key")) {
      credentials[count++] = {ascii::trim(*value), false};
    }
  }
  if (count == 0) {
    return not_authenticated(
        "No gateway credential was sent. Set ANTHROPIC_AUTH_TOKEN to your gateway token (it goes "
        "into Authorization: Bearer), or send it in x-tollgate-api-key.");
  }
  std::optional<int64_t> expired_ms;
  for (size_t i = 0; i < count; ++i) {
    const identity::Authentication found =
        configuration.directory.authenticate(credentials[i].token, now);
    if (found.verdict != identity::Verdict::kUnknown) request.token_prefix = found.token_prefix;
    if (found.verdict == identity::Verdict::kAccepted) {
      request.principal = found.principal;
      if (credentials[i].own_header && holds_our_token(configuration, request.headers, now)) {
        request.credential_has_own_header = false;
      }
      return std::nullopt;
    }
    if (found.verdict == identity::Verdict::kExpired) expired_ms = found.expired_ms;
  }
  for (size_t i = 0; i < count; ++i) {
    if (find_issuer(configuration, credentials[i].token, request)) return std::nullopt;
  }
  if (expired_ms) {
    const std::string which =
        request.token_prefix.empty() ? "" : " that begins with " + request.token_prefix;
    return not_authenticated("The gateway token" + which + " expired on " +
                             format_rfc3339(*expired_ms).substr(0, kDateBytes) +
                             ". Ask your gateway administrator for a new one.");
  }
  return not_authenticated(
      "The gateway does not know this credential. Check ANTHROPIC_AUTH_TOKEN (or the header that "
      "carries your gateway token), or ask your gateway administrator for a token.");
}

}  // namespace tollgate::exchange
