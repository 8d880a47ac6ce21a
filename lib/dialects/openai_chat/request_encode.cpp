#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/sha256.hpp"
#include "dialects/effort.hpp"
#include "dialects/openai_chat/messages.hpp"
#include "dialects/openai_chat/parts.hpp"
#include "dialects/openai_chat/prompt_text.hpp"
#include "dialects/openai_tools.hpp"
#include "dialects/repair.hpp"
#include "dialects/tool_names.hpp"
#include "json/walk.hpp"
#include "json/writer.hpp"

namespace tollgate::dialects::openai_chat {
namespace {

using model::LessonKind;
using model::LossKind;
using model::Request;

bool is_refused(const Translation& translation, std::string_view field) {
  return std::any_of(translation.lessons.begin(), translation.lessons.end(), [&](const auto& each) {
    return each.kind == LessonKind::kDropField && each.value == field;
  });
}

std::optional<int64_t> learned_number(const Translation& translation, LessonKind kind) {
  const std::string* said = model::find_lesson(translation.lessons, kind);
  if (said == nullptr) return std::nullopt;
  int64_t value = 0;
  const auto [end, error] = std::from_chars(said->data(), said->data() + said->size(), value);
  if (error != std::errc{} || value <= 0) return std::nullopt;
  return value;
}

/// Writes one request; each part of it asks the model's facts and the server's traits.
class RequestWriter {
 public:
  /// `asked` is the same request before its repair, which has the tools.
  RequestWriter(const Request& request, const Request& asked, Translation& translation,
                std::string& out)
      : request_(request),
        asked_(asked),
        translation_(translation),
        traits_(translation.traits),
        facts_(translation.facts),
        begin_(out.size()),
        out_(out),
        writer_(out) {}

  Status run();

 private:
  void drop(std::string what) { translation_.losses.add(LossKind::kDropped, std::move(what)); }
  bool sends_tools() const;
  bool cannot_be_silenced() const;
  bool takes_schema() const { return facts_.structured_output != false && traits_.schema_answers; }
  SystemAdditions additions(const OpenaiTools& tools);
  void write_tools(const OpenaiTools& tools);
  void write_tool_choice();
  void write_thinking();
  void write_reasoning_member(const Wish& wish);
  std::string effort(const Wish& wish, const std::vector<std::string>& otherwise);
  void write_sampling();
  void write_number(std::string_view name, std::optional<double> value, bool taken);
  void write_stop();
  void write_output_format();
  void write_max_tokens(const DataSize& data);
  void write_identity();
  Status write_rest();

  const Request& request_;
  const Request& asked_;
  Translation& translation_;
  const model::UpstreamTraits& traits_;
  const model::ModelFacts& facts_;
  size_t begin_;
  std::string& out_;
  json::Writer writer_;
  std::string effort_sent_;
  bool has_tools_ = false;
  bool takes_penalties_ = true;
};

/// A server that does not listen to tool_choice calls no tool when it knows none.
bool RequestWriter::sends_tools() const {
  return traits_.named_tool_choice || !request_.tool_choice ||
         request_.tool_choice->kind != model::ToolChoiceKind::kNone;
}

SystemAdditions RequestWriter::additions(const OpenaiTools& tools) {
  SystemAdditions system{tools.system_text};
  const auto add = [&](const std::string& line) {
    system.text.append(system.text.empty() ? "" : "\n\n").append(line);
  };
  if (!request_.output_schema.empty() && !takes_schema()) {
    add("Answer with one JSON object and nothing else. It must follow this JSON schema:\n" +
        request_.output_schema);
  }
  if (traits_.named_tool_choice || !request_.tool_choice || tools.functions.empty()) return system;
  if (request_.tool_choice->kind == model::ToolChoiceKind::kAny) {
    add("You must call one of the tools now.");
  } else if (request_.tool_choice->kind == model::ToolChoiceKind::kTool) {
    add("You must call the tool " +
        std::string(translation_.upstream_tool_name(request_.tool_choice->name)) + " now.");
  }
  return system;
}

void RequestWriter::write_tools(const OpenaiTools& tools) {
  if (tools.functions.empty() || !sends_tools()) return;
  has_tools_ = true;
  const bool strict_taken = !is_refused(translation_, "strict");
  writer_.key("tools").begin_array();
  for (const OpenaiTool& tool : tools.functions) {
    writer_.begin_object().member("type", "function").key("function").begin_object();
    writer_.member("name", tool.name);
    if (!tool.description.empty()) writer_.member("description", tool.description);
    writer_.raw_member("parameters", tool.parameters);
    if (tool.strict && strict_taken) writer_.member("strict", true);
    writer_.end_object().end_object();
  }
  writer_.end_array();
  write_tool_choice();
}

void RequestWriter::write_tool_choice() {
  if (!request_.tool_choice) return;
  const model::ToolChoice& choice = *request_.tool_choice;
  if (traits_.named_tool_choice && !is_refused(translation_, "tool_choice")) {
    switch (choice.kind) {
      case model::ToolChoiceKind::kAuto:
        break;
      case model::ToolChoiceKind::kAny:
        writer_.member("tool_choice", "required");
        break;
      case model::ToolChoiceKind::kNone:
        writer_.member("tool_choice", "none");
        break;
      case model::ToolChoiceKind::kTool:
        writer_.key("tool_choice").begin_object().member("type", "function");
        writer_.key("function").begin_object();
        writer_.member("name", translation_.upstream_tool_name(choice.name));
        writer_.end_object().end_object();
        break;
    }
  } else if (choice.kind != model::ToolChoiceKind::kAuto) {
    drop("tool_choice");
  }
  if (!choice.disable_parallel) return;
  if (facts_.takes_parallel_switch && !is_refused(translation_, "parallel_tool_calls")) {
    writer_.member("parallel_tool_calls", false);
  }
}

/// The value to send of the model's own list, of a learned one, or of `otherwise`.
std::string RequestWriter::effort(const Wish& wish, const std::vector<std::string>& otherwise) {
  std::vector<std::string> efforts = facts_.efforts.empty() ? otherwise : facts_.efforts;
  if (const std::string* list = model::find_lesson(translation_.lessons, LessonKind::kEfforts)) {
    efforts.clear();
    for (size_t at = 0; at < list->size();) {
      const size_t end = std::min(list->find(',', at), list->size());
      efforts.push_back(list->substr(at, end - at));
      at = end + 1;
    }
  }
  return effort_to_send(wish, efforts, translation_.losses);
}

/// OpenAI's models that always reason, and those whose server said so.
bool RequestWriter::cannot_be_silenced() const {
  return (!facts_.takes_sampling && !facts_.takes_stop) ||
         model::find_lesson(translation_.lessons, LessonKind::kEfforts) != nullptr;
}

/// One object for switch and effort.
void RequestWriter::write_reasoning_member(const Wish& wish) {
  if (is_refused(translation_, "reasoning")) {
    drop("effort");
    return;
  }
  const std::vector<std::string> all = {"minimal", "low", "medium", "high", "xhigh"};
  if (wish.kind == ThinkingWish::kAsLowAsPossible) {
    if (facts_.thinking == false) return;
    writer_.key("reasoning").begin_object();
    if (cannot_be_silenced()) effort_sent_ = effort(wish, {});
    if (!effort_sent_.empty() && effort_sent_ != "none") {
      writer_.member("effort", effort_sent_);
    } else {
      writer_.member("enabled", false);
    }
    writer_.end_object();
    return;
  }
  effort_sent_ = effort(wish, all);
  writer_.key("reasoning").begin_object();
  if (effort_sent_.empty()) {
    writer_.member("enabled", true);
  } else {
    writer_.member("effort", effort_sent_);
  }
  writer_.end_object();
}

void RequestWriter::write_thinking() {
  const Wish wish = thinking_wish(request_);
  const bool off = wish.kind == ThinkingWish::kAsLowAsPossible;
  const std::string_view thinking_switch = traits_.thinking_switch;
  if (thinking_switch == "reasoning") {
    write_reasoning_member(wish);
    return;
  }
  if (!is_refused(translation_, "reasoning_effort")) {
    effort_sent_ = effort(wish, {});
    if (!effort_sent_.empty()) writer_.member("reasoning_effort", effort_sent_);
  } else if (wish.kind == ThinkingWish::kEffort) {
    drop("effort " + wish.effort);
  }
  if (facts_.thinking == false) return;
  if (thinking_switch == "thinking" && !is_refused(translation_, "thinking")) {
    if (off || translation_.thinking_wanted) {
      writer_.key("thinking").begin_object();
      writer_.member("type", off ? "disabled" : "enabled").end_object();
    }
  } else if (thinking_switch == "enable_thinking" &&
             !is_refused(translation_, "chat_template_kwargs")) {
    if (off) writer_.raw_member("chat_template_kwargs", R"({"enable_thinking":false})");
  }
}

void RequestWriter::write_number(std::string_view name, std::optional<double> value, bool taken) {
  if (!value || !std::isfinite(*value)) return;
  if (!taken || is_refused(translation_, name)) {
    // The default said aloud is no loss.
    if (*value != 1.0) drop(std::string(name));
    return;
  }
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), *value).ptr;
  writer_.raw_member(name, {digits.data(), static_cast<size_t>(end - digits.data())});
}

void RequestWriter::write_sampling() {
  // OpenAI's own models take these only while they do not reason.
  const bool own = traits_.name == "openai" || traits_.name.starts_with("azure");
  const bool reasons = !effort_sent_.empty() ? effort_sent_ != "none" : facts_.thinks_unasked;
  const bool silent = effort_sent_ == "none";
  const bool taken = (facts_.takes_sampling || silent) && !(own && reasons);
  // xAI's reasoning models refuse penalties as they refuse stop sequences.
  takes_penalties_ = taken && (facts_.takes_stop || own);
  write_number("temperature", request_.temperature, taken);
  write_number("top_p", request_.top_p, taken);
  if (!request_.top_k) return;
  if (traits_.top_k && taken && !is_refused(translation_, "top_k")) {
    writer_.member("top_k", *request_.top_k);
  } else {
    drop("top_k");
  }
}

void RequestWriter::write_stop() {
  const std::vector<std::string>& sequences = request_.stop_sequences;
  if (sequences.empty()) return;
  if (!facts_.takes_stop || sequences.size() > traits_.stop_sequences_max ||
      is_refused(translation_, "stop")) {
    // The gateway watches for them.
    translation_.stop_sequences = sequences;
    return;
  }
  writer_.key("stop").begin_array();
  for (const std::string& sequence : sequences)
    writer_.string(sequence);
  writer_.end_array();
}

void RequestWriter::write_output_format() {
  if (request_.output_schema.empty()) return;
  writer_.key("response_format").begin_object();
  if (!takes_schema()) {
    writer_.member("type", "json_object").end_object();
    translation_.losses.add(LossKind::kReordered, "output_config.format -> system");
    return;
  }
  const bool strict = traits_.strict_tools && is_strict_clean(request_.output_schema);
  writer_.member("type", "json_schema").key("json_schema").begin_object();
  writer_.member("name", "output").raw_member("schema", request_.output_schema);
  writer_.member("strict", strict).end_object().end_object();
}

/// Written last, when the size of the prompt is known.
void RequestWriter::write_max_tokens(const DataSize& data) {
  if (!request_.max_tokens) return;
  constexpr int64_t kBytesPerToken = 3;
  constexpr int64_t kTokensPerItem = 1600;
  constexpr int64_t kSpare = 256;
  constexpr int64_t kAnswerMin = 1024;
  const int64_t wished = *request_.max_tokens;
  int64_t limit = wished;
  const auto at_most = [&](std::optional<int64_t> most) {
    if (most && *most > 0) limit = std::min(limit, *most);
  };
  at_most(facts_.output_tokens_max);
  at_most(learned_number(translation_, LessonKind::kOutputMax));
  const std::optional<int64_t> learned = learned_number(translation_, LessonKind::kContextWindow);
  const int64_t window = learned.value_or(facts_.context_window);
  if (window > 0) {
    // Pictures are not counted by the length of their base64.
    const auto text = static_cast<int64_t>(out_.size() - begin_ - data.bytes);
    const auto items = static_cast<int64_t>(data.items);
    const int64_t estimate = std::min(translation_.input_tokens_estimate,
                                      text / kBytesPerToken + items * kTokensPerItem);
    at_most(std::max(window - estimate - estimate / 10 - kSpare, kAnswerMin));
  }
  limit = std::max(limit, facts_.output_tokens_min);
  if (limit != wished) {
    translation_.losses.add(LossKind::kClamped, "max_tokens " + std::to_string(wished) + " -> " +
                                                    std::to_string(limit));
  }
  const std::string* field = model::find_lesson(translation_.lessons, LessonKind::kTokenField);
  if (field == nullptr && !facts_.token_field.empty()) field = &facts_.token_field;
  writer_.member(field == nullptr || field->empty() ? "max_tokens" : std::string_view(*field),
                 limit);
}

struct Identity {
  std::string user;
  std::string session;
};

/// Claude Code's user id names its session: as JSON, or behind "_session_".
Identity identity_of(const std::string& user_id) {
  constexpr std::string_view kSession = "_session_";
  Identity identity;
  json::Document document;
  const auto parsed = document.parse(user_id);
  if (parsed.ok() && parsed.value().is_object()) {
    identity.user = parsed.value()["device_id"].string_or("");
    identity.user += parsed.value()["account_uuid"].string_or("");
    identity.session = parsed.value()["session_id"].string_or("");
    if (identity.user.empty()) identity.user = user_id;
    return identity;
  }
  const size_t at = user_id.find(kSession);
  identity.user = user_id.substr(0, at);
  if (at != std::string::npos) identity.session = user_id.substr(at + kSession.size());
  return identity;
}

std::string hashed(const std::string& text) {
  const Result<Sha256> digest = sha256(text);
  return digest.ok() ? to_hex(digest.value()) : std::string();
}

void RequestWriter::write_identity() {
  constexpr size_t kKeyBytesMax = 64;
  if (!traits_.identity_fields) {
    if (!request_.user_id.empty()) drop("metadata.user_id");
    return;
  }
  Identity identity;
  if (!request_.user_id.empty()) {
    identity = identity_of(request_.user_id);
    if (!is_refused(translation_, "safety_identifier")) {
      writer_.member("safety_identifier", hashed(identity.user));
    }
  }
  std::string key = translation_.session_id.empty() ? identity.session : translation_.session_id;
  if (key.empty() || is_refused(translation_, "prompt_cache_key")) return;
  if (key.size() > kKeyBytesMax) key = hashed(key);
  writer_.member("prompt_cache_key", key);
}

/// Members of this dialect that the hub has no place for and that a request may go on with.
constexpr std::array<std::string_view, 8> kOwnMembers = {
    "frequency_penalty", "presence_penalty",       "logit_bias", "seed",
    "verbosity",         "prompt_cache_retention", "logprobs",   "top_logprobs"};

Status RequestWriter::write_rest() {
  for (const auto& [value, name] : {std::pair<const std::string&, std::string_view>{
                                        request_.context_management, "context_management"},
                                    {request_.speed, "speed"},
                                    {request_.output_config_rest, "output_config (other members)"},
                                    {request_.metadata_rest, "metadata (other members)"}}) {
    if (!value.empty()) drop(std::string(name));
  }
  const std::string members = json::merged_members(request_.rest, request_.dialect_rest);
  if (members.empty()) return Status();
  const std::string text = "{" + members + "}";
  json::Document document;
  const auto parsed = document.parse(text);
  if (!parsed.ok()) return Status();
  for (json::MemberWalk walk(parsed.value(), text); walk.next();) {
    const std::string_view key = walk.key();
    if (key == "mcp_servers" && walk.value().size() > 0) {
      return invalid("mcp_servers: remote MCP servers are not available on this model.");
    }
    if (walk.value().is_null()) continue;
    const bool own = std::find(kOwnMembers.begin(), kOwnMembers.end(), key) != kOwnMembers.end();
    const bool of_sampling =
        key.ends_with("_penalty") || key.ends_with("logprobs") || key == "logit_bias";
    if (own && (!of_sampling || takes_penalties_) && !is_refused(translation_, key)) {
      writer_.raw_member(key, walk.text());
    } else {
      drop("field " + std::string(key));
    }
  }
  return Status();
}

bool ends_with_assistant(const Request& request) {
  return !request.messages.empty() && request.messages.back().role == model::Role::kAssistant;
}

Status RequestWriter::run() {
  Result<OpenaiTools> tools = openai_tools(asked_, translation_, false);
  if (!tools.ok()) return tools.status();
  writer_.begin_object();
  writer_.member("model",
                 translation_.target_model.empty() ? request_.model : translation_.target_model);
  if (translation_.operation == Operation::kCountTokens) {
    // These counters know text, and no conversations.
    const std::string_view member = traits_.name == "xai"         ? "text"
                                    : traits_.name == "llama-cpp" ? "content"
                                                                  : "";
    if (!member.empty()) {
      writer_.member(member, prompt_text(request_, tools.value()));
      if (member == "content") writer_.member("add_special", true);
      writer_.end_object();
      return Status();
    }
  }
  DataSize data;
  if (Status status =
          write_messages(request_, additions(tools.value()), translation_, writer_, data);
      !status.ok()) {
    return status;
  }
  write_tools(tools.value());
  if (translation_.operation == Operation::kCountTokens) {
    // A counter takes what makes the prompt, and nothing of the answer.
    writer_.member("add_generation_prompt", !ends_with_assistant(request_));
    if (ends_with_assistant(request_)) writer_.member("continue_final_message", true);
    writer_.end_object();
    return Status();
  }
  write_thinking();
  write_sampling();
  write_stop();
  write_output_format();
  write_max_tokens(data);
  write_identity();
  if (!request_.service_tier.empty() && request_.service_tier != "auto") {
    const bool standard = request_.service_tier == "standard_only";
    if (traits_.service_tier && !is_refused(translation_, "service_tier")) {
      writer_.member("service_tier",
                     standard ? "default" : std::string_view(request_.service_tier));
    } else {
      drop("service_tier");
    }
  }
  if (request_.stream) {
    writer_.member("stream", true);
    if (traits_.stream_options && !is_refused(translation_, "stream_options")) {
      writer_.raw_member("stream_options", R"({"include_usage":true})");
    }
  }
  if (ends_with_assistant(request_)) {
    writer_.member("add_generation_prompt", false).member("continue_final_message", true);
  }
  if (Status status = write_rest(); !status.ok()) return status;
  writer_.end_object();
  return Status();
}

/// These servers go on with an answer that was begun, when it is text.
bool can_go_on(const Request& request, const model::UpstreamTraits& traits) {
  if (traits.name != "vllm" && traits.name != "sglang") return false;
  const std::vector<model::Block>& content = request.messages.back().content;
  return std::all_of(content.begin(), content.end(), [](const model::Block& block) {
    return block.kind == model::BlockKind::kText;
  });
}

}  // namespace

Status encode_request(const Request& request, Translation& translation, std::string& out) {
  const model::UpstreamTraits& traits = translation.traits;
  translation.thinking_wanted = request.thinking.kind != model::ThinkingKind::kUnset &&
                                request.thinking.kind != model::ThinkingKind::kDisabled;
  translation.thinking_omitted = request.thinking.display == "omitted";
  translation.single_tool_call = request.tool_choice && request.tool_choice->disable_parallel;
  Request repaired = without_tools(request);
  repair(repaired, {traits.tool_id_bytes_max, traits.merge_turns, traits.system_in_place},
         translation.losses);
  if (ends_with_assistant(repaired) && !can_go_on(repaired, traits)) {
    return invalid(
        "This model does not support assistant message prefill. The conversation must end with a "
        "user message.");
  }
  map_tool_names(request, {traits.tool_name_bytes_max, false, false}, translation);
  return RequestWriter(repaired, request, translation, out).run();
}

}  // namespace tollgate::dialects::openai_chat
