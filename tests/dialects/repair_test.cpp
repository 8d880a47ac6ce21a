#include "dialects/repair.hpp"

#include <random>
#include <set>

#include "dialects/anthropic_messages/dialect.hpp"
#include "support/catch.hpp"

using namespace tollgate;
using namespace tollgate::dialects;
using model::Block;
using model::BlockKind;
using model::Role;

namespace {

/// A conversation in short: "u:text", "s:text", "a:text|call 1|call 2", "u:result 1|text".
model::Request conversation(const std::vector<std::string>& turns) {
  model::Request request;
  for (const std::string& turn : turns) {
    model::Message message;
    message.role = turn[0] == 'u' ? Role::kUser : turn[0] == 'a' ? Role::kAssistant : Role::kSystem;
    std::string_view rest = std::string_view(turn).substr(2);
    while (!rest.empty()) {
      const size_t end = std::min(rest.find('|'), rest.size());
      const std::string_view part = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      Block block;
      if (part.starts_with("call ")) {
        block.kind = BlockKind::kToolUse;
        block.id = part.substr(5);
        block.name = "Read";
        block.input = "{}";
      } else if (part.starts_with("result ")) {
        block.kind = BlockKind::kToolResult;
        block.id = part.substr(7);
        Block text;
        text.text = "says " + block.id;
        block.content.push_back(text);
      } else if (part == "image") {
        block.kind = BlockKind::kImage;
      } else {
        block.text = part == "-" ? "" : part;
      }
      message.content.push_back(block);
    }
    request.messages.push_back(message);
  }
  return request;
}

std::vector<std::string> in_short(const model::Request& request) {
  std::vector<std::string> turns;
  for (const model::Message& message : request.messages) {
    std::string turn = message.role == Role::kUser        ? "u:"
                       : message.role == Role::kAssistant ? "a:"
                                                          : "s:";
    for (const Block& block : message.content) {
      if (turn.size() > 2) turn += '|';
      switch (block.kind) {
        case BlockKind::kToolUse:
          turn += "call " + block.id;
          break;
        case BlockKind::kToolResult:
          turn += "result " + block.id;
          if (block.content.at(0).text.starts_with("[no result")) turn += "?";
          break;
        case BlockKind::kImage:
          turn += "image";
          break;
        default:
          turn += block.text;
      }
    }
    turns.push_back(turn);
  }
  return turns;
}

struct Row {
  const char* name;
  std::vector<std::string> before;
  std::vector<std::string> after;
  bool repaired;
};

std::string orphan(const std::string& id) {
  return "[result of an earlier tool call " + id + "]\nsays " + id;
}

void check(const Row& row, const RepairRules& rules) {
  INFO(row.name);
  model::Request request = conversation(row.before);
  model::Losses losses;
  repair(request, rules, losses);
  CHECK(in_short(request) == row.after);
  CHECK(losses.all().empty() == !row.repaired);
  // What is whole stays as it is.
  model::Losses none;
  model::Request again = request;
  repair(again, rules, none);
  CHECK(again == request);
}

}  // namespace

TEST_CASE("every call is answered in the next user turn, in order, before anything else") {
  const Row rows[] = {
      {"nothing to do",
       {"u:hi", "a:yes|call 1", "u:result 1|more"},
       {"u:hi", "a:yes|call 1", "u:result 1|more"},
       false},
      {"a result is missing",
       {"u:hi", "a:call 1|call 2", "u:result 2"},
       {"u:hi", "a:call 1|call 2", "u:result 1?|result 2"},
       true},
      {"the next turn has none",
       {"u:hi", "a:call 1", "u:stop"},
       {"u:hi", "a:call 1", "u:result 1?|stop"},
       true},
      {"the history ends", {"u:hi", "a:call 1"}, {"u:hi", "a:call 1", "u:result 1?"}, true},
      {"an assistant's turn follows the results that never came",
       {"u:hi", "a:call 1", "a:I see", "u:go on"},
       {"u:hi", "a:call 1|I see", "u:result 1?|go on"},
       true},
      {"a turn in two messages",
       {"u:hi", "a:call 1", "a:call 2", "u:result 1|result 2"},
       {"u:hi", "a:call 1|call 2", "u:result 1|result 2"},
       false},
      {"results in two messages",
       {"u:hi", "a:call 1|call 2", "u:result 1", "u:result 2"},
       {"u:hi", "a:call 1|call 2", "u:result 1|result 2"},
       false},
      {"out of order",
       {"u:hi", "a:call 1|call 2", "u:result 2|result 1"},
       {"u:hi", "a:call 1|call 2", "u:result 1|result 2"},
       true},
      {"after a text",
       {"u:hi", "a:call 1", "u:look|result 1"},
       {"u:hi", "a:call 1", "u:result 1|look"},
       true},
      {"a system message between",
       {"u:hi", "a:call 1", "s:note", "u:result 1|more"},
       {"u:hi", "a:call 1", "u:result 1", "s:note", "u:more"},
       true},
      {"a system message behind",
       {"u:hi", "a:call 1", "u:result 1", "s:note", "a:ok"},
       {"u:hi", "a:call 1", "u:result 1", "s:note", "a:ok"},
       false},
      {"an orphan", {"u:result 9|hi"}, {"u:" + orphan("9") + "|hi"}, true},
      {"an orphan stays in place", {"u:hi|result 9|you"}, {"u:hi|" + orphan("9") + "|you"}, true},
      {"a second result",
       {"u:hi", "a:call 1", "u:result 1|result 1|more"},
       {"u:hi", "a:call 1", "u:result 1|" + orphan("1") + "|more"},
       true},
      {"a late result",
       {"u:hi", "a:call 1", "u:wait", "a:ok", "u:result 1"},
       {"u:hi", "a:call 1", "u:result 1?|wait", "a:ok", "u:" + orphan("1")},
       true},
      {"a result in an assistant's turn",
       {"u:hi", "a:call 1|result 1", "u:result 1"},
       {"u:hi", "a:call 1|" + orphan("1"), "u:result 1"},
       true},
      {"a call in a user's turn", {"u:hi|call 1"}, {"u:hi"}, true},
      {"the same id twice",
       {"u:hi", "a:call 1", "u:result 1", "a:call 1", "u:result 1"},
       {"u:hi", "a:call 1", "u:result 1", "a:call 1_2", "u:result 1_2"},
       true},
      {"the same id three times in one turn",
       {"u:hi", "a:call 1|call 1|call 1", "u:result 1|result 1"},
       {"u:hi", "a:call 1|call 1_2|call 1_3", "u:result 1|result 1_2|result 1_3?"},
       true},
      {"an empty text",
       {"u:-|hi", "a:-|call 1", "u:result 1|-"},
       {"u:hi", "a:call 1", "u:result 1"},
       true},
      {"an empty turn", {"u:-", "a:hm", "u:hi"}, {"u:(empty)", "a:hm", "u:hi"}, true},
      {"an empty system message", {"u:hi", "s:-", "a:hm"}, {"u:hi", "a:hm"}, true},
      {"nothing at all", {}, {}, false},
  };
  for (const Row& row : rows)
    check(row, {});
}

TEST_CASE("pictures of an orphan stay") {
  model::Request request = conversation({"u:result 9"});
  Block image;
  image.kind = BlockKind::kImage;
  request.messages[0].content[0].content.push_back(image);
  model::Losses losses;
  repair(request, {}, losses);
  CHECK(in_short(request) == std::vector<std::string>{"u:" + orphan("9") + "|image"});
}

TEST_CASE("turns alternate where they must") {
  const RepairRules rules{64, true, true};
  const Row rows[] = {
      {"users", {"u:a", "u:b", "a:c"}, {"u:a|b", "a:c"}, true},
      {"assistants", {"u:a", "a:b", "a:c", "u:d"}, {"u:a", "a:b|c", "u:d"}, true},
      {"results and a text",
       {"u:a", "a:call 1", "u:result 1", "u:b"},
       {"u:a", "a:call 1", "u:result 1|b"},
       true},
      {"already so", {"u:a", "a:b", "u:c"}, {"u:a", "a:b", "u:c"}, false},
  };
  for (const Row& row : rows)
    check(row, rules);
}

TEST_CASE("a system message among others becomes a reminder where it may not stand") {
  const RepairRules rules{64, false, false};
  const std::string note = "<system-reminder>\nnote\n</system-reminder>";
  const Row rows[] = {
      {"before a user's turn",
       {"u:a", "a:b", "s:note", "u:c"},
       {"u:a", "a:b", "u:" + note + "|c"},
       true},
      {"before results",
       {"u:a", "a:call 1", "s:note", "u:result 1"},
       {"u:a", "a:call 1", "u:result 1|" + note},
       true},
      {"before an assistant's turn", {"u:a", "s:note", "a:b"}, {"u:a", "u:" + note, "a:b"}, true},
      {"at the end", {"u:a", "s:note"}, {"u:a", "u:" + note}, true},
  };
  for (const Row& row : rows)
    check(row, rules);
  check({"at the end, turns merged", {"u:a", "s:note"}, {"u:a|" + note}, true}, {64, true, false});
}

namespace {

struct IdRow {
  const char* name;
  std::string id;
  uint32_t bytes_max;
  bool stays;
};

}  // namespace

TEST_CASE("an id the upstream refuses is replaced in the call and in its result") {
  const IdRow rows[] = {
      {"ours", "toolu_01abc", 64, true},
      {"with a colon", "functions.Read:3", 64, false},
      {"43 bytes where 40 go", "call-1b9c0ffe-1111-2222-3333-4444555566-0xx", 40, false},
      {"nine where nine go", "abcdefghi", 9, true},
      {"ten where nine go", "abcdefghij", 9, false},
      {"none", "", 64, false},
  };
  for (const IdRow& row : rows) {
    INFO(row.name);
    model::Request request = conversation({"u:hi", "a:x|call ", "u:result "});
    request.messages[1].content[1].id = row.id;
    request.messages[2].content[0].id = row.id;
    model::Losses losses;
    model::Request again = request;
    repair(request, {row.bytes_max, false, true}, losses);
    const std::string id = request.messages[1].content[1].id;
    CHECK((id == row.id) == row.stays);
    CHECK(!id.empty());
    CHECK(id.size() <= row.bytes_max);
    CHECK(request.messages[2].content[0].id == id);
    CHECK(request.messages.size() == 3);
    CHECK(losses.all().empty() == row.stays);
    model::Losses more;
    repair(again, {row.bytes_max, false, true}, more);
    CHECK(again == request);
  }
}

TEST_CASE("the attribution line goes from the system prompt, and nothing else") {
  model::Request request = conversation({"u:hi"});
  for (const char* text :
       {"x-anthropic-billing-header: cc_version=1; cch=2;", "You are", "x-anthropic"}) {
    Block block;
    block.text = text;
    request.system.push_back(block);
  }
  model::Losses losses;
  repair(request, {}, losses);
  REQUIRE(request.system.size() == 2);
  CHECK(request.system[0].text == "You are");
  CHECK(losses.all().size() == 1);

  request.system[0].text = "x-anthropic-billing-header: cch=3;\nYou are";
  repair(request, {}, losses);
  REQUIRE(request.system.size() == 2);
  CHECK(request.system[0].text == "You are");
}

TEST_CASE("any conversation comes out whole") {
  std::mt19937 random(7);
  const std::vector<std::string> user = {"text", "result 1", "result 2", "result 3",
                                         "-",    "image",    "call 1"};
  const std::vector<std::string> assistant = {"text",   "call 1", "call 2",
                                              "call 3", "-",      "result 1"};
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::string> turns;
    for (auto i = random() % 8; i > 0; --i) {
      const auto who = random() % 5;
      std::string turn = who < 2 ? "u:" : who < 4 ? "a:" : "s:note";
      const std::vector<std::string>& words = who < 2 ? user : assistant;
      for (auto parts = who < 4 ? random() % 4 : 0U; parts > 0; --parts) {
        if (turn.size() > 2) turn += '|';
        turn += words[random() % words.size()];
      }
      turns.push_back(turn);
    }
    const RepairRules rules{64, random() % 2 == 0, random() % 2 == 0};
    model::Request request = conversation(turns);
    model::Losses losses;
    repair(request, rules, losses);
    INFO(round);
    std::set<std::string> ids;
    for (size_t i = 0; i < request.messages.size(); ++i) {
      const model::Message& message = request.messages[i];
      CHECK(!message.content.empty());
      if (rules.merge_turns && i > 0 && message.role != Role::kSystem) {
        CHECK(request.messages[i - 1].role != message.role);
      }
      if (!rules.system_in_place) CHECK(message.role != Role::kSystem);
      std::vector<std::string> calls;
      for (const Block& block : message.content) {
        if (block.kind != BlockKind::kToolUse) continue;
        CHECK(message.role == Role::kAssistant);
        CHECK(ids.insert(block.id).second);
        calls.push_back(block.id);
      }
      std::vector<std::string> results;
      if (i + 1 < request.messages.size() && !calls.empty()) {
        bool rest = false;
        for (const Block& block : request.messages[i + 1].content) {
          if (block.kind == BlockKind::kToolResult) {
            CHECK(!rest);
            results.push_back(block.id);
          } else {
            rest = true;
          }
        }
      }
      CHECK(results == calls);
    }
  }
}

TEST_CASE("a copy to repair has all of a request but its tools") {
  const auto request = anthropic_messages::dialect().decode_request(
      R"({"model":"m","max_tokens":5,"stream":true,"system":"s","messages":[{"role":"user",
          "content":"hi"}],"tools":[{"name":"t","input_schema":{"type":"object"}}],
          "tool_choice":{"type":"any"},"thinking":{"type":"adaptive"},"temperature":0.5,
          "top_p":0.25,"top_k":3,"stop_sequences":["x"],"metadata":{"user_id":"u","more":1},
          "output_config":{"effort":"low","format":{"type":"json_schema","schema":{}},"a":1},
          "service_tier":"auto","speed":"fast","context_management":{"edits":[]},"new":1})");
  REQUIRE(request.ok());
  model::Request copy = without_tools(request.value());
  CHECK(copy.tools.empty());
  CHECK_FALSE(copy == request.value());
  copy.tools = request.value().tools;
  CHECK(copy == request.value());
}
