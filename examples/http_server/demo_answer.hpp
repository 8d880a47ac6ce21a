#pragma once

// What the demo provider says. It understands nothing: it calls one harmless tool and shows the
// result, so that a newcomer sees a whole agentic turn without a key.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json.hpp"

namespace tollgate::server {

struct DemoAnswer {
  struct ToolCall {
    std::string name;
    std::string input;  ///< JSON.
  };
  std::string model;
  std::string text;
  std::optional<ToolCall> tool_call;
  bool cut = false;  ///< max_tokens was reached.
  bool stream = false;
  int64_t input_tokens = 0;
  int64_t output_tokens = 0;
};

/// Answers the body of a POST /v1/messages.
DemoAnswer demo_answer(JsonValue request, size_t request_bytes);

/// The answer as one JSON message. The id must be unused: Claude Code drops a repeated tool call.
std::string demo_json(const DemoAnswer& answer, const std::string& id);

/// The answer as server-sent events, one string each.
std::vector<std::string> demo_events(const DemoAnswer& answer, const std::string& id);

/// A rough count that a client can work with: a token for each four bytes.
int64_t demo_tokens(size_t bytes);

}  // namespace tollgate::server
