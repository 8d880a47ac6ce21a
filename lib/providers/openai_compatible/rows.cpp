#include "providers/openai_compatible/rows.hpp"

namespace tollgate::providers {
namespace {

using model::ReasoningReplay;
using model::UpstreamTraits;

// Servers of one's own bound nothing but memory.
constexpr uint32_t kManyTools = 4'096;

/// A service that copies Chat: what OpenAI added around it is not there.
constexpr UpstreamTraits chat_service(std::string_view name) {
  UpstreamTraits traits;
  traits.name = name;
  traits.pdf_parts = false;
  traits.identity_fields = false;
  traits.system_in_place = false;
  traits.merge_turns = true;  // Templates of many models want the roles to alternate.
  return traits;
}

/// A server with models of one's own: their templates decide what is understood.
constexpr UpstreamTraits own_server(std::string_view name) {
  UpstreamTraits traits = chat_service(name);
  traits.top_k = true;
  traits.tools_max = kManyTools;
  traits.reasoning_replay = ReasoningReplay::kToolTurns;
  return traits;
}

constexpr UpstreamTraits openai() {
  UpstreamTraits traits;
  traits.obfuscation_switch = true;
  traits.web_search = true;
  traits.service_tier = true;
  return traits;
}

constexpr UpstreamTraits xai() {
  UpstreamTraits traits = chat_service("xai");
  traits.system_in_place = true;
  traits.merge_turns = false;
  traits.web_search = true;
  traits.additional_properties = false;
  traits.webp_and_gif = false;
  return traits;
}

constexpr UpstreamTraits openrouter() {
  UpstreamTraits traits = chat_service("openrouter");
  traits.system_in_place = true;
  traits.pdf_parts = true;
  traits.top_k = true;
  traits.reasoning_replay = ReasoningReplay::kToolTurns;
  traits.thinking_switch = "reasoning";
  return traits;
}

constexpr UpstreamTraits with_top_k(UpstreamTraits traits) {
  traits.top_k = true;
  return traits;
}

constexpr UpstreamTraits mistral() {
  UpstreamTraits traits = chat_service("mistral-ai");
  traits.stream_options = false;  // It always tells the usage, and refuses what it does not know.
  traits.tool_id_bytes_max = 9;
  return traits;
}

constexpr UpstreamTraits cohere() {
  UpstreamTraits traits = chat_service("cohere");
  traits.named_tool_choice = false;
  traits.image_urls = false;
  return traits;
}

constexpr UpstreamTraits deepseek() {
  UpstreamTraits traits = chat_service("deepseek");
  traits.schema_answers = false;
  traits.reasoning_replay = ReasoningReplay::kToolTurns;
  traits.reasoning_field = "reasoning_content";
  traits.thinking_switch = "thinking";
  return traits;
}

constexpr UpstreamTraits vllm() {
  UpstreamTraits traits = own_server("vllm");
  traits.reasoning_field = "reasoning";  // It reads no other on the way in.
  traits.thinking_switch = "enable_thinking";
  return traits;
}

constexpr UpstreamTraits sglang() {
  UpstreamTraits traits = own_server("sglang");
  traits.reasoning_field = "reasoning_content";
  traits.thinking_switch = "enable_thinking";
  return traits;
}

constexpr UpstreamTraits llama_cpp() {
  UpstreamTraits traits = own_server("llama-cpp");
  traits.null_content = false;
  traits.image_urls = false;
  traits.reasoning_field = "reasoning_content";
  traits.thinking_switch = "enable_thinking";
  return traits;
}

constexpr UpstreamTraits ollama() {
  UpstreamTraits traits = own_server("ollama");
  traits.top_k = false;
  traits.strict_tools = false;
  traits.image_urls = false;
  traits.named_tool_choice = false;
  traits.inline_refs = true;
  traits.reasoning_field = "reasoning";
  return traits;
}

constexpr UpstreamTraits lm_studio() {
  UpstreamTraits traits = own_server("lm-studio");
  traits.image_urls = false;
  return traits;
}

constexpr CompatibleRow kRows[] = {
    {.type = "openai",
     .base_url = "https://api.openai.com/v1",
     .responses = true,
     .prefers_responses = true,
     .counts_tokens = true,
     .traits = openai()},
    {.type = "xai",
     .base_url = "https://api.x.ai/v1",
     .responses = true,
     .text_counter = "/tokenize-text",
     .session_header = "x-grok-conv-id",
     .traits = xai()},
    {.type = "openrouter",
     .base_url = "https://openrouter.ai/api/v1",
     .responses = true,
     .traits = openrouter()},
    {.type = "groq",
     .base_url = "https://api.groq.com/openai/v1",
     .responses = true,
     .traits = chat_service("groq")},
    {.type = "deepseek", .base_url = "https://api.deepseek.com/v1", .traits = deepseek()},
    {.type = "mistral-ai", .base_url = "https://api.mistral.ai/v1", .traits = mistral()},
    {.type = "together-ai",
     .base_url = "https://api.together.xyz/v1",
     .traits = with_top_k(chat_service("together-ai"))},
    {.type = "deepinfra",
     .base_url = "https://api.deepinfra.com/v1/openai",
     .traits = with_top_k(chat_service("deepinfra"))},
    {.type = "cerebras",
     .base_url = "https://api.cerebras.ai/v1",
     .traits = chat_service("cerebras")},
    {.type = "sambanova",
     .base_url = "https://api.sambanova.ai/v1",
     .traits = with_top_k(chat_service("sambanova"))},
    {.type = "baseten",
     .base_url = "https://inference.baseten.co/v1",
     .traits = with_top_k(chat_service("baseten"))},
    {.type = "perplexity-ai",
     .base_url = "https://api.perplexity.ai",
     .traits = chat_service("perplexity-ai")},
    {.type = "cohere", .base_url = "https://api.cohere.ai/compatibility/v1", .traits = cohere()},
    {.type = "databricks", .base_url = "", .traits = chat_service("databricks")},
    {.type = "snowflake-cortex", .base_url = "", .traits = chat_service("snowflake-cortex")},
    {.type = "ollama",
     .base_url = "http://127.0.0.1:11434/v1",
     .responses = true,
     .needs_key = false,
     .traits = ollama()},
    {.type = "self-hosted-model",
     .base_url = "",
     .responses = true,
     .needs_key = false,
     .traits = own_server("openai-compatible")},
};

constexpr UpstreamTraits kServers[] = {vllm(), sglang(), llama_cpp(), lm_studio(), ollama()};

constexpr std::string_view kServerNames[] = {
    "openai-compatible", "vllm", "vllm-openai", "sglang", "llama-cpp", "lm-studio", "ollama"};

}  // namespace

std::span<const CompatibleRow> compatible_rows() {
  return kRows;
}

const CompatibleRow* find_compatible_row(std::string_view type) {
  for (const CompatibleRow& row : kRows) {
    if (row.type == type) return &row;
  }
  return nullptr;
}

UpstreamTraits server_traits(std::string_view server) {
  if (server == "vllm-openai") server = "vllm";
  for (const UpstreamTraits& traits : kServers) {
    if (traits.name == server) return traits;
  }
  return own_server("openai-compatible");
}

std::span<const std::string_view> server_names() {
  return kServerNames;
}

}  // namespace tollgate::providers
