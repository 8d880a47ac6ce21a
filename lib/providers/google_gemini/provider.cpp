#include "providers/google_gemini/provider.hpp"

#include "dialects/gemini_generate/dialect.hpp"
#include "providers/google/token.hpp"
#include "wire/url.hpp"

namespace tollgate::providers {
namespace {

class GoogleGeminiProvider final : public Provider {
 public:
  std::string_view type() const override { return "google-gemini"; }
  const dialects::Dialect& dialect(const Endpoint& /*endpoint*/) const override {
    return dialects::gemini_generate::dialect();
  }
  model::UpstreamTraits traits(const Endpoint& /*endpoint*/) const override {
    model::UpstreamTraits traits;
    traits.name = type();
    traits.image_urls = false;
    traits.web_search = true;
    traits.top_k = true;
    traits.tools_max = 512;
    traits.stop_sequences_max = 5;
    return traits;
  }
  // The model stands in the path.
  Status edit_body(const CallContext& /*context*/, std::string_view /*body*/,
                   std::vector<MemberEdit>& /*edits*/, model::Losses& /*losses*/) const override {
    return Status();
  }

  Status prepare(const CallContext& context, UpstreamRequest& out) const override {
    std::string path = "/v1beta/";
    const std::string_view id = context.endpoint.model_id;
    // Tuned models name their kind themselves.
    const size_t slash = id.find('/');
    path += slash == std::string_view::npos ? "models" : google::path_segment(id.substr(0, slash));
    path += '/';
    path += google::path_segment(slash == std::string_view::npos ? id : id.substr(slash + 1));
    if (context.operation == dialects::Operation::kCountTokens) {
      path += ":countTokens";
    } else {
      path += context.stream ? ":streamGenerateContent?alt=sse" : ":generateContent";
    }
    out.url = wire::join_url(context.endpoint.account.base_url, path);
    if (Status status = google::add_common_headers(context, out.headers); !status.ok()) {
      return status;
    }
    return google::add_credential(context, out.headers);
  }
  bool passes_answer_header(const Account& /*account*/, std::string_view name) const override {
    return google::passes_answer_header(name);
  }
};

}  // namespace

const Provider& google_gemini_provider() {
  static const GoogleGeminiProvider provider;
  return provider;
}

}  // namespace tollgate::providers
