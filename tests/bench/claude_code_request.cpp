#include "bench/claude_code_request.hpp"

#include <array>

namespace tollgate::bench {
namespace {

constexpr std::array<std::string_view, 24> kWords = {
    "the",   "parser", "reads", "a",     "file",   "before", "it",    "writes",
    "every", "line",   "of",    "code",  "which",  "tests",  "cover", "and",
    "then",  "runs",   "clang", "under", "strict", "rules",  "for",   "names"};

/// Text in words, with the line breaks, quotes and non-ASCII that source code has. Always the same.
class Prose {
 public:
  void append(std::string& out, size_t bytes) {
    const size_t end = out.size() + bytes;
    while (out.size() < end) {
      state_ = state_ * 6364136223846793005U + 1442695040888963407U;
      const auto draw = static_cast<size_t>(state_ >> 33U);
      out += kWords[draw % kWords.size()];
      if (draw % 11 == 0) {
        out += ",\\n  ";
      } else if (draw % 37 == 0) {
        out += " \\\"caf\u00e9\\\" ";
      } else {
        out += ' ';
      }
    }
  }

 private:
  uint64_t state_ = 42;
};

void append_tool(std::string& out, Prose& prose, size_t number, size_t bytes) {
  out += R"({"name":"Tool)" + std::to_string(number) + R"(","description":")";
  prose.append(out, bytes / 2);
  out += R"(","input_schema":{"$schema":"https://json-schema.org/draft/2020-12/schema",)"
         R"("type":"object","properties":{"file_path":{"description":")";
  prose.append(out, bytes / 4);
  out += R"(","type":"string"},"limit":{"type":"integer","minimum":0,"description":")";
  prose.append(out, bytes / 4);
  out += R"("},"flags":{"type":"array","items":{"type":"string","enum":["a","b","c"]}}},)"
         R"("required":["file_path"],"additionalProperties":false}})";
}

/// One turn of the assistant with a tool call, and the result the user side sends back.
void append_turn(std::string& out, Prose& prose, size_t number, size_t bytes) {
  const std::string id = "toolu_bench" + std::to_string(number);
  out += R"(,{"role":"assistant","content":[{"type":"thinking","thinking":")";
  prose.append(out, bytes / 8);
  out += R"(","signature":"EqQBCgIYAhIkYmVuY2g="},{"type":"text","text":")";
  prose.append(out, bytes / 8);
  out += R"("},{"type":"tool_use","id":")" + id +
         R"(","name":"Tool1","input":{"file_path":"/src/main.cpp","limit":2000}}]},)"
         R"({"role":"user","content":[{"tool_use_id":")" +
         id + R"(","type":"tool_result","content":")";
  prose.append(out, bytes * 3 / 4);
  out += R"("}]})";
}

}  // namespace

std::string claude_code_request(std::string_view model, bool stream, size_t bytes) {
  // What the frame, the turns and the tools weigh without their prose is taken off first.
  constexpr size_t kFrame = 700;
  constexpr size_t kTurn = 330;
  constexpr size_t kTool = 340;
  const size_t tools = bytes > 10'000 ? 18 : 1;
  const size_t turns = bytes > 10'000 ? 8 : 1;
  const size_t fixed = kFrame + tools * kTool + turns * kTurn;
  const size_t prose_bytes = bytes > fixed ? bytes - fixed : 0;

  Prose prose;
  std::string out;
  out.reserve(bytes + 1024);
  out += R"({"model":")" + std::string(model) +
         R"(","messages":[{"role":"user","content":[{"type":"text","text":"<system-reminder>)";
  prose.append(out, prose_bytes / 20);
  out += R"(</system-reminder>","cache_control":{"type":"ephemeral"}}]})";
  for (size_t i = 0; i < turns; ++i)
    append_turn(out, prose, i + 1, prose_bytes * 7 / 20 / turns);
  out += R"(],"system":[{"type":"text","text":"You are a bench, the best kind of client.",)"
         R"("cache_control":{"type":"ephemeral"}},{"type":"text","text":")";
  prose.append(out, prose_bytes / 5);
  out += R"(","cache_control":{"type":"ephemeral"}}],"tools":[)";
  for (size_t i = 0; i < tools; ++i) {
    if (i > 0) out += ',';
    append_tool(out, prose, i + 1, prose_bytes * 8 / 20 / tools);
  }
  out += R"(],"metadata":{"user_id":"user_bench_account__session_0b7c1e8e-bench"},)"
         R"("max_tokens":32000,"thinking":{"budget_tokens":10000,"type":"enabled"},)"
         R"("context_management":{"edits":[{"type":"clear_thinking_20251015","keep":"all"}]})";
  out += stream ? R"(,"stream":true})" : "}";
  return out;
}

std::vector<std::pair<std::string, std::string>> claude_code_headers(std::string_view token) {
  return {
      {"accept", "application/json"},
      {"accept-encoding", "gzip, deflate, br, zstd"},
      {"anthropic-beta", "claude-code-20250219,interleaved-thinking-2025-05-14"},
      {"anthropic-version", "2023-06-01"},
      {"authorization", "Bearer " + std::string(token)},
      {"content-type", "application/json"},
      {"user-agent", "claude-cli/2.0.0 (external, cli)"},
      {"x-app", "cli"},
      {"x-claude-code-session-id", "0b7c1e8e-0000-4000-8000-000000000000"},
      {"x-stainless-lang", "js"},
      {"x-stainless-retry-count", "0"},
      {"x-stainless-timeout", "600"},
  };
}

}  // namespace tollgate::bench
