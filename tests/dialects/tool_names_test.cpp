#include "dialects/tool_names.hpp"

#include <set>

#include "support/catch.hpp"

using namespace tollgate;
using namespace tollgate::dialects;

namespace {

model::Request with_tools(const std::vector<std::string>& names) {
  model::Request request;
  for (const std::string& name : names) {
    model::Tool tool;
    tool.name = name;
    request.tools.push_back(tool);
  }
  return request;
}

std::string mapped(const std::string& name, const ToolNameRules& rules) {
  Translation translation;
  map_tool_names(with_tools({name}), rules, translation);
  return std::string(translation.upstream_tool_name(name));
}

struct NameRow {
  const char* name;
  std::string tool;
  ToolNameRules rules;
  bool stays;
};

}  // namespace

TEST_CASE("only names that the upstream refuses are changed") {
  const std::string name64(64, 'n');
  const std::string name65(65, 'n');
  const NameRow rows[] = {
      {"plain", "Read", {}, true},
      {"64 bytes", name64, {}, true},
      {"65 bytes", name65, {}, false},
      {"65 bytes where 128 go", name65, {128, false, false}, true},
      {"a dot", "a.b", {}, false},
      {"a dot where dots go", "a.b:c", {64, true, false}, true},
      {"a blank", "a b", {64, true, false}, false},
      {"a digit first", "1st", {}, true},
      {"a digit first where letters do", "1st", {64, false, true}, false},
      {"an underscore first", "_x", {64, false, true}, true},
      {"empty", "", {}, false},
      {"not ASCII", "caf\xC3\xA9", {}, false},
  };
  for (const NameRow& row : rows) {
    INFO(row.name);
    const std::string name = mapped(row.tool, row.rules);
    CHECK((name == row.tool) == row.stays);
    CHECK(!name.empty());
    CHECK(name.size() <= row.rules.bytes_max);
    CHECK(mapped(name, row.rules) == name);
    CHECK(mapped(row.tool, row.rules) == name);
  }
}

TEST_CASE("a long name keeps its beginning and ends in the hash of it all") {
  const std::string name = "mcp__a-server-with-a-long-name__" + std::string(60, 'x');
  const std::string short_name = mapped(name, {});
  CHECK(short_name.size() == 64);
  CHECK(short_name.substr(0, 55) == name.substr(0, 55));
  CHECK(short_name[55] == '_');
  CHECK(short_name != mapped(name + "y", {}));
}

TEST_CASE("names of the history, of the choice and of references are mapped too, and back") {
  const std::string long_name(80, 'q');
  model::Request request = with_tools({"Read", long_name});
  model::Block call;
  call.kind = model::BlockKind::kToolUse;
  call.name = "gone.tool";
  call.id = "toolu_1";
  model::Block reference;
  reference.kind = model::BlockKind::kToolReference;
  reference.name = std::string(70, 'r');
  model::Block result;
  result.kind = model::BlockKind::kToolResult;
  result.content.push_back(reference);
  request.messages.push_back({model::Role::kAssistant, false, {call}, ""});
  request.messages.push_back({model::Role::kUser, false, {result}, ""});
  request.tool_choice = model::ToolChoice{model::ToolChoiceKind::kTool, long_name, false, ""};
  Translation translation;
  map_tool_names(request, {}, translation);
  CHECK(translation.tool_names.size() == 3);
  CHECK(translation.losses.all().size() == 3);
  for (const std::string& name : {std::string("Read"), long_name, std::string("gone.tool")}) {
    const std::string upstream(translation.upstream_tool_name(name));
    CHECK(translation.client_tool_name(upstream) == name);
  }
}

TEST_CASE("a made-up name never meets the name of another tool") {
  const std::string name(70, 'z');
  const std::string first = mapped(name, {});
  Translation translation;
  map_tool_names(with_tools({name, first}), {}, translation);
  CHECK(translation.upstream_tool_name(name) != first);
  CHECK(translation.upstream_tool_name(first) == first);
  CHECK(translation.client_tool_name(first) == first);
}

TEST_CASE("many names that differ late stay apart") {
  std::vector<std::string> names;
  for (int i = 0; i < 300; ++i)
    names.push_back(std::string(100, 'm') + std::to_string(i));
  Translation translation;
  map_tool_names(with_tools(names), {}, translation);
  std::set<std::string_view> seen;
  for (const std::string& name : names)
    seen.insert(translation.upstream_tool_name(name));
  CHECK(seen.size() == names.size());
}

namespace {

struct IdRow {
  const char* name;
  std::string upstream;
  bool stays;
};

}  // namespace

TEST_CASE("the tools a client offers are noted by the client's names") {
  Translation translation;
  map_tool_names(with_tools({"Bash", std::string(65, 'n')}), {}, translation);
  CHECK(translation.declared_tools == std::vector<std::string>{"Bash", std::string(65, 'n')});
}

TEST_CASE("a tool id the client may keep passes, any other is made") {
  const IdRow rows[] = {
      {"OpenAI's", "call_abcdefghijklmnopqrstuvwx", true},
      {"xAI's", "call-1b9c0ffe-1111-2222-3333-444455556666-0", true},
      {"64 bytes", std::string(64, 'i'), true},
      {"65 bytes", std::string(65, 'i'), false},
      {"a counter", "0", false},
      {"with a colon", "functions.Read:3", false},
      {"none", "", false},
      {"of an earlier turn", "call_earlier", false},
  };
  model::Request request;
  model::Block call;
  call.kind = model::BlockKind::kToolUse;
  call.name = "Read";
  call.id = "call_earlier";
  request.messages.push_back({model::Role::kAssistant, false, {call}, ""});
  Translation translation;
  map_tool_names(request, {}, translation);
  std::vector<std::string> seen;
  for (const IdRow& row : rows) {
    INFO(row.name);
    const std::string id = client_tool_id(row.upstream, seen, translation);
    CHECK((id == row.upstream) == row.stays);
    CHECK(id.size() >= 6);
    // The same id in the same answer is another call.
    CHECK(client_tool_id(row.upstream, seen, translation) != id);
  }
  CHECK(std::set<std::string>(seen.begin(), seen.end()).size() == seen.size());
}
