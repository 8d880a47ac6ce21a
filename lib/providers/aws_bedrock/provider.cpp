#include "providers/aws_bedrock/provider.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string>
#include <utility>

#include "base/ascii.hpp"
#include "dialects/anthropic_messages/dialect.hpp"
#include "dialects/bedrock_converse/dialect.hpp"
#include "dialects/bedrock_converse/error_map.hpp"
#include "dialects/bedrock_converse/lessons.hpp"
#include "dialects/retry_after.hpp"
#include "model/claude_model.hpp"
#include "providers/anthropic/messages_lessons.hpp"
#include "providers/aws_bedrock/credentials.hpp"
#include "providers/aws_bedrock/invoke_body.hpp"
#include "providers/aws_bedrock/sigv4.hpp"
#include "wire/url.hpp"

namespace tollgate::providers {
namespace aws_bedrock {
namespace {

constexpr std::string_view kService = "bedrock";
constexpr std::string_view kArn = "arn:";

/// How AWS says that a signature is of another time. It refuses those that are five minutes off.
constexpr std::string_view kTimeErrors[] = {"InvalidSignatureException", "SignatureDoesNotMatch",
                                            "SignatureExpired", "RequestExpired",
                                            "RequestTimeTooSkewed"};
constexpr int64_t kSkewLeastS = 60;
constexpr int64_t kSkewMostS = 10LL * 366 * 86'400;

/// The part of an ARN with this number, from 0: "arn:aws:bedrock:REGION:…".
std::string_view arn_part(std::string_view arn, size_t number) {
  for (; number > 0; --number) {
    const size_t colon = arn.find(':');
    if (colon == std::string_view::npos) return {};
    arn.remove_prefix(colon + 1);
  }
  return arn.substr(0, arn.find(':'));
}

/// Claude speaks Anthropic Messages there, unless the configuration chose Converse.
bool invokes(const Endpoint& endpoint) {
  if (!endpoint.integration.api.empty()) return endpoint.integration.api == "invoke";
  return model::claude_model(endpoint.model_id).has_value();
}

std::string client_betas(const CallContext& context) {
  std::string betas =
      context.same_dialect ? context.client_headers.joined("anthropic-beta") : std::string();
  betas.append(",").append(context.extra_betas);
  for (const auto& [name, value] : context.endpoint.account.headers) {
    if (ascii::equals_ignore_case(name, "anthropic-beta")) betas.append(",").append(value);
  }
  return betas;
}

/// Whether its calls carry signatures, not a key.
bool signs(const Account& account) {
  return account.auth == AuthKind::kAwsKeys || account.auth == AuthKind::kAwsInstance ||
         account.auth == AuthKind::kAwsContainer || account.auth == AuthKind::kAwsWebIdentity;
}

std::string_view operation_path(const CallContext& context, bool invoke) {
  if (context.operation == dialects::Operation::kCountTokens) return "count-tokens";
  if (invoke) return context.stream ? "invoke-with-response-stream" : "invoke";
  return context.stream ? "converse-stream" : "converse";
}

class BedrockProvider final : public Provider {
 public:
  std::string_view type() const override { return "aws-bedrock"; }
  const dialects::Dialect& dialect(const Endpoint& endpoint) const override {
    return invokes(endpoint) ? dialects::anthropic_messages::dialect()
                             : dialects::bedrock_converse::dialect();
  }
  Framing framing(const Endpoint& endpoint) const override {
    return invokes(endpoint) ? Framing::kAwsChunks : Framing::kAwsEvents;
  }
  bool counts_tokens(const Endpoint& endpoint) const override {
    return model::claude_model(endpoint.model_id) && !base_model_id(endpoint.model_id).empty();
  }

  Status edit_body(const CallContext& context, std::string_view body,
                   std::vector<MemberEdit>& edits, model::Losses& losses) const override {
    static const model::Lessons none;
    const Endpoint& endpoint = context.endpoint;
    const std::string betas = client_betas(context);
    const InvokeWishes wishes{endpoint.model_id, betas,
                              endpoint.lessons != nullptr ? *endpoint.lessons : none};
    return context.operation == dialects::Operation::kCountTokens
               ? edit_count_body(wishes, body, edits, losses)
               : edit_invoke_body(wishes, body, edits, losses);
  }

  Status prepare(const CallContext& context, UpstreamRequest& out) const override;

  model::Failure decode_error(const Endpoint& /*endpoint*/, uint32_t status,
                              const wire::Headers& headers, std::string_view body) const override {
    return dialects::bedrock_converse::decode_error(status, headers, body);
  }
  std::optional<model::Lesson> lesson(const Endpoint& endpoint, uint32_t status,
                                      std::string_view body) const override {
    std::optional<model::Lesson> lesson =
        invokes(endpoint) ? messages_lesson(status, body) : std::nullopt;
    // What else Claude's servers refuse has names of its own here.
    if (lesson &&
        (lesson->kind == model::LessonKind::kDropReasoning || lesson->value == kSystemRoleLesson)) {
      return lesson;
    }
    lesson = dialects::bedrock_converse::read_lesson(status, body);
    // A conversation that passes as it came keeps its reasoning: its client leaves it out itself.
    if (lesson && invokes(endpoint) && lesson->kind == model::LessonKind::kDropReasoning) {
      return std::nullopt;
    }
    return lesson;
  }
  std::optional<model::Lesson> clock_lesson(const Endpoint& endpoint, uint32_t status,
                                            const wire::Headers& headers, std::string_view body,
                                            Time now) const override;
  bool refuses_credential(uint32_t status, const wire::Headers& headers,
                          std::string_view body) const override {
    return says_keys_are_bad(status, headers.get("x-amzn-errortype").value_or(""), body);
  }
  std::string auxiliary_key(const Account& account) const override {
    return credentials_key(account);
  }
  Result<AuxiliaryCall> auxiliary(const Account& account, Time now) const override {
    return credentials_call(account, now);
  }
  Result<AuxiliaryValue> read_auxiliary(const AuxiliaryAnswer& answer) const override {
    return read_credentials(answer);
  }
  Result<int64_t> decode_token_count(const Endpoint& /*endpoint*/,
                                     std::string_view body) const override {
    return dialects::bedrock_converse::dialect().decode_token_count(body);
  }
  std::string error_event(std::string_view type, std::string_view payload) const override {
    std::string event;
    dialects::anthropic_messages::dialect().encode_error(
        dialects::bedrock_converse::exception_failure(type, payload), {}, event);
    return event;
  }

  bool passes_answer_header(const Account& /*account*/, std::string_view name) const override {
    // The error's type stands in a header; nothing else of AWS's is the client's business.
    for (const std::string_view known :
         {"content-type", "retry-after", "x-amzn-requestid", "x-amzn-errortype"}) {
      if (ascii::equals_ignore_case(name, known)) return true;
    }
    return false;
  }
};

/// Seconds by which the upstream's clock was found to be ahead of this one.
int64_t known_skew_s(const Endpoint& endpoint) {
  if (endpoint.lessons == nullptr) return 0;
  const std::string* told = model::find_lesson(*endpoint.lessons, model::LessonKind::kClockSkew);
  int64_t skew_s = 0;
  if (told != nullptr) std::from_chars(told->data(), told->data() + told->size(), skew_s);
  return skew_s;
}

std::optional<model::Lesson> BedrockProvider::clock_lesson(const Endpoint& endpoint,
                                                           uint32_t status,
                                                           const wire::Headers& headers,
                                                           std::string_view body, Time now) const {
  if (!signs(endpoint.account) || (status != 400 && status != 403)) {
    return std::nullopt;
  }
  const std::string_view type = headers.get("x-amzn-errortype").value_or("");
  const bool about_the_time =
      std::any_of(std::begin(kTimeErrors), std::end(kTimeErrors), [&](std::string_view name) {
        return type.find(name) != std::string_view::npos ||
               body.find(name) != std::string_view::npos;
      });
  const auto date_ms = dialects::http_date(headers.get("date").value_or(""));
  if (!about_the_time || !date_ms) return std::nullopt;
  const int64_t skew_s = (*date_ms - now.wall_ms) / 1'000;
  // A key that is wrong is refused in the same words, whatever the clocks say.
  if (std::abs(skew_s - known_skew_s(endpoint)) < kSkewLeastS || std::abs(skew_s) > kSkewMostS) {
    return std::nullopt;
  }
  return model::Lesson{model::LessonKind::kClockSkew, std::to_string(skew_s)};
}

Status add_headers(const CallContext& context, wire::Headers& headers) {
  for (const auto& [name, value] : context.endpoint.account.headers) {
    if (ascii::equals_ignore_case(name, "anthropic-beta")) continue;  // It goes into the body.
    if (Status status = headers.add(name, value); !status.ok()) return status;
  }
  for (const auto& [name, value] :
       {std::pair<std::string_view, std::string_view>{"content-type", "application/json"},
        {"accept", "application/json"},
        {"accept-encoding", "identity"}}) {
    if (headers.has(name)) continue;
    if (Status status = headers.add(name, value); !status.ok()) return status;
  }
  return Status();
}

Status BedrockProvider::prepare(const CallContext& context, UpstreamRequest& out) const {
  const Endpoint& endpoint = context.endpoint;
  const Account& account = endpoint.account;
  const bool invoke = invokes(endpoint);
  const std::string_view region = region_of(account, endpoint.integration, endpoint.model_id);
  const bool counting = context.operation == dialects::Operation::kCountTokens;
  std::string path = "/model/";
  wire::append_percent_encoded(
      path, counting ? base_model_id(endpoint.model_id) : std::string(endpoint.model_id));
  path.append("/").append(operation_path(context, invoke));
  if (account.base_url.empty() && region.empty()) {
    return invalid("The account " + account.name + " names no region for the model " +
                   std::string(endpoint.model_id) + ".");
  }
  out.url =
      wire::join_url(account.base_url.empty() ? default_base_url(region) : account.base_url, path);
  if (Status status = add_headers(context, out.headers); !status.ok()) return status;
  if (account.auth == AuthKind::kNone) return Status();
  if (account.auth == AuthKind::kApiKey || account.auth == AuthKind::kBearer) {
    return out.headers.add("authorization", "Bearer " + std::string(account.credential.reveal()));
  }
  if (!signs(account)) {
    return Status(Code::kInternal, "the account " + account.name + " has no key of this kind");
  }
  const Result<wire::UrlParts> url = wire::parse_base_url(out.url);
  if (!url.ok()) return url.status();
  const SignedCall call{out.method, host_header(url.value()), url.value().path, {}, region,
                        kService};
  Time signed_at = context.now;
  signed_at.wall_ms += known_skew_s(endpoint) * 1'000;
  const AwsKeys keys = context.token.empty() ? AwsKeys{account.access_key_id, account.credential,
                                                       account.session_token}
                                             : keys_of(context.token);
  return sign({keys.access_key_id, keys.secret_access_key, keys.session_token}, call,
              context.body_spans, context.body_span_count, signed_at, out.headers);
}

}  // namespace

std::string_view region_of(const Account& account, const router::Integration& integration,
                           std::string_view model_id) {
  if (model_id.starts_with(kArn)) {
    const std::string_view own = arn_part(model_id, 3);
    if (!own.empty()) return own;
  }
  return integration.region.empty() ? std::string_view(account.region) : integration.region;
}

std::string default_base_url(std::string_view region) {
  return "https://bedrock-runtime." + std::string(region) +
         (region.starts_with("cn-") ? ".amazonaws.com.cn" : ".amazonaws.com");
}

std::string base_model_id(std::string_view model_id) {
  if (model_id.starts_with(kArn)) {
    const size_t slash = model_id.rfind('/');
    const bool named = model_id.find(":inference-profile/") != std::string_view::npos ||
                       model_id.find(":foundation-model/") != std::string_view::npos;
    if (slash == std::string_view::npos || !named) return {};
    model_id.remove_prefix(slash + 1);
  }
  const size_t maker = model_id.find("anthropic.");
  // "us.", "global.": an inference profile's place.
  const bool plain = maker == 0 || (maker != std::string_view::npos && model_id[maker - 1] == '.');
  return plain ? std::string(model_id.substr(maker)) : std::string();
}

}  // namespace aws_bedrock

const Provider& aws_bedrock_provider() {
  static const aws_bedrock::BedrockProvider provider;
  return provider;
}

}  // namespace tollgate::providers
