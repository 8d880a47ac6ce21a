#include "demo_answer.hpp"

#include <algorithm>

namespace tollgate::server {

namespace {

constexpr size_t kShownBytesMax = 600;
constexpr size_t kDeltaBytes = 24;
constexpr int kSchemaDepthMax = 6;

using Kind = JsonValue::Kind;

/// Cuts at a character's border.
std::string_view cut_text(std::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  while (bytes_max > 0 && (static_cast<unsigned char>(text[bytes_max]) & 0xC0U) == 0x80U) {
    --bytes_max;
  }
  return text.substr(0, bytes_max);
}

/// A value that fits a JSON schema well enough for a demonstration.
void append_example(std::string& out, JsonValue schema, int depth) {
  if (const JsonValue fixed = schema.member("const")) {
    out += fixed.json();
    return;
  }
  std::string chosen;
  schema.member("enum").each_item([&](JsonValue value) {
    if (chosen.empty()) chosen = value.json();
  });
  if (!chosen.empty()) {
    out += chosen;
    return;
  }
  const std::string_view type = schema.member("type").text();
  if (type == "array") {
    out += "[]";
  } else if (type == "boolean") {
    out += "false";
  } else if (type == "integer" || type == "number") {
    out += std::to_string(std::max<int64_t>(schema.member("minimum").integer(1), 1));
  } else if (type == "object" || schema.member("properties")) {
    out += '{';
    bool first = true;
    const JsonValue properties = schema.member("properties");
    schema.member("required").each_item([&](JsonValue name) {
      if (depth >= kSchemaDepthMax || !properties.member(name.text())) return;
      if (!first) out += ',';
      first = false;
      append_json_string(out, name.text());
      out += ':';
      append_example(out, properties.member(name.text()), depth + 1);
    });
    out += '}';
  } else {
    out += "\"demo\"";
  }
}

/// Tools of Claude Code that need no permission in an unknown folder.
std::optional<std::string_view> known_input(std::string_view tool) {
  if (tool == "Glob") return R"({"pattern":"*"})";
  if (tool == "Bash") return R"({"command":"ls","description":"List the files of this folder"})";
  return std::nullopt;
}

/// The tool to call: the one the client insists on, else a known one, else the first that is the
/// client's to run.
std::optional<DemoAnswer::ToolCall> choose_tool(JsonValue request) {
  const JsonValue choice = request.member("tool_choice");
  if (choice.member("type").text() == "none") return std::nullopt;
  const std::string_view forced = choice.member("name").text();
  JsonValue chosen;
  int rank = 0;
  request.member("tools").each_item([&](JsonValue tool) {
    const std::string_view name = tool.member("name").text();
    if (!tool.member("input_schema") || name.empty()) return;
    int found = 1;
    if (name == "Bash") found = 2;
    if (name == "Glob") found = 3;
    if (!forced.empty()) found = name == forced ? 4 : 0;
    if (found > rank) {
      rank = found;
      chosen = tool;
    }
  });
  if (rank == 0) return std::nullopt;
  DemoAnswer::ToolCall call;
  call.name = chosen.member("name").text();
  if (const auto input = known_input(call.name)) {
    call.input = *input;
  } else {
    append_example(call.input, chosen.member("input_schema"), 0);
  }
  return call;
}

std::string text_of(JsonValue content) {
  if (content.is(Kind::kString)) return std::string(content.text());
  std::string text;
  content.each_item([&](JsonValue block) {
    if (!text.empty()) text += '\n';
    const std::string_view type = block.member("type").text();
    text += type == "text" ? block.member("text").text() : "(" + std::string(type) + ")";
  });
  return text;
}

/// The tool results of the last user message, or nothing.
std::optional<std::string> last_tool_result(JsonValue request) {
  JsonValue last;
  request.member("messages").each_item([&](JsonValue message) {
    if (message.member("role").text() == "user") last = message;
  });
  std::optional<std::string> result;
  last.member("content").each_item([&](JsonValue block) {
    if (block.member("type").text() != "tool_result") return;
    if (!result) result.emplace();
    if (!result->empty()) *result += '\n';
    *result += text_of(block.member("content"));
  });
  return result;
}

std::string result_text(std::string_view result) {
  const std::string_view shown = cut_text(result, kShownBytesMax);
  std::string text = "The tool has run, and this is what came back:\n\n";
  text += shown;
  if (shown.size() < result.size()) text += " ...";
  text +=
      "\n\nThat was a whole turn through tollgate: a request, a tool call, its result. I am the "
      "built-in demo provider and understand nothing; set ANTHROPIC_API_KEY or write a "
      "tollgate.yaml to talk to a model.";
  return text;
}

}  // namespace

int64_t demo_tokens(size_t bytes) {
  return static_cast<int64_t>(bytes / 4 + 1);
}

DemoAnswer demo_answer(JsonValue request, size_t request_bytes) {
  DemoAnswer answer;
  answer.model = request.member("model").text();
  answer.stream = request.member("stream").boolean();
  answer.input_tokens = demo_tokens(request_bytes);
  const JsonValue format = request.member("output_config").member("format");
  if (const auto result = last_tool_result(request)) {
    answer.text = result_text(*result);
  } else if (format.member("type").text() == "json_schema") {
    append_example(answer.text, format.member("schema"), 0);
  } else if ((answer.tool_call = choose_tool(request))) {
    answer.text = "I am tollgate's demo provider. Let me run a tool (" + answer.tool_call->name +
                  ") and see what comes back.";
  } else {
    answer.text = "Hello from tollgate's demo provider.";
  }
  const int64_t limit = request.member("max_tokens").integer(INT64_MAX / 8);
  if (!answer.tool_call && demo_tokens(answer.text.size()) > limit) {
    answer.text = cut_text(answer.text, static_cast<size_t>(std::max<int64_t>(limit, 1)) * 4);
    answer.cut = true;
  }
  const size_t written =
      answer.text.size() + (answer.tool_call ? answer.tool_call->input.size() : 0);
  answer.output_tokens = std::min(demo_tokens(written), std::max<int64_t>(limit, 1));
  return answer;
}

namespace {

std::string_view stop_reason(const DemoAnswer& answer) {
  if (answer.cut) return "max_tokens";
  return answer.tool_call ? "tool_use" : "end_turn";
}

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string usage(int64_t input, int64_t output) {
  return R"({"input_tokens":)" + std::to_string(input) +
         R"(,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":)" +
         std::to_string(output) + "}";
}

std::string message_head(const DemoAnswer& answer, const std::string& id) {
  return R"({"id":"msg_)" + id + R"(","type":"message","role":"assistant","model":)" +
         quoted(answer.model) + R"(,"content":)";
}

std::string event(std::string_view name, const std::string& rest) {
  return "event: " + std::string(name) + "\ndata: {\"type\":\"" + std::string(name) + "\"" + rest +
         "}\n\n";
}

void add_block(std::vector<std::string>& events, int index, const std::string& start,
               std::string_view content, const std::string& delta_head) {
  const std::string at = R"(,"index":)" + std::to_string(index);
  events.push_back(event("content_block_start", at + R"(,"content_block":)" + start));
  while (!content.empty()) {
    const std::string_view piece = cut_text(content, kDeltaBytes);
    std::string delta = at;
    delta.append(R"(,"delta":{)").append(delta_head).append(quoted(piece)).append("}");
    events.push_back(event("content_block_delta", delta));
    content.remove_prefix(piece.size());
  }
  events.push_back(event("content_block_stop", at));
}

}  // namespace

std::string demo_json(const DemoAnswer& answer, const std::string& id) {
  std::string out = message_head(answer, id);
  out += R"([{"type":"text","text":)" + quoted(answer.text) + "}";
  if (answer.tool_call) {
    out += R"(,{"type":"tool_use","id":"toolu_)" + id + R"(","name":)" +
           quoted(answer.tool_call->name) + R"(,"input":)" + answer.tool_call->input + "}";
  }
  out += R"(],"stop_reason":")" + std::string(stop_reason(answer)) +
         R"(","stop_sequence":null,"usage":)" + usage(answer.input_tokens, answer.output_tokens) +
         "}";
  return out;
}

std::vector<std::string> demo_events(const DemoAnswer& answer, const std::string& id) {
  std::vector<std::string> events;
  events.push_back(
      event("message_start", R"(,"message":)" + message_head(answer, id) +
                                 R"([],"stop_reason":null,"stop_sequence":null,"usage":)" +
                                 usage(answer.input_tokens, 1) + "}"));
  add_block(events, 0, R"({"type":"text","text":""})", answer.text,
            R"("type":"text_delta","text":)");
  if (answer.tool_call) {
    add_block(events, 1,
              R"({"type":"tool_use","id":"toolu_)" + id + R"(","name":)" +
                  quoted(answer.tool_call->name) + R"(,"input":{}})",
              answer.tool_call->input, R"("type":"input_json_delta","partial_json":)");
  }
  events.push_back(event("message_delta", R"(,"delta":{"stop_reason":")" +
                                              std::string(stop_reason(answer)) +
                                              R"(","stop_sequence":null},"usage":)" +
                                              usage(answer.input_tokens, answer.output_tokens)));
  events.push_back(event("message_stop", ""));
  return events;
}

}  // namespace tollgate::server
