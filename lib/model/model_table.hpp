#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tollgate::model {

/// One row of the table of models: what is known of the ids it matches.
struct ModelRow {
  /// Where '*' stands for anything, '?' for one character and '-' for a dash or a dot. Matched
  /// without case against the id and against every part of it behind '/', '.' or ':', so that
  /// "us.anthropic.claude-opus-5" and "anthropic/claude-opus-5" are one model.
  std::string_view pattern;
  std::string_view providers = {};  ///< Comma list of account types; empty: all.
  int64_t window = 0;
  int64_t output = 0;
  std::optional<bool> images = {};
  std::optional<bool> pdf = {};
  std::optional<bool> tools = {};
  std::optional<bool> thinking = {};
  std::optional<bool> structured = {};
  std::string_view efforts = {};  ///< Comma list, lowest first.
  bool thinks_unasked = false;
  bool sampling = true;
  bool stop = true;
  bool parallel_switch = true;
  std::string_view api = {};  ///< At the model's author and at Azure only.
  std::string_view system_role = {};
};

namespace model_table {

constexpr int64_t kMillion = 1'000'000;
constexpr std::string_view kUpToMax = "low,medium,high,xhigh,max";
constexpr std::string_view kUpToHigh = "low,medium,high";
constexpr std::string_view kNoneToMax = "none,low,medium,high,xhigh,max";
constexpr std::string_view kNoneToXhigh = "none,low,medium,high,xhigh";
constexpr std::string_view kNoneToHigh = "none,low,medium,high";

/// Claude: sees images and PDFs, calls tools, thinks.
constexpr ModelRow claude(std::string_view pattern, int64_t window, int64_t output,
                          std::string_view efforts) {
  ModelRow row{pattern};
  row.window = window;
  row.output = output;
  row.images = row.pdf = row.tools = row.thinking = row.structured = true;
  row.efforts = efforts;
  return row;
}

/// A Claude that thinks unless it is told not to, and refuses sampling parameters.
constexpr ModelRow thinking_claude(std::string_view pattern) {
  ModelRow row = claude(pattern, kMillion, 128'000, kUpToMax);
  row.thinks_unasked = true;
  row.sampling = false;
  return row;
}

constexpr ModelRow no_sampling(ModelRow row) {
  row.sampling = false;
  return row;
}

/// A Claude older than structured outputs.
constexpr ModelRow older_claude(std::string_view pattern, int64_t output, bool thinking) {
  ModelRow row = claude(pattern, 200'000, output, {});
  row.structured = false;
  row.thinking = thinking;
  return row;
}

/// An OpenAI model that reasons: no sampling, no stop sequences.
constexpr ModelRow reasoner(std::string_view pattern, int64_t window, int64_t output,
                            std::string_view efforts) {
  ModelRow row{pattern};
  row.window = window;
  row.output = output;
  row.images = row.pdf = row.tools = row.thinking = row.structured = true;
  row.efforts = efforts;
  row.thinks_unasked = true;
  row.sampling = false;
  row.stop = false;
  row.api = "responses";
  return row;
}

/// One that reasons when it is asked to, and takes sampling parameters when it is not.
constexpr ModelRow asked_reasoner(std::string_view pattern, int64_t window, int64_t output,
                                  std::string_view efforts) {
  ModelRow row = reasoner(pattern, window, output, efforts);
  row.thinks_unasked = false;
  row.sampling = true;
  return row;
}

/// The first generations, which know no switch for parallel calls.
constexpr ModelRow o_series(std::string_view pattern, bool images) {
  ModelRow row = reasoner(pattern, 200'000, 100'000, kUpToHigh);
  row.images = images;
  row.pdf = images;
  row.parallel_switch = false;
  return row;
}

/// An OpenAI model that does not reason.
constexpr ModelRow speaker(std::string_view pattern, int64_t window, int64_t output) {
  ModelRow row{pattern};
  row.window = window;
  row.output = output;
  row.images = row.pdf = row.tools = row.structured = true;
  row.thinking = false;
  return row;
}

constexpr ModelRow first_o(std::string_view pattern) {
  ModelRow row = o_series(pattern, false);
  row.window = 128'000;
  row.output = 65'536;
  row.tools = row.structured = false;
  row.efforts = {};
  row.api = {};
  row.system_role = "user";
  return row;
}

/// xAI: the window is shared between prompt and answer.
constexpr ModelRow grok(std::string_view pattern, int64_t window, int64_t output,
                        std::string_view efforts, bool thinks) {
  ModelRow row{pattern};
  row.window = window;
  row.output = output;
  row.images = row.tools = row.structured = true;
  row.thinking = thinks;
  row.thinks_unasked = thinks;
  row.efforts = efforts;
  row.stop = !thinks;
  return row;
}

constexpr ModelRow gemini(std::string_view pattern, int64_t window, std::string_view efforts,
                          bool thinks_unasked = true) {
  ModelRow row{pattern};
  row.window = window;
  row.output = 65'536;
  row.images = row.pdf = row.tools = row.thinking = row.structured = true;
  row.efforts = efforts;
  row.thinks_unasked = thinks_unasked;
  return row;
}

/// A model of which little more is known than its window.
constexpr ModelRow plain(std::string_view pattern, int64_t window, int64_t output,
                         std::optional<bool> images) {
  ModelRow row{pattern};
  row.window = window;
  row.output = output;
  row.images = images;
  row.tools = true;
  return row;
}

constexpr ModelRow with_thinking(ModelRow row, std::string_view efforts) {
  row.thinking = true;
  row.thinks_unasked = true;
  row.efforts = efforts;
  return row;
}

constexpr ModelRow at(std::string_view providers, ModelRow row) {
  row.providers = providers;
  return row;
}

constexpr ModelRow without_tools(ModelRow row) {
  row.tools = false;
  return row;
}

constexpr ModelRow without_stop(ModelRow row) {
  row.stop = false;
  return row;
}

constexpr ModelRow of_role(ModelRow row, std::string_view system_role) {
  row.system_role = system_role;
  return row;
}

/// The first row that matches decides: what is special stands before what is general.
inline constexpr ModelRow kRows[] = {
    thinking_claude("claude-fable-5*"),
    thinking_claude("claude-mythos-5*"),
    thinking_claude("claude-opus-5*"),
    no_sampling(claude("claude-opus-4-8*", kMillion, 128'000, kUpToMax)),
    no_sampling(claude("claude-opus-4-7*", kMillion, 128'000, kUpToMax)),
    claude("claude-opus-4-6*", kMillion, 128'000, "low,medium,high,max"),
    claude("claude-opus-4-5*", 200'000, 64'000, kUpToHigh),
    claude("claude-opus-4-1*", 200'000, 32'000, {}),
    older_claude("claude-opus-4-0*", 32'000, true),
    older_claude("claude-opus-4-20*", 32'000, true),
    older_claude("claude-opus-4@*", 32'000, true),
    thinking_claude("claude-sonnet-5*"),
    claude("claude-sonnet-4-6*", kMillion, 64'000, "low,medium,high,max"),
    claude("claude-sonnet-4-5*", 200'000, 64'000, {}),
    older_claude("claude-sonnet-4-0*", 64'000, true),
    older_claude("claude-sonnet-4-20*", 64'000, true),
    older_claude("claude-sonnet-4@*", 64'000, true),
    thinking_claude("claude-haiku-5*"),
    claude("claude-haiku-4-5*", 200'000, 64'000, {}),
    older_claude("claude-3-7-sonnet*", 64'000, true),
    older_claude("claude-3-5-*", 8'192, false),
    older_claude("claude-3-*", 4'096, false),
    // One that is newer than this table: what all of them can do.
    claude("claude-*", 0, 0, {}),

    reasoner("gpt-6*", 1'050'000, 128'000, kNoneToMax),
    reasoner("gpt-5.6*", 1'050'000, 128'000, kNoneToMax),
    reasoner("gpt-5.5-pro*", 1'050'000, 128'000, "medium,high,xhigh"),
    reasoner("gpt-5.5*", 1'050'000, 128'000, kNoneToXhigh),
    reasoner("gpt-5.4-pro*", 1'050'000, 128'000, "medium,high,xhigh"),
    asked_reasoner("gpt-5.4-mini*", 400'000, 128'000, kNoneToXhigh),
    asked_reasoner("gpt-5.4-nano*", 400'000, 128'000, kNoneToXhigh),
    asked_reasoner("gpt-5.4*", 1'050'000, 128'000, kNoneToXhigh),
    asked_reasoner("gpt-5.3-codex-spark*", 128'000, 32'000, kNoneToXhigh),
    reasoner("gpt-5.?-chat*", 128'000, 16'384, "medium"),
    asked_reasoner("gpt-5.3*", 400'000, 128'000, kNoneToXhigh),
    reasoner("gpt-5.2-pro*", 400'000, 128'000, kUpToHigh),
    reasoner("gpt-5.1-codex-max*", 400'000, 128'000, "low,medium,high,xhigh"),
    reasoner("gpt-5.1-codex*", 400'000, 128'000, kUpToHigh),
    asked_reasoner("gpt-5.1*", 400'000, 128'000, kNoneToHigh),
    speaker("gpt-5-chat*", 128'000, 16'384),
    reasoner("gpt-5-pro*", 400'000, 272'000, "high"),
    asked_reasoner("gpt-5.2*", 400'000, 128'000, kNoneToXhigh),
    reasoner("gpt-5*", 400'000, 128'000, "minimal,low,medium,high"),
    first_o("o1-mini*"),
    first_o("o1-preview*"),
    o_series("o3-mini*", false),
    o_series("o4-mini*", true),
    o_series("o3*", true),
    o_series("o1*", true),
    speaker("gpt-4.1*", 1'047'576, 32'768),
    speaker("gpt-4-turbo*", 128'000, 4'096),
    speaker("gpt-4o-2024-05-13", 128'000, 4'096),
    speaker("gpt-4o*", 128'000, 16'384),
    speaker("chatgpt-4o*", 128'000, 16'384),
    with_thinking(plain("gpt-oss*", 128'000, 0, false), kUpToHigh),

    grok("grok-3-mini*", 131'072, 0, "low,high", true),
    grok("grok-4-20*-non-reasoning*", kMillion, 30'000, {}, false),
    grok("grok-4-20*", kMillion, 30'000, {}, true),
    grok("grok-4-5*", 500'000, 0, kUpToHigh, true),
    grok("grok-4-6*", 500'000, 0, kUpToHigh, true),
    grok("grok-4-3*", kMillion, 30'000, kNoneToHigh, true),
    grok("grok-latest*", kMillion, 30'000, kNoneToHigh, true),
    grok("grok-4-fast*", kMillion, 30'000, kNoneToHigh, true),
    grok("grok-3*", kMillion, 30'000, kNoneToHigh, true),
    grok("grok-build*", 256'000, 0, {}, true),

    gemini("gemini-4-hydrogen*", 1'048'576, "low,medium,high,xhigh"),
    gemini("gemini-4-*", 1'048'576, kUpToHigh),
    gemini("gemini-3-7-flash*", kMillion, kUpToHigh),
    gemini("gemini-3-1-pro*", 1'048'576, kUpToHigh),
    gemini("gemini-3-pro*", 1'048'576, "low,high"),
    gemini("gemini-3*-flash*", kMillion, "minimal,low,medium,high"),
    gemini("gemini-2-5-pro*", 1'048'576, {}),
    gemini("gemini-2-5-flash-lite*", kMillion, {}, false),
    gemini("gemini-2-5-flash*", 1'048'576, {}),

    with_thinking(plain("deepseek-v4*", kMillion, 384'000, false), "high,max"),
    at("aws-bedrock,aws-bedrock-mantle",
       without_tools(with_thinking(plain("deepseek.r1*", 128'000, 0, false), {}))),
    at("deepseek", with_thinking(plain("deepseek-reasoner*", kMillion, 384'000, false), {})),
    at("deepseek", plain("deepseek-chat*", kMillion, 384'000, false)),
    at("ollama", with_thinking(plain("deepseek-r1*", 0, 0, false), "none,low,medium,high,max")),
    with_thinking(plain("deepseek-r1*", 0, 0, false), {}),

    with_thinking(plain("nova-2-lite*", kMillion, 64'000, true), kUpToHigh),
    plain("nova-premier*", kMillion, 10'000, true),
    plain("nova-pro*", 300'000, 10'000, true),
    plain("nova-lite*", 300'000, 10'000, true),
    plain("nova-micro*", 128'000, 10'000, false),
    without_stop(plain("llama4-maverick*", kMillion, 0, true)),
    without_stop(plain("llama4-scout*", 10 * kMillion, 0, true)),
    at("aws-bedrock", without_stop(plain("llama3-3-70b*", 128'000, 0, false))),
    at("aws-bedrock", without_stop(plain("meta.llama*", 0, 0, {}))),
    plain("mistral-large-3*", 256'000, 0, {}),
    plain("devstral-2*", 256'000, 0, false),
    plain("pixtral-large*", 128'000, 0, true),
    plain("qwen3-coder*", 128'000, 0, false),
    at("aws-bedrock", plain("qwen3-32b*", 32'000, 0, false)),
    at("ollama", with_thinking(plain("qwen3", 0, 0, false), "none,low,medium,high,max")),
    at("ollama", with_thinking(plain("qwen3:*", 0, 0, false), "none,low,medium,high,max")),
    // Templates without a place for a system text.
    of_role(plain("gemma*", 0, 0, {}), "prepend"),
};

}  // namespace model_table
}  // namespace tollgate::model
