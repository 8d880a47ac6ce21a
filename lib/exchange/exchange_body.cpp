// The body an attempt sends: the client's bytes with a few members changed, or a translation.

#include <string>
#include <utility>

#include "base/limits.hpp"
#include "base/sha256.hpp"
#include "dialects/anthropic_messages/dialect.hpp"
#include "exchange/exchange.hpp"
#include "exchange/member_edits.hpp"
#include "exchange/overrides.hpp"
#include "model/token_estimate.hpp"

namespace tollgate::exchange {
namespace {

/// What a small request may gain in translation.
constexpr size_t kTranslationSpare = 1024;

/// Tells one credential from another without telling anything of it.
std::string credential_tag(const providers::Account& account) {
  std::string text = account.name;
  text.append("\n").append(account.region).append("\n").append(account.credential.reveal());
  const Result<Sha256> digest = sha256(text);
  return digest.ok() ? to_hex(digest.value()).substr(0, 8) : std::string("00000000");
}

/// Reasoning of another upstream, which Anthropic's own would refuse.
bool carries_foreign_reasoning(const model::RequestFacts& facts) {
  return facts.has_thinking_blocks && facts.has_carriage;
}

}  // namespace

Status Exchange::build_body(const Candidate& candidate, const providers::CallContext& context,
                            RequestBody& body, std::unique_ptr<dialects::Translation>& made) {
  if (!context.same_dialect) return translate_body(candidate, context, body, made);
  if (speaks_messages() && carries_foreign_reasoning(facts_)) {
    // Rewritten through the hub, which leaves such blocks out; the answer still passes.
    return translate_body(candidate, context, body, made);
  }
  // The pass road's decoder wants to know what a translation knows.
  if (!speaks_messages()) made = new_translation(candidate, context);
  return pass_body(candidate, context, made.get(), body);
}

Status Exchange::pass_body(const Candidate& candidate, const providers::CallContext& context,
                           dialects::Translation* translation, RequestBody& body) {
  std::vector<providers::MemberEdit> edits;
  const providers::Provider& provider = provider_of(context.endpoint.account);
  if (Status status = provider.edit_body(context, body_.view(), edits, body.losses); !status.ok())
    return status;
  if (translation != nullptr) {
    // Without it there would be nothing to bill by but an estimate.
    auto wish = client_dialect().usage_wish(*decoded_, body_.view(), *translation);
    translation->usage_wished = wish.has_value();
    if (wish) edits.push_back({std::move(wish->first), std::move(wish->second)});
  }
  for (providers::MemberEdit& edit :
       overrides_of_passing(candidate.edits, client_dialect(), body_.view(), context.operation)) {
    edits.push_back(std::move(edit));
  }
  cap_output(edits);
  if (edits.size() == 1 && edits[0].key == "model" && edits[0].value && model_span_.size != 0) {
    std::vector<Edit> placed(1);
    placed[0].span = model_span_;
    placed[0].text = std::move(*edits[0].value);
    body.splice(body_.view(), std::move(placed));
    return Status();
  }
  body.splice(body_.view(), place_edits(body_.view(), edits));
  return Status();
}

/// A budget's cap, over whatever the client and the route ask for.
void Exchange::cap_output(std::vector<providers::MemberEdit>& edits) const {
  if (!pending_ || !pending_->output_cap) return;
  const std::string cap = std::to_string(*pending_->output_cap);
  std::string key = "max_tokens";
  if (client_dialect().name() == "openai_responses") key = "max_output_tokens";
  if (client_dialect().name() == "openai_chat") key = "max_completion_tokens";
  std::erase_if(edits, [&](const providers::MemberEdit& edit) { return edit.key == key; });
  edits.push_back({key, cap});
  // The older name of the same thing would stand beside it.
  if (key == "max_completion_tokens") edits.push_back({"max_tokens", std::nullopt});
}

Result<model::Request> Exchange::decode_body() {
  if (parsed_.exists()) return client_dialect().decode_parsed(parsed_, body_.view());
  // An empty body has no memory, so no padding either.
  if (body_.size() == 0) return client_dialect().decode_request({});
  const DocumentPool::Loan document = environment_->documents.borrow();
  const Result<json::Value> root = (*document).parse_padded(body_.view());
  // What is wrong with it is told as everywhere.
  if (!root.ok()) return client_dialect().decode_request(body_.view());
  return client_dialect().decode_parsed(root.value(), body_.view());
}

Status Exchange::take_decoded() {
  if (decoded_ != nullptr) return Status();
  Result<model::Request> decoded = decode_body();
  if (!decoded.ok()) return decoded.status();
  decoded_ = std::make_unique<model::Request>(std::move(decoded.value()));
  return Status();
}

std::unique_ptr<dialects::Translation> Exchange::new_translation(
    const Candidate& candidate, const providers::CallContext& context) const {
  auto translation = std::make_unique<dialects::Translation>();
  translation->requested_model = facts_.model;
  translation->target_model = candidate.target.model_id;
  translation->target = candidate.target.name;
  translation->credential_tag = credential_tag(context.endpoint.account);
  translation->operation = context.operation;
  translation->facts = providers::facts_of(context.endpoint);
  translation->traits = provider_of(context.endpoint.account).traits(context.endpoint);
  translation->lessons = candidate.lessons;
  translation->session_id = request_.session_id;
  translation->client_betas = request_.headers.joined("anthropic-beta");
  translation->client_betas.append(",").append(context.extra_betas);
  translation->id_seed = environment_->next_number.fetch_add(1) ^ environment_->seed_low;
  translation->created_at_s = now_.wall_ms / 1000;
  return translation;
}

Status Exchange::translate_body(const Candidate& candidate, const providers::CallContext& context,
                                RequestBody& body, std::unique_ptr<dialects::Translation>& made) {
  if (Status status = take_decoded(); !status.ok()) return status;
  const providers::Provider& provider = provider_of(context.endpoint.account);
  Overrides overrides;
  if (context.same_dialect) {
    overrides.sent =
        overrides_of_passing(candidate.edits, client_dialect(), body_.view(), context.operation);
  } else {
    overrides = overrides_of_translated(candidate.edits, client_dialect());
  }
  // The decoded request serves every attempt, but for a route that asks for something else.
  std::optional<model::Request> changed;
  if (!overrides.asked.empty()) {
    Result<model::Request> again =
        client_dialect().decode_request(with_edits(body_.view(), overrides.asked));
    if (!again.ok()) return again.status();
    changed = std::move(again.value());
  }
  model::Request& asked = changed ? *changed : *decoded_;
  made = new_translation(candidate, context);
  made->input_tokens_estimate =
      model::estimate_input_tokens(asked, candidate.target.model_id).likely;
  made->stream_usage = asked.stream_usage;
  asked.model = candidate.target.model_id;  // An encoder is given the name it is to write.
  const std::optional<int64_t> asked_output = asked.max_tokens;
  if (pending_ && pending_->output_cap) asked.max_tokens = pending_->output_cap;
  std::string encoded;
  // Most translations are about as long; growing by doubling would copy it several times.
  encoded.reserve(body_.size() + body_.size() / 8 + kTranslationSpare);
  const Status status = provider.dialect(context.endpoint).encode_request(asked, *made, encoded);
  asked.max_tokens = asked_output;
  if (!status.ok()) return status;
  for (const model::Loss& loss : asked.losses.all())
    made->losses.add(loss.kind, loss.what);
  std::vector<providers::MemberEdit> edits;
  // Those who serve Claude elsewhere want other members than Anthropic, whoever asks.
  if (context.same_dialect ||
      &provider.dialect(context.endpoint) == &dialects::anthropic_messages::dialect()) {
    const Status edited = provider.edit_body(context, encoded, edits, body.losses);
    if (!edited.ok()) return edited;
  }
  edits.insert(edits.end(), overrides.sent.begin(), overrides.sent.end());
  if (context.same_dialect) cap_output(edits);
  body.own(edits.empty() ? std::move(encoded) : with_edits(encoded, edits));
  return Status();
}

}  // namespace tollgate::exchange
