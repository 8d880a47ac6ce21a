#include "support/openai_responses_rules.hpp"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <set>

#include "json/reader.hpp"

namespace tollgate::test {
namespace {

using json::Kind;
using json::Value;
using Names = std::initializer_list<std::string_view>;

bool is_one_of(std::string_view text, Names names) {
  return std::find(names.begin(), names.end(), text) != names.end();
}

class Judge {
 public:
  Judge(const ResponsesModel& model, bool counting) : model_(model), counting_(counting) {}

  void judge(Value root);
  std::vector<std::string> take() { return std::move(refusals_); }

 private:
  void refuse(const std::string& where, const std::string& what) {
    refusals_.push_back(where + ": " + what);
  }
  /// Members beyond these are unknown; a null counts as absent.
  void members(Value object, const std::string& where, Names known);
  void text(Value value, const std::string& where, size_t least, size_t most);
  void optional_text(Value value, const std::string& where, size_t most);
  void optional_flag(Value value, const std::string& where);
  void top(Value root);
  void input(Value items);
  void item(Value value, const std::string& where);
  void message(Value value, const std::string& where);
  void parts(Value list, const std::string& where, bool assistant);
  void part(Value value, const std::string& where, bool assistant);
  void call(Value value, const std::string& where);
  void output(Value value, const std::string& where);
  void reasoning_item(Value value, const std::string& where);
  void tools(Value list);
  void tool(Value value, const std::string& where);
  void parameters(Value schema, const std::string& where, bool strict);
  void tool_choice(Value value);
  void reasoning(Value value);
  void format(Value value);

  const ResponsesModel& model_;
  bool counting_;
  std::vector<std::string> refusals_;
  std::map<std::string, int> calls_;  ///< call_id to its number of outputs.
  std::set<std::string> tool_names_;
  std::set<std::string> tool_types_;
};

void Judge::members(Value object, const std::string& where, Names known) {
  std::set<std::string_view> seen;
  for (const json::Member member : object.members()) {
    if (!seen.insert(member.key).second)
      refuse(where, "Duplicate member " + std::string(member.key));
    if (!is_one_of(member.key, known)) {
      refuse(where, "Unknown parameter: '" + std::string(member.key) + "'.");
    }
  }
}

void Judge::text(Value value, const std::string& where, size_t least, size_t most) {
  const auto string = value.string();
  if (!string) return refuse(where, "Invalid type: expected a string.");
  if (string->size() < least) refuse(where, "Expected a string with minimum length.");
  if (string->size() > most) refuse(where, "Expected a string with maximum length.");
}

void Judge::optional_text(Value value, const std::string& where, size_t most) {
  if (value.exists() && !value.is_null()) text(value, where, 0, most);
}

void Judge::optional_flag(Value value, const std::string& where) {
  if (value.exists() && !value.is_null() && !value.boolean()) refuse(where, "Invalid type.");
}

void Judge::judge(Value root) {
  if (!root.is_object()) return refuse("body", "We could not parse the JSON body.");
  if (counting_) {
    members(root, "body",
            {"model", "input", "instructions", "tools", "tool_choice", "parallel_tool_calls",
             "reasoning", "text", "truncation", "conversation", "previous_response_id"});
  } else {
    members(root, "body",
            {"model",
             "input",
             "instructions",
             "tools",
             "tool_choice",
             "reasoning",
             "text",
             "max_output_tokens",
             "temperature",
             "top_p",
             "include",
             "store",
             "stream",
             "truncation",
             "stream_options",
             "parallel_tool_calls",
             "metadata",
             "service_tier",
             "safety_identifier",
             "prompt_cache_key",
             "max_tool_calls",
             "top_logprobs",
             "background",
             "user",
             "prompt_cache_retention"});
    top(root);
  }
  text(root["model"], "model", 1, 512);
  if (root["instructions"].exists()) text(root["instructions"], "instructions", 1, size_t(-1));
  tools(root["tools"]);
  tool_choice(root["tool_choice"]);
  optional_flag(root["parallel_tool_calls"], "parallel_tool_calls");
  reasoning(root["reasoning"]);
  format(root["text"]);
  input(root["input"]);
}

void Judge::top(Value root) {
  const Value limit = root["max_output_tokens"];
  if (limit.exists() && limit.integer().value_or(0) < 16) {
    refuse("max_output_tokens", "Expected a value >= 16.");
  }
  for (const std::string_view name : {"temperature", "top_p"}) {
    if (!root[name].exists()) continue;
    const double value = root[name].number().value_or(-1);
    if (value < 0 || value > (name == "top_p" ? 1 : 2)) refuse(std::string(name), "Out of range.");
    if (model_.reasons && root["reasoning"]["effort"].string_or("") != "none") {
      refuse(std::string(name), "Unsupported parameter: not supported with this model.");
    }
  }
  for (const Value each : root["include"].elements()) {
    const std::string_view name = each.string_or("");
    if (!is_one_of(name, {"reasoning.encrypted_content", "web_search_call.action.sources"})) {
      refuse("include", "Invalid value.");
    }
    if (name == "reasoning.encrypted_content" && !model_.reasons) {
      refuse("include", "Encrypted content is not supported with this model.");
    }
  }
  optional_flag(root["store"], "store");
  if (root["store"].boolean() != false) refuse("store", "The gateway stores nothing.");
  optional_flag(root["stream"], "stream");
  if (root["stream_options"].exists()) {
    if (root["stream"].boolean() != true) refuse("stream_options", "Only allowed with stream.");
    members(root["stream_options"], "stream_options", {"include_obfuscation"});
  }
  if (root["service_tier"].exists() &&
      !is_one_of(root["service_tier"].string_or(""),
                 {"auto", "default", "flex", "scale", "priority"})) {
    refuse("service_tier", "Invalid value.");
  }
  optional_text(root["safety_identifier"], "safety_identifier", 64);
  optional_text(root["prompt_cache_key"], "prompt_cache_key", 64);
  if (root["max_tool_calls"].exists() && root["max_tool_calls"].integer().value_or(0) < 1) {
    refuse("max_tool_calls", "Expected a value >= 1.");
  }
}

void Judge::input(Value items) {
  if (items.is_string()) return text(items, "input", 1, size_t(-1));
  if (!items.is_array()) return refuse("input", "Missing required parameter: 'input'.");
  if (items.size() == 0 && !counting_) refuse("input", "One of the input items is required.");
  size_t number = 0;
  bool reasoning_waits = false;
  for (const Value value : items.elements()) {
    const std::string where = "input[" + std::to_string(number++) + "]";
    const std::string_view type = value["type"].string_or("message");
    const bool continues = type == "function_call" || type == "reasoning" ||
                           value["role"].string_or("") == "assistant";
    if (reasoning_waits && !continues) {
      refuse(where, "Item of type 'reasoning' was provided without its required following item.");
    }
    reasoning_waits = type == "reasoning";
    item(value, where);
  }
  if (reasoning_waits) {
    refuse("input", "Item of type 'reasoning' was provided without its required following item.");
  }
  for (const auto& [id, outputs] : calls_) {
    if (outputs == 0) refuse("input", "No tool output found for function call " + id + ".");
    if (outputs > 1) refuse("input", "Two outputs for function call " + id + ".");
  }
}

void Judge::item(Value value, const std::string& where) {
  const std::string_view type = value["type"].string_or("message");
  if (!value.is_object()) return refuse(where, "Invalid type: expected an object.");
  if (type == "message") return message(value, where);
  if (type == "function_call") return call(value, where);
  if (type == "function_call_output") return output(value, where);
  if (type == "reasoning") return reasoning_item(value, where);
  refuse(where, "Invalid value: '" + std::string(type) + "'.");
}

void Judge::message(Value value, const std::string& where) {
  members(value, where, {"type", "role", "content", "phase"});
  const std::string_view role = value["role"].string_or("");
  if (!is_one_of(role, {"user", "assistant", "system", "developer"})) {
    refuse(where + ".role", "Invalid value: '" + std::string(role) + "'.");
  }
  if (value["phase"].exists()) {
    if (role != "assistant") refuse(where + ".phase", "Only assistant messages have a phase.");
    if (!is_one_of(value["phase"].string_or(""), {"commentary", "final_answer"})) {
      refuse(where + ".phase", "Invalid value.");
    }
  }
  const Value content = value["content"];
  if (content.is_string()) return text(content, where + ".content", 1, size_t(-1));
  parts(content, where + ".content", role == "assistant");
}

void Judge::parts(Value list, const std::string& where, bool assistant) {
  if (!list.is_array() || list.size() == 0) return refuse(where, "Expected a list of parts.");
  size_t number = 0;
  for (const Value value : list.elements())
    part(value, where + "[" + std::to_string(number++) + "]", assistant);
}

void Judge::part(Value value, const std::string& where, bool assistant) {
  const std::string_view type = value["type"].string_or("");
  if (assistant) {
    if (type != "output_text") return refuse(where, "Supported values are: 'output_text'.");
    members(value, where, {"type", "text"});
    return text(value["text"], where + ".text", 1, size_t(-1));
  }
  if (type == "input_text") {
    members(value, where, {"type", "text"});
    return text(value["text"], where + ".text", 1, size_t(-1));
  }
  if (type == "input_image") {
    members(value, where, {"type", "image_url", "detail"});
    const std::string_view url = value["image_url"].string_or("");
    if (!url.starts_with("https://") && !url.starts_with("http://") &&
        !url.starts_with("data:image/")) {
      refuse(where, "Invalid image URL.");
    }
    if (!is_one_of(value["detail"].string_or(""), {"auto", "low", "high"})) {
      refuse(where, "Missing required parameter: 'detail'.");
    }
    return;
  }
  if (type != "input_file") return refuse(where, "Invalid value: '" + std::string(type) + "'.");
  members(value, where, {"type", "filename", "file_data", "file_url"});
  if (value["file_url"].exists()) return text(value["file_url"], where + ".file_url", 8, 8192);
  text(value["filename"], where + ".filename", 1, 1024);
  if (!value["file_data"].string_or("").starts_with("data:")) refuse(where, "Invalid file data.");
}

void Judge::call(Value value, const std::string& where) {
  members(value, where, {"type", "call_id", "name", "arguments"});
  text(value["call_id"], where + ".call_id", 1, 64);
  text(value["name"], where + ".name", 1, model_.tool_name_bytes_max);
  json::Document document;
  const auto arguments = document.parse(value["arguments"].string_or(""));
  if (!arguments.ok() || !arguments.value().is_object()) {
    refuse(where + ".arguments", "Expected the text of a JSON object.");
  }
  if (!calls_.emplace(std::string(value["call_id"].string_or("")), 0).second) {
    refuse(where, "Duplicate call_id.");
  }
}

void Judge::output(Value value, const std::string& where) {
  members(value, where, {"type", "call_id", "output"});
  text(value["call_id"], where + ".call_id", 1, 64);
  const auto known = calls_.find(std::string(value["call_id"].string_or("")));
  if (known == calls_.end()) {
    refuse(where, "No tool call found for function call output with this call_id.");
  } else {
    ++known->second;
  }
  if (value["output"].is_string()) return text(value["output"], where + ".output", 1, size_t(-1));
  parts(value["output"], where + ".output", false);
}

void Judge::reasoning_item(Value value, const std::string& where) {
  members(value, where, {"type", "id", "summary", "encrypted_content"});
  text(value["id"], where + ".id", 1, 128);
  text(value["encrypted_content"], where + ".encrypted_content", 1, size_t(-1));
  if (!value["summary"].is_array()) refuse(where, "Missing required parameter: 'summary'.");
  for (const Value part_value : value["summary"].elements()) {
    members(part_value, where + ".summary", {"type", "text"});
    if (part_value["type"].string_or("") != "summary_text") refuse(where, "Invalid summary.");
    text(part_value["text"], where + ".summary", 0, size_t(-1));
  }
}

void Judge::tools(Value list) {
  if (!list.exists()) return;
  if (!list.is_array() || list.size() == 0) return refuse("tools", "Expected a list of tools.");
  if (list.size() > model_.tools_max) refuse("tools", "Invalid 'tools': array too long.");
  size_t number = 0;
  for (const Value value : list.elements())
    tool(value, "tools[" + std::to_string(number++) + "]");
}

void Judge::tool(Value value, const std::string& where) {
  const std::string type(value["type"].string_or(""));
  tool_types_.insert(type);
  if (type == "web_search") {
    return members(value, where, {"type", "filters", "user_location", "search_context_size"});
  }
  if (type != "function") return refuse(where, "Invalid value: '" + type + "'.");
  members(value, where, {"type", "name", "description", "parameters", "strict"});
  const std::string name(value["name"].string_or(""));
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
  if (name.empty() || !plain || name.size() > model_.tool_name_bytes_max) {
    refuse(where + ".name", "Invalid tool name '" + name + "'.");
  }
  if (!tool_names_.insert(name).second) refuse(where + ".name", "Duplicate tool '" + name + "'.");
  if (!value["strict"].boolean()) refuse(where + ".strict", "Left to chance.");
  parameters(value["parameters"], where + ".parameters", value["strict"].boolean() == true);
}

void Judge::parameters(Value schema, const std::string& where, bool strict) {
  if (schema["type"].string_or("") != "object") {
    return refuse(where, "Invalid schema for function: schema must be of type 'object'.");
  }
  if (!schema["properties"].is_object()) refuse(where, "object schema missing properties.");
  for (const std::string_view name : {"oneOf", "anyOf", "allOf", "enum", "not"}) {
    if (schema[name].exists()) {
      refuse(where, "schema must not have '" + std::string(name) + "' at the top level.");
    }
  }
  if (!strict) return;
  if (schema["additionalProperties"].boolean() != false) {
    refuse(where, "'additionalProperties' is required to be supplied and to be false.");
  }
  if (schema["required"].size() != schema["properties"].size()) {
    refuse(where, "'required' is required to include every key in properties.");
  }
}

void Judge::tool_choice(Value value) {
  if (!value.exists()) return;
  if (tool_types_.empty()) {
    return refuse("tool_choice", "'tool_choice' is only allowed when 'tools' are specified.");
  }
  if (value.is_string()) {
    if (!is_one_of(value.string_or(""), {"none", "auto", "required"})) {
      refuse("tool_choice", "Invalid value.");
    }
    return;
  }
  members(value, "tool_choice", {"type", "name"});
  const std::string type(value["type"].string_or(""));
  if (type == "function") {
    if (!tool_names_.contains(std::string(value["name"].string_or("")))) {
      refuse("tool_choice", "Tool choice not found in 'tools' parameter.");
    }
  } else if (!tool_types_.contains(type)) {
    refuse("tool_choice", "Tool choice not found in 'tools' parameter.");
  }
}

void Judge::reasoning(Value value) {
  if (!value.exists()) return;
  members(value, "reasoning", {"effort", "summary"});
  if (!model_.reasons) refuse("reasoning", "Unsupported parameter with this model.");
  const Value effort = value["effort"];
  if (effort.exists() && std::find(model_.efforts.begin(), model_.efforts.end(),
                                   effort.string_or("")) == model_.efforts.end()) {
    refuse("reasoning.effort", "Unsupported value: '" + std::string(effort.string_or("")) + "'.");
  }
  if (value["summary"].exists() &&
      !is_one_of(value["summary"].string_or(""), {"auto", "concise", "detailed"})) {
    refuse("reasoning.summary", "Invalid value.");
  }
}

void Judge::format(Value value) {
  if (!value.exists()) return;
  members(value, "text", {"format", "verbosity"});
  const Value shape = value["format"];
  if (!shape.exists()) return;
  const std::string_view type = shape["type"].string_or("");
  if (type != "json_schema") {
    if (!is_one_of(type, {"text", "json_object"})) refuse("text.format", "Invalid value.");
    return;
  }
  members(shape, "text.format", {"type", "name", "schema", "strict", "description"});
  text(shape["name"], "text.format.name", 1, 64);
  if (!shape["schema"].is_object()) refuse("text.format.schema", "Missing required parameter.");
}

}  // namespace

std::vector<std::string> responses_refusals(std::string_view body, const ResponsesModel& model,
                                            bool counting) {
  json::Document document;
  const auto parsed = document.parse(body);
  if (!parsed.ok()) return {"body: " + parsed.status().message()};
  Judge judge(model, counting);
  judge.judge(parsed.value());
  return judge.take();
}

}  // namespace tollgate::test
