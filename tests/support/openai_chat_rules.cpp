#include "support/openai_chat_rules.hpp"

#include <algorithm>
#include <initializer_list>
#include <set>

#include "json/reader.hpp"

namespace tollgate::test {
namespace {

using json::Value;
using Names = std::initializer_list<std::string_view>;

bool is_one_of(std::string_view text, Names names) {
  return std::find(names.begin(), names.end(), text) != names.end();
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

class Judge {
 public:
  explicit Judge(const ChatModel& model) : model_(model) {}
  void judge(Value root);
  std::vector<std::string> take() { return std::move(refusals_); }

 private:
  void refuse(const std::string& where, const std::string& what) {
    refusals_.push_back(where + ": " + what);
  }
  void members(Value object, const std::string& where, Names known);
  void top(Value root);
  void sampling(Value root);
  void messages(Value list);
  void message(Value value, const std::string& where);
  void user_content(Value content, const std::string& where);
  void part(Value value, const std::string& where);
  void assistant(Value value, const std::string& where);
  void tool_result(Value value, const std::string& where);
  void nothing_open(const std::string& where);
  void tools(Value list);
  void schema(Value value, const std::string& where);
  void tool_choice(Value root);
  void response_format(Value value);

  const ChatModel& model_;
  std::vector<std::string> refusals_;
  std::vector<std::string> open_calls_;
  std::set<std::string> call_ids_;
  std::set<std::string> tool_names_;
  std::string last_role_;
};

void Judge::members(Value object, const std::string& where, Names known) {
  std::set<std::string_view> seen;
  for (const json::Member member : object.members()) {
    if (!is_one_of(member.key, known))
      refuse(where + "." + std::string(member.key), "unknown parameter");
    if (!seen.insert(member.key).second) refuse(where + "." + std::string(member.key), "twice");
  }
}

void Judge::sampling(Value root) {
  const std::string_view effort = root["reasoning_effort"].string_or("");
  if (root["reasoning_effort"].exists() &&
      std::find(model_.efforts.begin(), model_.efforts.end(), effort) == model_.efforts.end()) {
    refuse("reasoning_effort", "unsupported value");
  }
  const bool reasons = !effort.empty() && effort != "none";
  for (const char* name : {"temperature", "top_p"}) {
    if (!root[name].exists()) continue;
    if (!root[name].number()) refuse(name, "expected a number");
    if (reasons || (!model_.takes_sampling && effort != "none"))
      refuse(name, "not supported with this model");
  }
  if (!root["stop"].exists()) return;
  if (!model_.takes_stop) refuse("stop", "not supported with this model");
  if (root["stop"].size() == 0 || root["stop"].size() > 4) refuse("stop", "wrong number");
}

void Judge::top(Value root) {
  members(root, "$",
          {"model",
           "messages",
           "max_tokens",
           "max_completion_tokens",
           "temperature",
           "top_p",
           "stop",
           "stream",
           "stream_options",
           "tools",
           "tool_choice",
           "parallel_tool_calls",
           "reasoning_effort",
           "response_format",
           "safety_identifier",
           "prompt_cache_key",
           "service_tier",
           "seed",
           "frequency_penalty",
           "presence_penalty",
           "logit_bias",
           "verbosity",
           "prompt_cache_retention",
           "logprobs",
           "top_logprobs"});
  if (root["model"].string_or("").empty()) refuse("model", "you must provide a model");
  if (root["max_tokens"].exists() && !model_.takes_max_tokens)
    refuse("max_tokens", "use 'max_completion_tokens' instead");
  for (const char* name : {"max_tokens", "max_completion_tokens"}) {
    if (root[name].exists() && root[name].integer().value_or(0) < 1) refuse(name, "below minimum");
  }
  if (root["max_tokens"].exists() && root["max_completion_tokens"].exists())
    refuse("max_tokens", "both limits");
  if (root["stream"].exists() && !root["stream"].boolean()) refuse("stream", "expected a boolean");
  if (root["stream_options"].exists()) {
    members(root["stream_options"], "stream_options", {"include_usage", "include_obfuscation"});
    if (root["stream"].boolean() != true)
      refuse("stream_options", "only allowed when 'stream' is enabled");
  }
  for (const char* name : {"safety_identifier", "prompt_cache_key"}) {
    if (!root[name].exists()) continue;
    if (root[name].string_or("").empty() || root[name].string_or("").size() > 64)
      refuse(name, "string above max length");
  }
  if (root["service_tier"].exists() &&
      !is_one_of(root["service_tier"].string_or(""), {"auto", "default", "flex", "priority"}))
    refuse("service_tier", "invalid value");
  if (root["parallel_tool_calls"].exists()) {
    if (!root["tools"].exists())
      refuse("parallel_tool_calls", "only allowed when 'tools' are specified");
    if (!model_.takes_parallel_switch) refuse("parallel_tool_calls", "unsupported parameter");
    if (!root["parallel_tool_calls"].boolean()) refuse("parallel_tool_calls", "expected a boolean");
  }
}

void Judge::part(Value value, const std::string& where) {
  const std::string_view type = value["type"].string_or("");
  if (type == "text") {
    members(value, where, {"type", "text"});
    if (value["text"].string_or("").empty()) refuse(where, "empty text");
  } else if (type == "image_url") {
    members(value, where, {"type", "image_url"});
    members(value["image_url"], where + ".image_url", {"url", "detail"});
    const std::string_view url = value["image_url"]["url"].string_or("");
    const bool known =
        url.starts_with("https://") || url.starts_with("http://") ||
        url.starts_with("data:image/png;base64,") || url.starts_with("data:image/jpeg;base64,") ||
        url.starts_with("data:image/webp;base64,") || url.starts_with("data:image/gif;base64,");
    const bool plain = !url.starts_with("data:") || url.starts_with("data:image/png;") ||
                       url.starts_with("data:image/jpeg;");
    if (!known || (model_.only_png_and_jpeg && !plain)) refuse(where, "invalid image");
  } else if (type == "file") {
    members(value, where, {"type", "file"});
    members(value["file"], where + ".file", {"filename", "file_data", "file_id"});
    if (value["file"]["filename"].string_or("").empty()) refuse(where, "missing filename");
    if (!value["file"]["file_data"].string_or("").starts_with("data:application/pdf;base64,"))
      refuse(where, "invalid file");
  } else {
    refuse(where + ".type", "invalid value");
  }
}

void Judge::user_content(Value content, const std::string& where) {
  if (content.is_string()) {
    if (content.string_or("").empty()) refuse(where, "empty content");
    return;
  }
  if (!content.is_array() || content.size() == 0)
    refuse(where, "expected a string or a list of parts");
  size_t index = 0;
  for (const Value each : content.elements())
    part(each, where + "[" + std::to_string(index++) + "]");
}

void Judge::nothing_open(const std::string& where) {
  if (open_calls_.empty()) return;
  refuse(where,
         "An assistant message with 'tool_calls' must be followed by tool messages responding to "
         "each 'tool_call_id'");
  open_calls_.clear();
}

void Judge::assistant(Value value, const std::string& where) {
  members(value, where, {"role", "content", "tool_calls", "refusal", "name"});
  const Value calls = value["tool_calls"];
  if (calls.exists() && calls.size() == 0) refuse(where + ".tool_calls", "empty array");
  const Value content = value["content"];
  const bool silent = !content.exists() || content.is_null();
  if (silent && !calls.exists()) refuse(where + ".content", "expected a string");
  if (!silent && !content.is_string()) refuse(where + ".content", "expected a string");
  for (const Value call : calls.elements()) {
    members(call, where + ".tool_calls", {"id", "type", "function"});
    members(call["function"], where + ".tool_calls.function", {"name", "arguments"});
    const std::string id(call["id"].string_or(""));
    if (id.empty() || id.size() > 64) refuse(where + ".tool_calls.id", "string above max length");
    if (!call_ids_.insert(id).second) refuse(where + ".tool_calls.id", "used before");
    if (call["type"].string() != "function") refuse(where + ".tool_calls.type", "invalid value");
    if (!is_name(call["function"]["name"].string_or("")))
      refuse(where + ".tool_calls.function.name", "does not match the pattern");
    json::Document document;
    const auto arguments = document.parse(call["function"]["arguments"].string_or(""));
    if (!arguments.ok() || !arguments.value().is_object())
      refuse(where + ".tool_calls.function.arguments", "no JSON object");
    open_calls_.push_back(id);
  }
}

void Judge::tool_result(Value value, const std::string& where) {
  members(value, where, {"role", "content", "tool_call_id"});
  if (value["content"].string_or("").empty()) refuse(where + ".content", "expected text");
  const std::string id(value["tool_call_id"].string_or(""));
  const auto found = std::find(open_calls_.begin(), open_calls_.end(), id);
  if (found == open_calls_.end()) {
    refuse(where,
           "messages with role 'tool' must be a response to a preceding message with 'tool_calls'");
    return;
  }
  open_calls_.erase(found);
}

void Judge::message(Value value, const std::string& where) {
  const std::string role(value["role"].string_or(""));
  if (role != "tool") nothing_open(where);
  if (role == "system" || role == "developer") {
    members(value, where, {"role", "content", "name"});
    if (value["content"].string_or("").empty()) refuse(where + ".content", "empty");
  } else if (role == "user") {
    members(value, where, {"role", "content", "name"});
    user_content(value["content"], where + ".content");
  } else if (role == "assistant") {
    assistant(value, where);
  } else if (role == "tool") {
    tool_result(value, where);
  } else {
    refuse(where + ".role", "invalid value");
  }
  if (model_.turns_alternate && role == last_role_ && role != "tool")
    refuse(where, "roles must alternate");
  last_role_ = role;
}

void Judge::messages(Value list) {
  if (!list.is_array() || list.size() == 0) refuse("messages", "expected a list with messages");
  size_t index = 0;
  for (const Value each : list.elements())
    message(each, "messages[" + std::to_string(index++) + "]");
  nothing_open("messages");
  if (last_role_ == "assistant") refuse("messages", "ends with an assistant");
}

void Judge::schema(Value value, const std::string& where) {
  if (!value.is_object()) refuse(where, "expected an object");
  if (value["type"].string() != "object") refuse(where, "schema must have type 'object'");
  if (!value["properties"].is_object()) refuse(where, "object schema missing properties");
  for (const char* name : {"oneOf", "anyOf", "allOf", "enum", "not"}) {
    if (value[name].exists())
      refuse(where, std::string("schema must not have '") + name + "' at the top level");
  }
}

void Judge::tools(Value list) {
  if (!list.exists()) return;
  if (!list.is_array() || list.size() == 0) refuse("tools", "empty array");
  if (list.size() > model_.tools_max) refuse("tools", "array too long");
  for (const Value tool : list.elements()) {
    members(tool, "tools", {"type", "function"});
    if (tool["type"].string() != "function") refuse("tools.type", "invalid value");
    const Value function = tool["function"];
    members(function, "tools.function", {"name", "description", "parameters", "strict"});
    const std::string name(function["name"].string_or(""));
    if (!is_name(name)) refuse("tools.function.name", "does not match the pattern");
    tool_names_.insert(name);
    schema(function["parameters"], "tools.function.parameters");
    if (function["strict"].boolean() == true &&
        function["parameters"]["additionalProperties"].boolean() != false) {
      refuse("tools.function.parameters",
             "'additionalProperties' is required to be supplied and to be false");
    }
  }
}

void Judge::tool_choice(Value root) {
  const Value choice = root["tool_choice"];
  if (!choice.exists()) return;
  if (!root["tools"].exists()) refuse("tool_choice", "only allowed when 'tools' are specified");
  if (choice.is_string()) {
    if (!is_one_of(choice.string_or(""), {"none", "auto", "required"}))
      refuse("tool_choice", "invalid value");
    return;
  }
  members(choice, "tool_choice", {"type", "function"});
  if (!tool_names_.contains(std::string(choice["function"]["name"].string_or(""))))
    refuse("tool_choice", "names no tool of the request");
}

void Judge::response_format(Value value) {
  if (!value.exists()) return;
  const std::string_view type = value["type"].string_or("");
  if (type == "json_object" || type == "text") return members(value, "response_format", {"type"});
  members(value, "response_format", {"type", "json_schema"});
  const Value format = value["json_schema"];
  members(format, "response_format.json_schema", {"name", "schema", "strict", "description"});
  if (!is_name(format["name"].string_or("")))
    refuse("response_format.json_schema.name", "does not match the pattern");
  if (!format["schema"].is_object())
    refuse("response_format.json_schema.schema", "expected an object");
}

void Judge::judge(Value root) {
  top(root);
  sampling(root);
  messages(root["messages"]);
  tools(root["tools"]);
  tool_choice(root);
  response_format(root["response_format"]);
}

}  // namespace

ChatModel chat_model_of(const model::ModelFacts& facts) {
  ChatModel model;
  model.takes_max_tokens = facts.token_field != "max_completion_tokens";
  model.takes_stop = facts.takes_stop;
  model.takes_sampling = facts.takes_sampling;
  model.takes_parallel_switch = facts.takes_parallel_switch;
  model.efforts = facts.efforts;
  return model;
}

std::vector<std::string> chat_refusals(std::string_view body, const ChatModel& model) {
  json::Document document;
  const auto parsed = document.parse(body);
  if (!parsed.ok() || !parsed.value().is_object()) return {"the body is no JSON object"};
  Judge judge(model);
  judge.judge(parsed.value());
  return judge.take();
}

}  // namespace tollgate::test
