#pragma once

#include <cstdint>
#include <string_view>

namespace tollgate::model {

/// When plain reasoning goes back to the server that wrote it.
enum class ReasoningReplay : uint8_t { kNone, kToolTurns, kAll };

/// How the servers that copy one dialect differ: a constant row per provider. A dialect asks for
/// what it needs; the defaults are those of the dialect's own author.
struct UpstreamTraits {
  std::string_view name = "openai";   ///< The kind of server.
  bool stream_options = true;         ///< Chat: takes stream_options.
  bool strict_tools = true;           ///< Tools take `strict`.
  bool pdf_parts = true;              ///< Chat: takes file parts.
  bool image_urls = true;             ///< Takes http(s) image URLs.
  bool webp_and_gif = true;           ///< Takes such images besides PNG and JPEG.
  bool images_in_results = true;      ///< Responses: tool outputs take images.
  bool named_tool_choice = true;      ///< tool_choice is honoured.
  bool identity_fields = true;        ///< safety_identifier, prompt_cache_key.
  bool phase = false;                 ///< Responses: assistant messages carry `phase`.
  bool obfuscation_switch = false;    ///< Responses: stream_options.include_obfuscation.
  bool web_search = false;            ///< Has a web search of its own.
  bool service_tier = false;          ///< Takes service_tier.
  bool top_k = false;                 ///< Takes top_k.
  bool merge_turns = false;           ///< Wants user and assistant to alternate.
  bool null_content = true;           ///< Assistant messages with tool calls may have null content.
  bool system_in_place = true;        ///< A system message may stand between others.
  bool additional_properties = true;  ///< Schemas may say additionalProperties: false.
  bool inline_refs = false;           ///< Schemas must not refer: inline `$defs`.
  bool schema_answers = true;         ///< Chat: response_format takes a JSON schema.
  uint32_t tools_max = 128;
  uint32_t tool_name_bytes_max = 64;             ///< Chat.
  uint32_t responses_tool_name_bytes_max = 128;  ///< Responses.
  uint32_t tool_id_bytes_max = 64;
  uint32_t stop_sequences_max = 4;
  ReasoningReplay reasoning_replay = ReasoningReplay::kNone;
  std::string_view reasoning_field;  ///< Chat: where plain reasoning goes; empty: as it came.
  std::string_view thinking_switch;  ///< Chat: "enable_thinking", "thinking", "reasoning" or empty.
};

}  // namespace tollgate::model
