#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/content.hpp"
#include "model/loss.hpp"
#include "model/tool.hpp"

namespace tollgate::model {

enum class Role : uint8_t { kUser, kAssistant, kSystem };

struct Message {
  Role role = Role::kUser;
  bool content_is_text = false;  ///< The wire had a string, not blocks; content then is one text.
  std::vector<Block> content;
  std::string rest;  ///< Unknown members, raw, without braces.

  friend bool operator==(const Message&, const Message&) = default;
};

enum class ThinkingKind : uint8_t { kUnset, kAdaptive, kEnabled, kBetweenTools, kDisabled };

struct Thinking {
  ThinkingKind kind = ThinkingKind::kUnset;
  std::optional<int64_t> budget_tokens;
  std::string display;  ///< "summarized", "omitted", "updates" or empty.
  std::string rest;

  friend bool operator==(const Thinking&, const Thinking&) = default;
};

/// A request for one answer. A member that says no more than its absence (an empty list, an
/// explicit default) stays in the `rest` beside it, so that nothing is lost on the way through.
struct Request {
  std::string model;
  std::optional<int64_t> max_tokens;
  bool stream = false;
  std::vector<Block> system;
  bool system_is_text = false;  ///< The wire had a string.
  std::vector<Message> messages;
  std::vector<Tool> tools;
  std::optional<ToolChoice> tool_choice;
  Thinking thinking;
  std::string effort;         ///< output_config.effort, empty when absent.
  std::string output_schema;  ///< output_config.format: raw JSON schema, empty when absent.
  std::string output_config_rest;
  std::optional<double> temperature;
  std::optional<double> top_p;
  std::optional<int64_t> top_k;
  std::vector<std::string> stop_sequences;
  std::string user_id;  ///< metadata.user_id.
  std::string metadata_rest;
  std::string service_tier;
  std::string speed;
  std::string context_management;  ///< Raw JSON, empty when absent.
  std::string rest;                ///< Unknown top-level members, raw, without braces.
  std::string dialect_rest;        ///< Members only the dialect they came in knows, raw; others
                                   ///< leave them out.
  Losses losses;                   ///< What its dialect says and the hub cannot hold.
  bool stream_usage = false;       ///< Usage at a stream's end, where a dialect must be asked.

  friend bool operator==(const Request&, const Request&) = default;
};

/// What routing, policy and money need to know of a request, without decoding all of it.
struct RequestFacts {
  std::string model;
  bool stream = false;
  std::optional<int64_t> max_tokens;
  std::optional<int64_t> thinking_budget;
  std::string user_id;
  std::string speed;
  uint32_t message_count = 0;
  uint32_t tool_count = 0;
  uint32_t server_tool_count = 0;
  /// How often the upstream itself may run its tools: the sum of max_uses.
  int64_t server_tool_uses = 0;
  uint32_t unbounded_tool_count = 0;  ///< Server tools without max_uses.
  uint32_t fixed_tool_count = 0;      ///< Tools that the upstream describes to the model itself.
  bool has_advisor = false;           ///< A tool that asks another model.
  bool wants_compaction = false;      ///< The upstream may sum up the conversation on the way.
  bool has_remote_sources = false;    ///< Files and URLs that only the upstream sees.
  bool has_images = false;
  bool has_documents = false;
  bool has_thinking_blocks = false;
  bool has_carriage = false;  ///< A block of thinking holds what another upstream gave.
  /// Some string is "1h", as in a cache mark that asks for an hour. Unset: nobody looked.
  std::optional<bool> has_hour;
  bool wants_thinking = false;
  bool wants_structured_output = false;
  std::string service_tier;
  std::string inference_geo;
  uint64_t body_bytes = 0;
  uint64_t binary_bytes = 0;        ///< Of these, base64 data of images and documents.
  uint64_t text_bytes = 0;          ///< Text of all messages.
  uint64_t last_message_bytes = 0;  ///< Text of the last one.
  uint32_t tool_error_count = 0;    ///< Tool results of the last message that say is_error.
};

}  // namespace tollgate::model
