#include "support/converse_rules.hpp"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <set>

#include "base/base64.hpp"
#include "json/reader.hpp"

namespace tollgate::test {
namespace {

using json::Value;
using Names = std::initializer_list<std::string_view>;

bool is_one_of(std::string_view text, Names names) {
  return std::find(names.begin(), names.end(), text) != names.end();
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

bool is_plain_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

bool is_document_name(std::string_view name) {
  if (name.empty() || name.size() > 200 || contains(name, "  ")) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(" -()[]").find(c) != std::string_view::npos;
  });
}

/// The one member of a union.
struct Only {
  std::string_view name;
  Value value;
};

class Rules {
 public:
  explicit Rules(std::string_view model_id) : model_(model_id) {}

  void request(Value root);
  std::vector<std::string> violations;

 private:
  void wrong(const std::string& path, std::string_view what) {
    violations.push_back(path + ": " + std::string(what));
  }
  void known(Value object, const std::string& path, Names names) {
    if (!object.is_object()) wrong(path, "is no object");
    std::set<std::string_view> seen;
    for (const json::Member member : object.members()) {
      if (!is_one_of(member.key, names)) {
        wrong(path, "extraneous key [" + std::string(member.key) + "] is not permitted");
      }
      if (!seen.insert(member.key).second) wrong(path, "twice " + std::string(member.key));
    }
  }
  Only only(Value value, const std::string& path, Names names) {
    known(value, path, names);
    if (value.size() != 1) {
      wrong(path, "exactly one member must be set");
      return {};
    }
    const json::Member member = *value.members().begin();
    return {member.key, member.value};
  }
  void text(Value value, const std::string& path) {
    if (!value.is_string() || is_blank(value.string_or(""))) wrong(path, "text must not be blank");
  }
  void bytes(Value value, const std::string& path) {
    const auto decoded = base64_decode(value.string_or(""));
    if (!decoded || decoded->empty()) wrong(path, "bytes are no base64");
  }

  void messages(Value all);
  void message(Value message, const std::string& path, bool user);
  void user_content(const Only& block, const std::string& path);
  void reasoning(Value block, const std::string& path);
  void image(Value block, const std::string& path);
  void document(Value block, const std::string& path);
  void search_result(Value block, const std::string& path);
  void tool_result(Value block, const std::string& path);
  void cache_point(Value block, const std::string& path);
  void system(Value all);
  void tool_config(Value config);
  void tool_spec(Value spec, const std::string& path);
  void inference(Value config);
  void additional(Value fields);
  void output(Value config);

  bool claude() const { return contains(model_, "claude"); }
  bool nova() const { return contains(model_, "nova"); }

  std::string_view model_;
  std::set<std::string> ids_;
  std::set<std::string> waiting_;  ///< Calls of the turn before.
  std::set<std::string> calls_;    ///< Of this one.
  std::set<std::string> documents_;
  std::set<std::string> tools_;
  size_t cache_points_ = 0;
  bool tool_history_ = false;
};

void Rules::cache_point(Value block, const std::string& path) {
  known(block, path, {"type", "ttl"});
  if (block["type"].string_or("") != "default") wrong(path, "type");
  if (block["ttl"].exists() && !is_one_of(block["ttl"].string_or(""), {"5m", "1h"})) {
    wrong(path, "ttl");
  }
  if (!claude() && !nova()) wrong(path, "your request did not allow prompt caching");
  if (++cache_points_ > 4) wrong(path, "more than four cache points");
}

void Rules::image(Value block, const std::string& path) {
  known(block, path, {"format", "source"});
  if (!is_one_of(block["format"].string_or(""), {"png", "jpeg", "gif", "webp"})) {
    wrong(path, "format");
  }
  const Only source = only(block["source"], path + ".source", {"bytes"});
  bytes(source.value, path + ".source.bytes");
}

void Rules::document(Value block, const std::string& path) {
  known(block, path, {"format", "name", "source", "context", "citations"});
  if (!is_one_of(block["format"].string_or(""),
                 {"pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"})) {
    wrong(path, "format");
  }
  const std::string name(block["name"].string_or(""));
  if (!is_document_name(name)) wrong(path, "name \"" + name + "\"");
  if (!documents_.insert(name).second) wrong(path, "name twice: " + name);
  const Only source = only(block["source"], path + ".source", {"bytes", "text", "content"});
  if (source.name == "bytes") bytes(source.value, path + ".source.bytes");
  if (source.name == "content" && source.value.size() == 0) wrong(path, "content is empty");
}

void Rules::search_result(Value block, const std::string& path) {
  known(block, path, {"source", "title", "content", "citations"});
  if (!claude()) wrong(path, "the model takes no search results");
  if (block["content"].size() == 0) wrong(path, "content is empty");
  for (const Value part : block["content"].elements())
    text(only(part, path + ".content", {"text"}).value, path + ".content");
}

void Rules::tool_result(Value block, const std::string& path) {
  known(block, path, {"toolUseId", "content", "status"});
  tool_history_ = true;
  const std::string id(block["toolUseId"].string_or(""));
  if (waiting_.erase(id) == 0) wrong(path, "no call waits for " + id);
  if (block["status"].exists()) {
    if (!is_one_of(block["status"].string_or(""), {"success", "error"})) wrong(path, "status");
    if (!claude() && !nova()) wrong(path, "extraneous key [status] is not permitted");
  }
  if (!block["content"].is_array() || block["content"].size() == 0) wrong(path, "no content");
  for (const Value part : block["content"].elements()) {
    const Only inner =
        only(part, path + ".content", {"text", "json", "image", "document", "searchResult"});
    const bool media = inner.name == "image" || inner.name == "document";
    if (media && !claude() && !nova() && !contains(model_, "llama4") &&
        !contains(model_, "pixtral")) {
      wrong(path, "the model takes no media in results");
    }
    if (inner.name == "text") text(inner.value, path + ".text");
    if (inner.name == "image") image(inner.value, path + ".image");
    if (inner.name == "document") document(inner.value, path + ".document");
    if (inner.name == "searchResult") search_result(inner.value, path + ".searchResult");
  }
}

void Rules::reasoning(Value block, const std::string& path) {
  if (contains(model_, "deepseek")) {
    wrong(path, "User messages cannot contain reasoning content");
  }
  const Only inner = only(block, path, {"reasoningText", "redactedContent"});
  if (inner.name == "redactedContent") {
    bytes(inner.value, path);
  } else {
    known(inner.value, path, {"text", "signature"});
    if (!inner.value["text"].is_string()) wrong(path, "text must not be null");
    if (claude() && inner.value["signature"].string_or("").empty()) wrong(path, "no signature");
  }
}

void Rules::user_content(const Only& block, const std::string& path) {
  if (block.name == "image") image(block.value, path + ".image");
  if (block.name == "document") document(block.value, path + ".document");
  if (block.name == "toolResult") tool_result(block.value, path + ".toolResult");
  if (block.name == "searchResult") search_result(block.value, path + ".searchResult");
}

void Rules::message(Value message, const std::string& path, bool user) {
  known(message, path, {"role", "content"});
  if (message["role"].string_or("") != (user ? "user" : "assistant")) {
    wrong(path, "roles must alternate, a user's first");
  }
  const Value content = message["content"];
  if (!content.is_array() || content.size() == 0) wrong(path, "the content field is empty");
  bool has_text = false;
  bool has_document = false;
  bool only_reasoning = true;
  bool results_over = false;
  std::string_view before;
  for (const Value part : content.elements()) {
    const Only block =
        user ? only(part, path,
                    {"text", "image", "document", "toolResult", "cachePoint", "searchResult"})
             : only(part, path, {"text", "toolUse", "reasoningContent", "cachePoint"});
    if (block.name == "text") text(block.value, path + ".text");
    has_text = has_text || block.name == "text";
    has_document = has_document || block.name == "document";
    only_reasoning = only_reasoning && block.name == "reasoningContent";
    if (block.name == "toolResult" && results_over) wrong(path, "a result behind other content");
    results_over = results_over || (block.name != "toolResult" && block.name != "cachePoint");
    if (block.name == "cachePoint") {
      if (before.empty() || before == "reasoningContent") wrong(path, "a cache point here");
      cache_point(block.value, path + ".cachePoint");
    }
    if (block.name == "toolUse") {
      tool_history_ = true;
      known(block.value, path + ".toolUse", {"toolUseId", "name", "input"});
      const std::string id(block.value["toolUseId"].string_or(""));
      if (!is_plain_name(id)) wrong(path, "toolUseId \"" + id + "\"");
      if (!ids_.insert(id).second) wrong(path, "toolUseId twice: " + id);
      calls_.insert(id);
      if (!is_plain_name(block.value["name"].string_or(""))) wrong(path, "tool name");
      if (!block.value["input"].is_object()) wrong(path, "input is no object");
    }
    if (block.name == "reasoningContent") reasoning(block.value, path + ".reasoningContent");
    if (user) user_content(block, path);
    before = block.name;
  }
  if (has_document && !has_text) wrong(path, "a message with a document needs a text");
  if (!user && only_reasoning) wrong(path, "prefill of reasoning");
}

void Rules::messages(Value all) {
  if (!all.is_array() || all.size() == 0) wrong("messages", "none");
  size_t index = 0;
  for (const Value each : all.elements()) {
    const std::string path = "messages." + std::to_string(index);
    waiting_ = std::move(calls_);
    calls_.clear();
    message(each, path, index % 2 == 0);
    for (const std::string& id : waiting_)
      wrong(path, "no toolResult for " + id);
    waiting_.clear();
    ++index;
  }
  for (const std::string& id : calls_)
    wrong("messages", "ends with the call " + id);
}

void Rules::system(Value all) {
  if (!all.exists()) return;
  if (!all.is_array() || all.size() == 0) wrong("system", "is empty");
  if (contains(model_, "titan")) wrong("system", "This model doesn't support system messages");
  for (const Value each : all.elements()) {
    const Only part = only(each, "system", {"text", "cachePoint"});
    if (part.name == "text") text(part.value, "system.text");
    if (part.name == "cachePoint") cache_point(part.value, "system.cachePoint");
  }
}

void Rules::tool_spec(Value spec, const std::string& path) {
  known(spec, path, {"name", "description", "inputSchema", "strict"});
  const std::string name(spec["name"].string_or(""));
  if (!is_plain_name(name)) wrong(path, "name \"" + name + "\"");
  if (!tools_.insert(name).second) wrong(path, "name twice: " + name);
  if (spec["description"].string_or("").empty()) wrong(path, "description");
  const Only schema = only(spec["inputSchema"], path + ".inputSchema", {"json"});
  if (schema.value["type"].string_or("") != "object") wrong(path, "schema is no object's");
}

void Rules::tool_config(Value config) {
  if (!config.exists()) {
    if (tool_history_) wrong("toolConfig", "must be defined when using toolUse and toolResult");
    return;
  }
  known(config, "toolConfig", {"tools", "toolChoice"});
  if (config["tools"].size() == 0) wrong("toolConfig.tools", "at least one is needed");
  bool any = false;
  for (const Value each : config["tools"].elements()) {
    const Only tool = only(each, "toolConfig.tools", {"toolSpec", "cachePoint", "systemTool"});
    if (tool.name == "toolSpec") tool_spec(tool.value, "toolConfig.toolSpec");
    if (tool.name == "systemTool" && !nova()) wrong("toolConfig", "systemTool");
    if (tool.name == "cachePoint") {
      if (!any || !claude()) wrong("toolConfig", "extraneous key [cachePoint] is not permitted");
      cache_point(tool.value, "toolConfig.cachePoint");
    }
    any = true;
  }
  if (!config["toolChoice"].exists()) return;
  const Only choice = only(config["toolChoice"], "toolChoice", {"auto", "any", "tool"});
  if (contains(model_, "llama") || contains(model_, "deepseek") || contains(model_, "titan")) {
    wrong("toolChoice", "This model doesn't support the toolConfig.toolChoice field");
  }
  if (choice.name == "tool" && tools_.count(std::string(choice.value["name"].string_or(""))) == 0) {
    wrong("toolChoice", "names an unknown tool");
  }
}

void Rules::inference(Value config) {
  if (!config.exists()) return;
  known(config, "inferenceConfig", {"maxTokens", "temperature", "topP", "stopSequences"});
  if (config["maxTokens"].exists() && config["maxTokens"].integer().value_or(0) < 1) {
    wrong("inferenceConfig", "maxTokens");
  }
  for (const std::string_view name : {"temperature", "topP"}) {
    if (!config[name].exists()) continue;
    const double value = config[name].number().value_or(-1);
    if (value < 0 || value > 1) wrong("inferenceConfig", name);
  }
  const Value stops = config["stopSequences"];
  if (stops.size() > 4) wrong("inferenceConfig", "more than four stopSequences");
  if (stops.size() > 0 && contains(model_, "llama")) wrong("inferenceConfig", "stopSequences");
  for (const Value stop : stops.elements())
    text(stop, "inferenceConfig.stopSequences");
}

void Rules::additional(Value fields) {
  if (!fields.exists()) return;
  if (claude()) {
    known(fields, "additionalModelRequestFields",
          {"top_k", "thinking", "output_config", "tool_choice", "anthropic_beta", "tools",
           "context_management"});
    const bool managed = fields["context_management"].exists();
    bool beta = false;
    for (const Value each : fields["anthropic_beta"].elements())
      beta = beta || each.string_or("") == "context-management-2025-06-27";
    if (managed && !beta) wrong("context_management", "Extra inputs are not permitted");
    return;
  }
  if (nova()) {
    known(fields, "additionalModelRequestFields", {"inferenceConfig", "reasoningConfig"});
  } else {
    known(fields, "additionalModelRequestFields",
          {"top_k", "reasoning_effort", "reasoning_config"});
  }
}

void Rules::output(Value config) {
  if (!config.exists()) return;
  known(config, "outputConfig", {"effort", "textFormat"});
  const Value format = config["textFormat"];
  if (format["type"].string_or("") != "json_schema") wrong("outputConfig", "type");
  const Value schema = format["structure"]["jsonSchema"];
  known(schema, "outputConfig.jsonSchema", {"schema", "name", "description"});
  json::Document document;
  if (!document.parse(schema["schema"].string_or("")).ok()) wrong("outputConfig", "no JSON");
}

void Rules::request(Value root) {
  known(root, "$",
        {"messages", "system", "toolConfig", "inferenceConfig", "additionalModelRequestFields",
         "additionalModelResponseFieldPaths", "outputConfig", "requestMetadata"});
  messages(root["messages"]);
  system(root["system"]);
  tool_config(root["toolConfig"]);
  inference(root["inferenceConfig"]);
  additional(root["additionalModelRequestFields"]);
  output(root["outputConfig"]);
}

}  // namespace

std::vector<std::string> converse_violations(std::string_view body, std::string_view model_id) {
  json::Document document;
  const Result<Value> parsed = document.parse(body);
  if (!parsed.ok()) return {"no JSON: " + parsed.status().message()};
  Rules rules(model_id);
  rules.request(parsed.value());
  return rules.violations;
}

}  // namespace tollgate::test
