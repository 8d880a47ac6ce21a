#include "providers/google_vertex/provider.hpp"

#include "base/ascii.hpp"
#include "dialects/anthropic_messages/dialect.hpp"
#include "dialects/gemini_generate/dialect.hpp"
#include "json/reader.hpp"
#include "providers/google/token.hpp"
#include "providers/google_vertex/claude_body.hpp"
#include "wire/url.hpp"

namespace tollgate::providers {
namespace {

bool publisher_is_claude(const Endpoint& endpoint) {
  return endpoint.model_id.starts_with("claude");
}

std::string_view location_of(const Endpoint& endpoint) {
  if (!endpoint.integration.region.empty()) return endpoint.integration.region;
  if (!endpoint.account.region.empty()) return endpoint.account.region;
  return "global";
}

std::string base_of(const Endpoint& endpoint) {
  if (!endpoint.account.base_url.empty()) return endpoint.account.base_url;
  const std::string location(location_of(endpoint));
  if (location == "global") return "https://aiplatform.googleapis.com";
  if (location == "us" || location == "eu") {
    return "https://aiplatform." + location + ".rep.googleapis.com";
  }
  return "https://" + location + "-aiplatform.googleapis.com";
}

/// "/v1/projects/P/locations/L/publishers/google/models/M:"; without a project (express mode)
/// only the publisher's part.
std::string path_of(const Endpoint& endpoint, std::string_view model) {
  std::string path = "/v1/";
  if (!endpoint.account.project_id.empty()) {
    path += "projects/" + google::path_segment(endpoint.account.project_id);
    path += "/locations/" + google::path_segment(location_of(endpoint)) + "/";
  }
  path +=
      publisher_is_claude(endpoint) ? "publishers/anthropic/models/" : "publishers/google/models/";
  return path + google::path_segment(model) + ":";
}

/// Whether an error came from Google's front rather than from the model's server.
bool is_google_error(std::string_view body) {
  json::Document document;
  const Result<json::Value> parsed = document.parse(body);
  if (!parsed.ok()) return false;
  const json::Value root = parsed.value();
  return root.is_array() || root["error"]["code"].integer() || root["error"]["status"].is_string();
}

class GoogleVertexProvider final : public Provider {
 public:
  std::string_view type() const override { return "google-vertex"; }
  const dialects::Dialect& dialect(const Endpoint& endpoint) const override {
    return publisher_is_claude(endpoint) ? dialects::anthropic_messages::dialect()
                                         : dialects::gemini_generate::dialect();
  }
  model::UpstreamTraits traits(const Endpoint& /*endpoint*/) const override {
    model::UpstreamTraits traits;
    traits.name = type();
    traits.web_search = true;
    traits.top_k = true;
    traits.tools_max = 512;
    traits.stop_sequences_max = 5;
    return traits;
  }
  Status edit_body(const CallContext& context, std::string_view body,
                   std::vector<MemberEdit>& edits, model::Losses& losses) const override {
    if (!publisher_is_claude(context.endpoint)) return Status();
    return google_vertex::edit_claude_body(context, body, edits, losses);
  }

  Status prepare(const CallContext& context, UpstreamRequest& out) const override {
    const Endpoint& endpoint = context.endpoint;
    if (endpoint.account.project_id.empty() && endpoint.account.auth != AuthKind::kApiKey) {
      return invalid("The account " + endpoint.account.name +
                     " names no project_id. Tell your gateway administrator.");
    }
    const bool counting = context.operation == dialects::Operation::kCountTokens;
    std::string path;
    if (publisher_is_claude(endpoint)) {
      path = path_of(endpoint, counting ? "count-tokens" : endpoint.model_id);
      path += context.stream && !counting ? "streamRawPredict" : "rawPredict";
    } else {
      path = path_of(endpoint, endpoint.model_id);
      path += counting         ? "countTokens"
              : context.stream ? "streamGenerateContent?alt=sse"
                               : "generateContent";
    }
    out.url = wire::join_url(base_of(endpoint), path);
    if (Status status = google::add_common_headers(context, out.headers); !status.ok()) {
      return status;
    }
    if (publisher_is_claude(endpoint)) {
      if (Status status = add_betas(context, out.headers); !status.ok()) return status;
    }
    return google::add_credential(context, out.headers);
  }

  model::Failure decode_error(const Endpoint& endpoint, uint32_t status,
                              const wire::Headers& headers, std::string_view body) const override {
    const dialects::Dialect& reader =
        is_google_error(body) ? dialects::gemini_generate::dialect() : dialect(endpoint);
    return reader.decode_error(status, headers, body);
  }
  std::optional<model::Lesson> lesson(const Endpoint& endpoint, uint32_t status,
                                      std::string_view body) const override {
    if (!publisher_is_claude(endpoint)) return dialect(endpoint).lesson(status, body);
    return google_vertex::claude_lesson(status, body);
  }
  bool passes_answer_header(const Account& /*account*/, std::string_view name) const override {
    return google::passes_answer_header(name) || ascii::equals_ignore_case(name, "request-id") ||
           ascii::equals_ignore_case(name, "x-should-retry");
  }

  std::string auxiliary_key(const Account& account) const override {
    return google::token_key(account);
  }
  Result<AuxiliaryCall> auxiliary(const Account& account, Time now) const override {
    return google::token_call(account, now);
  }
  Result<AuxiliaryValue> read_auxiliary(const AuxiliaryAnswer& answer) const override {
    return google::read_fetched(answer);
  }

 private:
  static Status add_betas(const CallContext& context, wire::Headers& headers) {
    const std::string betas = google_vertex::claude_betas(context);
    return betas.empty() ? Status() : headers.add("anthropic-beta", betas);
  }
};

}  // namespace

const Provider& google_vertex_provider() {
  static const GoogleVertexProvider provider;
  return provider;
}

}  // namespace tollgate::providers
