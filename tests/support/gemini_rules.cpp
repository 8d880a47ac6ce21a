#include "support/gemini_rules.hpp"

#include <algorithm>
#include <optional>

#include "base/base64.hpp"
#include "json/reader.hpp"

// For tests: recurses over what it is given.

namespace tollgate::test {
namespace {

using json::Value;
using Names = std::set<std::string_view>;

const Names kSchemaOld = {
    "type",      "format",   "title",    "description",     "nullable",  "enum",
    "items",     "minItems", "maxItems", "properties",      "required",  "minProperties",
    "maxLength", "minimum",  "maximum",  "maxProperties",   "minLength", "pattern",
    "example",   "default",  "anyOf",    "propertyOrdering"};
const Names kSchemaJson = {"$id",
                           "$defs",
                           "$ref",
                           "$anchor",
                           "type",
                           "format",
                           "title",
                           "description",
                           "enum",
                           "items",
                           "minItems",
                           "maxItems",
                           "prefixItems",
                           "minimum",
                           "maximum",
                           "anyOf",
                           "oneOf",
                           "properties",
                           "required",
                           "additionalProperties",
                           "propertyOrdering"};
const Names kTypes = {"string", "number", "integer", "boolean", "array", "object", "null"};

class SchemaCheck {
 public:
  SchemaCheck(bool json_schema, std::vector<std::string>& wrong)
      : json_schema_(json_schema), wrong_(wrong) {}

  void check(Value schema, const std::string& path, int depth = 0) {
    if (depth > 64) return say(path, "nests too deeply");
    if (!schema.is_object()) return say(path, "is no object");
    for (const json::Member member : schema.members()) {
      const Names& known = json_schema_ ? kSchemaJson : kSchemaOld;
      if (known.count(member.key) == 0) say(path, "Unknown name " + std::string(member.key));
    }
    check_type(schema, path);
    check_enum(schema, path);
    check_bounds(schema, path);
    check_format(schema, path);
    const Value properties = schema["properties"];
    for (const json::Member member : properties.members())
      check(member.value, path + "." + std::string(member.key), depth + 1);
    std::set<std::string_view> seen;
    for (const Value name : schema["required"].elements()) {
      if (!properties[name.string_or("")].exists()) say(path, "requires what is not there");
      if (!seen.insert(name.string_or("")).second) say(path, "requires twice");
    }
    if (schema["required"].exists() && schema["required"].size() == 0) say(path, "required: []");
    if (schema["items"].exists()) check(schema["items"], path + "[]", depth + 1);
    for (const char* list : {"anyOf", "prefixItems"}) {
      if (!schema[list].exists()) continue;
      if (schema[list].size() == 0) say(path, std::string(list) + " is empty");
      for (const Value part : schema[list].elements())
        check(part, path + "|", depth + 1);
    }
    const Value more = schema["additionalProperties"];
    if (more.is_object()) check(more, path + ".*", depth + 1);
    if (!json_schema_ && schema["anyOf"].exists()) {
      for (const json::Member member : schema.members()) {
        if (member.key != "anyOf" && member.key != "nullable") say(path, "fields beside anyOf");
      }
    }
  }

 private:
  void say(const std::string& path, const std::string& what) {
    wrong_.push_back("schema " + path + ": " + what);
  }

  void check_type(Value schema, const std::string& path) {
    const Value type = schema["type"];
    if (type.is_array() && json_schema_) {
      for (const Value each : type.elements())
        if (kTypes.count(each.string_or("")) == 0) say(path, "unknown type");
      return;
    }
    if (!type.exists()) {
      if (!json_schema_ && !schema["anyOf"].exists()) say(path, "has no type");
      return;
    }
    if (kTypes.count(type.string_or("")) == 0) say(path, "unknown type");
    if (type.string_or("") == "array" && !schema["items"].exists() &&
        !schema["prefixItems"].exists()) {
      say(path, "an array without items");
    }
  }

  void check_enum(Value schema, const std::string& path) {
    const Value values = schema["enum"];
    if (!values.exists()) return;
    if (!values.is_array() || values.size() == 0) say(path, "enum is empty");
    std::set<std::string> seen;
    for (const Value value : values.elements()) {
      const bool text = value.is_string();
      if (!text && (!json_schema_ || !value.number())) say(path, "enum of another type");
      if (text && value.string_or("").empty()) say(path, "enum with an empty text");
      const std::string key = text ? "s" + std::string(value.string_or(""))
                                   : "n" + std::to_string(value.number().value_or(0));
      if (!seen.insert(key).second) say(path, "enum with a value twice");
    }
    if (!json_schema_ && schema["type"].string_or("") != "string") say(path, "enum not of strings");
  }

  void check_bounds(Value schema, const std::string& path) {
    for (const char* key : {"minimum", "maximum"}) {
      if (schema[key].exists() && !schema[key].number()) say(path, std::string(key) + " no number");
    }
    for (const char* key :
         {"minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"}) {
      if (schema[key].exists() && schema[key].integer().value_or(-1) < 0) {
        say(path, std::string(key) + " no count");
      }
    }
    const Value text = schema["description"];
    if (text.exists() && !text.is_string()) say(path, "description is no text");
  }

  void check_format(Value schema, const std::string& path) {
    const Value format = schema["format"];
    if (!format.exists()) return;
    const std::string_view name = format.string_or("");
    const Names known = {"int32", "int64", "float", "double", "date-time", "enum"};
    if (known.count(name) == 0) say(path, "only 'enum' and 'date-time' are supported");
  }

  bool json_schema_;
  std::vector<std::string>& wrong_;
};

class Check {
 public:
  Check(const GeminiServer& server, std::vector<std::string>& wrong)
      : server_(server), wrong_(wrong) {}

  void request(Value body) {
    Names known = {"contents",       "systemInstruction", "tools",        "toolConfig",
                   "safetySettings", "generationConfig",  "cachedContent"};
    if (server_.vertex) known.insert("labels");
    if (server_.counting) known = {"contents", "systemInstruction", "tools"};
    if (server_.counting && server_.vertex) known.insert("generationConfig");
    if (server_.counting && !server_.vertex) known.insert("model");
    only(body, known, "request");
    if (server_.counting && !server_.vertex &&
        !body["model"].string_or("").starts_with("models/")) {
      say("model: is no resource name");
    }
    tools(body);
    system(body["systemInstruction"]);
    contents(body["contents"]);
    if (body["generationConfig"].exists()) config(body["generationConfig"]);
  }

 private:
  void say(std::string what) { wrong_.push_back(std::move(what)); }

  void only(Value object, const Names& known, const std::string& path) {
    if (!object.is_object()) return say(path + ": is no object");
    for (const json::Member member : object.members()) {
      if (known.count(member.key) == 0) {
        say("Unknown name \"" + std::string(member.key) + "\" at '" + path + "'");
      }
    }
  }

  static bool is_name(std::string_view name) {
    const auto letter = [](char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; };
    if (name.empty() || name.size() > 64 || !(letter(name[0]) || name[0] == '_')) return false;
    return std::all_of(name.begin(), name.end(), [&](char c) {
      return letter(c) || (c >= '0' && c <= '9') ||
             std::string_view("_.:-").find(c) != std::string_view::npos;
    });
  }

  void tools(Value body) {
    for (const Value tool : body["tools"].elements()) {
      only(tool, {"functionDeclarations", "googleSearch"}, "tools");
      if (tool["googleSearch"].exists()) searches_ = true;
      if (tool["functionDeclarations"].size() > 512) {
        say("At most 512 function declarations can be specified.");
      }
      for (const Value function : tool["functionDeclarations"].elements())
        declaration(function);
    }
    if (searches_ && !declared_.empty()) say("tools: search beside functions");
    const Value choice = body["toolConfig"]["functionCallingConfig"];
    if (!body["toolConfig"].exists()) return;
    only(body["toolConfig"], {"functionCallingConfig"}, "toolConfig");
    only(choice, {"mode", "allowedFunctionNames"}, "functionCallingConfig");
    const std::string_view mode = choice["mode"].string_or("");
    if (Names{"AUTO", "ANY", "NONE", "VALIDATED"}.count(mode) == 0) say("mode: unknown");
    if (declared_.empty()) say("Function calling config is set without function_declarations.");
    for (const Value name : choice["allowedFunctionNames"].elements()) {
      if (mode != "ANY") say("allowedFunctionNames needs mode ANY");
      if (declared_.count(std::string(name.string_or(""))) == 0) say("allowed but not declared");
    }
  }

  void declaration(Value function) {
    only(function, {"name", "description", "parameters", "parametersJsonSchema"}, "function");
    const std::string name(function["name"].string_or(""));
    if (!is_name(name)) say("Invalid function name " + name);
    if (!declared_.insert(name).second) say("Duplicate function declaration " + name);
    const Value old = function["parameters"];
    const Value json = function["parametersJsonSchema"];
    if (old.exists() && json.exists()) say("parameters and parametersJsonSchema");
    if (json.exists()) SchemaCheck(true, wrong_).check(json, name);
    if (old.exists()) SchemaCheck(false, wrong_).check(old, name);
    for (const Value schema : {old, json}) {
      if (schema.exists() && schema["type"].string_or("") != "object") say("parameters: no object");
    }
  }

  void system(Value system) {
    if (!system.exists()) return;
    only(system, {"role", "parts"}, "systemInstruction");
    if (system["parts"].size() == 0) say("systemInstruction without parts");
    for (const Value part : system["parts"].elements()) {
      only(part, {"text"}, "systemInstruction.parts");
      if (part["text"].string_or("").empty()) say("systemInstruction with an empty part");
    }
  }

  void contents(Value contents) {
    if (contents.size() == 0) return say("contents is not specified");
    std::vector<Value> all;
    for (const Value content : contents.elements())
      all.push_back(content);
    size_t current = 0;
    for (size_t i = 0; i < all.size(); ++i) {
      if (all[i]["role"].string_or("") == "user" && says_something(all[i])) current = i;
    }
    std::vector<Value> waiting;
    for (size_t i = 0; i < all.size(); ++i) {
      only(all[i], {"role", "parts"}, "contents");
      const std::string_view role = all[i]["role"].string_or("");
      if (role != "user" && role != "model") say("Please use a valid role: user, model.");
      if (role != (i % 2 == 0 ? "user" : "model")) say("roles do not alternate");
      if (all[i]["parts"].size() == 0) say("contents.parts must not be empty");
      if (role == "user") responses(all[i], waiting);
      waiting.clear();
      bool first = true;
      for (const Value part : all[i]["parts"].elements()) {
        check_part(part, role);
        if (!part["functionCall"].exists()) continue;
        waiting.push_back(part["functionCall"]);
        const bool checked = server_.generation >= 3 && i > current && first;
        if (checked && part["thoughtSignature"].string_or("").empty()) {
          say("Function call is missing a thought_signature");
        }
        first = false;
      }
    }
    if (all.back()["role"].string_or("") != "user") say("requests must end with a user role");
  }

  static bool says_something(Value content) {
    for (const Value part : content["parts"].elements()) {
      if (!part["functionResponse"].exists()) return true;
    }
    return false;
  }

  /// The calls of the turn before, answered in order and before anything else.
  void responses(Value content, const std::vector<Value>& waiting) {
    size_t next = 0;
    bool over = false;
    for (const Value part : content["parts"].elements()) {
      const Value response = part["functionResponse"];
      if (!response.exists()) {
        over = true;
        continue;
      }
      if (over) say("a function response behind other parts");
      if (next == waiting.size()) return say("a function response without its call");
      const Value call = waiting[next++];
      if (call["name"].string_or("") != response["name"].string_or("")) say("wrong function name");
      if (call["id"].string_or("") != response["id"].string_or("")) say("wrong function id");
    }
    if (next != waiting.size()) {
      say("the number of function response parts is not the number of function call parts");
    }
  }

  void check_part(Value part, std::string_view role) {
    const Names data = {"text", "inlineData", "fileData", "functionCall", "functionResponse"};
    Names known = data;
    known.insert({"thought", "thoughtSignature"});
    only(part, known, "parts");
    size_t holds = 0;
    for (const std::string_view name : data)
      holds += part[name].exists() ? 1 : 0;
    if (holds != 1) say("a part must hold one of its data");
    const std::string_view signature = part["thoughtSignature"].string_or("");
    if (part["text"].exists() && part["text"].string_or("").empty() && signature.empty()) {
      say("an empty text");
    }
    if (!signature.empty()) check_signature(std::string(signature), role);
    if (part["functionCall"].exists()) {
      const Value call = part["functionCall"];
      only(call, {"id", "name", "args"}, "functionCall");
      if (role != "model") say("a function call of the user");
      if (!is_name(call["name"].string_or(""))) say("Invalid function name in a call");
      if (!call["args"].is_object()) say("args is no object");
    }
    if (part["functionResponse"].exists()) response(part["functionResponse"], role);
    if (part["inlineData"].exists()) inline_data(part["inlineData"], false);
    if (part["fileData"].exists()) {
      only(part["fileData"], {"mimeType", "fileUri"}, "fileData");
      if (part["fileData"]["mimeType"].string_or("").empty()) say("fileData without mimeType");
    }
  }

  void check_signature(const std::string& signature, std::string_view role) {
    if (role != "model") say("a signature in a user's turn");
    if (signature == "skip_thought_signature_validator") return;
    if (!base64_decode(signature)) say("thoughtSignature: Base64 decoding failed");
    if (!server_.signatures.empty() && server_.signatures.count(signature) == 0) {
      say("Corrupted thought signature.");
    }
  }

  void response(Value response, std::string_view role) {
    Names known = {"id", "name", "response"};
    if (server_.generation >= 3) known.insert("parts");
    only(response, known, "functionResponse");
    if (role != "user") say("a function response of the model");
    if (!response["response"].is_object()) say("response is no object");
    for (const Value part : response["parts"].elements()) {
      only(part, {"inlineData"}, "functionResponse.parts");
      inline_data(part["inlineData"], true);
    }
  }

  void inline_data(Value data, bool in_response) {
    only(data, {"mimeType", "data"}, "inlineData");
    Names types = {"image/png", "image/jpeg", "image/webp", "application/pdf", "text/plain"};
    if (!in_response) types.insert({"image/heic", "image/heif"});
    const std::string_view type = data["mimeType"].string_or("");
    if (types.count(type) == 0) say("Unsupported MIME type: " + std::string(type));
    if (!base64_decode(data["data"].string_or("!"))) say("inlineData: Base64 decoding failed");
  }

  void config(Value config) {
    only(config,
         {"temperature", "topP", "topK", "maxOutputTokens", "stopSequences", "responseMimeType",
          "responseSchema", "responseJsonSchema", "thinkingConfig"},
         "generationConfig");
    const int64_t most = server_.generation >= 4 && !server_.stream ? 32768
                         : server_.generation >= 2                  ? 65536
                                                                    : 8192;
    const int64_t tokens = config["maxOutputTokens"].integer().value_or(1);
    if (tokens < 1 || tokens > most) say("maxOutputTokens is out of range");
    if (config["stopSequences"].size() > 5) say("at most 5 stop sequences");
    for (const Value stop : config["stopSequences"].elements())
      if (stop.string_or("").empty()) say("an empty stop sequence");
    const double heat = config["temperature"].number().value_or(1);
    if (heat < 0 || heat > 2) say("temperature is out of range");
    const Value schema = config["responseJsonSchema"];
    if (schema.exists()) {
      SchemaCheck(true, wrong_).check(schema, "answer");
      if (config["responseMimeType"].string_or("") != "application/json")
        say("schema without type");
      if (server_.generation < 3 && !declared_.empty()) {
        say("Function calling with a response mime type 'application/json' is unsupported");
      }
    }
    if (config["thinkingConfig"].exists()) thinking(config["thinkingConfig"]);
  }

  void thinking(Value thinking) {
    only(thinking, {"includeThoughts", "thinkingBudget", "thinkingLevel"}, "thinkingConfig");
    const Value budget = thinking["thinkingBudget"];
    const Value level = thinking["thinkingLevel"];
    if (thinking.size() == 0) say("an empty thinkingConfig");
    if (budget.exists() && level.exists()) say("You can only set one of budget and level");
    if (budget.exists() && server_.generation >= 3) say("thinking budget is not supported");
    if (level.exists() && server_.generation < 3) say("Thinking level is not supported");
    if (level.exists() &&
        Names{"MINIMAL", "LOW", "MEDIUM", "HIGH", "XHIGH"}.count(level.string_or("")) == 0) {
      say("thinkingLevel: unknown");
    }
    const int64_t tokens = budget.integer().value_or(0);
    if (tokens < -1 || tokens > 32768) say("The thinking budget is invalid");
  }

  const GeminiServer& server_;
  std::vector<std::string>& wrong_;
  std::set<std::string> declared_;
  bool searches_ = false;
};

}  // namespace

std::vector<std::string> gemini_refusals(std::string_view body, const GeminiServer& server) {
  std::vector<std::string> wrong;
  json::Document document;
  const auto parsed = document.parse(body);
  if (!parsed.ok()) return {"no JSON: " + parsed.status().message()};
  Value root = parsed.value();
  if (server.counting && !server.vertex) {
    if (root.size() != 1 || !root["generateContentRequest"].is_object()) {
      return {"countTokens: not one generateContentRequest"};
    }
    root = root["generateContentRequest"];
  }
  Check(server, wrong).request(root);
  return wrong;
}

std::vector<std::string> gemini_schema_refusals(std::string_view schema, bool json_schema) {
  std::vector<std::string> wrong;
  json::Document document;
  const auto parsed = document.parse(schema);
  if (!parsed.ok()) return {"no JSON: " + parsed.status().message()};
  SchemaCheck(json_schema, wrong).check(parsed.value(), "$");
  return wrong;
}

}  // namespace tollgate::test
