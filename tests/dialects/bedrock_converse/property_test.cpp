#include <string>

#include "base/rng.hpp"
#include "dialects/bedrock_converse/converse_support.hpp"
#include "dialects/recorded_requests.hpp"
#include "json/writer.hpp"

namespace tollgate::dialects::bedrock_converse {
namespace {

constexpr std::string_view kModels[] = {
    "us.anthropic.claude-sonnet-4-6",
    "anthropic.claude-haiku-4-5-20251001-v1:0",
    "us.anthropic.claude-opus-5-5",
    "anthropic.claude-3-haiku-20240307-v1:0",
    "us.amazon.nova-2-lite-v1:0",
    "amazon.nova-pro-v1:0",
    "openai.gpt-oss-120b-1:0",
    "us.deepseek.r1-v1:0",
    "qwen.qwen3-32b-v1:0",
    "us.meta.llama3-3-70b-instruct-v1:0",
    "us.meta.llama4-maverick-17b-instruct-v1:0",
    "mistral.mistral-large-2407-v1:0",
    "us.mistral.pixtral-large-2502-v1:0",
    "amazon.titan-text-express-v1",
    "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcd1234efgh",
};

TEST_CASE("every recorded request of Claude Code becomes one that Converse takes") {
  size_t encodings = 0;
  for (const test::RecordedRequest& recorded : test::recorded_requests()) {
    const model::Request request = request_of(recorded.body);
    for (const std::string_view model : kModels) {
      INFO(recorded.name << " to " << model);
      Translation translation = translation_to(model);
      std::string out;
      const Status status = dialect().encode_request(request, translation, out);
      const bool server_tool = recorded.body.find("web_search_20250305") != std::string::npos;
      if (server_tool && !status.ok()) continue;
      REQUIRE(status.ok());
      const auto violations = test::converse_violations(out, model);
      CHECK(violations == std::vector<std::string>());
      CHECK(out.find("x-anthropic-billing-header") == std::string::npos);
      ++encodings;
    }
  }
  if (encodings == 0) std::printf("skipped: no recorded requests\n");
}

/// Requests of all kinds of odd content and order, each from one seed.
class Maker {
 public:
  explicit Maker(uint64_t seed) : rng_(seed) {}

  std::string request() {
    std::string out;
    json::Writer writer(out);
    writer.begin_object().member("model", "m");
    writer.member("max_tokens", static_cast<int64_t>(rng_.below(70'000)));
    if (chance(2)) writer.member("system", text());
    tools(writer);
    writer.key("messages").begin_array();
    const uint64_t turns = 1 + rng_.below(6);
    for (uint64_t i = 0; i < turns; ++i)
      message(writer);
    writer.end_array();
    if (chance(3)) writer.raw_member("thinking", R"({"type":"adaptive"})");
    if (chance(4)) writer.raw_member("output_config", R"({"effort":"xhigh"})");
    if (chance(4)) writer.raw_member("cache_control", R"({"type":"ephemeral"})");
    if (chance(4)) writer.raw_member("stop_sequences", R"(["a","b"," ","c","d","e"])");
    if (chance(4)) writer.raw_member("temperature", "1");
    return (writer.end_object(), out);
  }

 private:
  bool chance(uint64_t of) { return rng_.below(of) == 0; }

  std::string text() {
    constexpr const char* kTexts[] = {"hello", "", "  \n", "é🌍", "a\"b\\c", "x"};
    return kTexts[rng_.below(6)];
  }
  std::string id() {
    constexpr const char* kIds[] = {"toolu_1", "toolu_2", "odd id!", "toolu_1"};
    return kIds[rng_.below(4)];
  }
  std::string name() {
    static const std::string kLong = "mcp__" + std::string(90, 'x');
    constexpr const char* kNames[] = {"Read", "a.b:c", "Grep"};
    const uint64_t pick = rng_.below(4);
    return pick == 3 ? kLong : kNames[pick];
  }
  void cache(json::Writer& writer) {
    if (chance(3)) writer.raw_member("cache_control", R"({"type":"ephemeral","ttl":"1h"})");
  }

  void tools(json::Writer& writer) {
    if (chance(3)) return;
    writer.key("tools").begin_array();
    writer.begin_object().member("name", "Read").member("description", "");
    writer.raw_member("input_schema", R"({"$schema":"x","type":"object"})");
    cache(writer);
    writer.end_object();
    writer.begin_object().member("name", "mcp__" + std::string(90, 'x'));
    writer.raw_member("input_schema", "{}").end_object();
    writer.end_array();
    constexpr const char* kChoices[] = {R"({"type":"auto"})", R"({"type":"any"})",
                                        R"({"type":"none"})", R"({"type":"tool","name":"Read"})",
                                        R"({"type":"auto","disable_parallel_tool_use":true})"};
    if (chance(2)) writer.raw_member("tool_choice", kChoices[rng_.below(5)]);
  }

  void message(json::Writer& writer) {
    constexpr const char* kRoles[] = {"user", "assistant", "user", "system"};
    const std::string role = kRoles[rng_.below(4)];
    writer.begin_object().member("role", role).key("content");
    if (chance(4) || role == "system") {
      writer.string(text());
    } else {
      writer.begin_array();
      const uint64_t blocks = rng_.below(5);
      for (uint64_t i = 0; i < blocks; ++i)
        block(writer, role == "user");
      writer.end_array();
    }
    writer.end_object();
  }

  void media(json::Writer& writer) {
    writer.begin_object();
    if (chance(2)) {
      writer.member("type", "image");
      writer.raw_member("source", R"({"type":"base64","media_type":"image/png","data":"aGk="})");
    } else {
      writer.member("type", "document").member("title", text() + "/..");
      writer.raw_member("source",
                        R"({"type":"base64","media_type":"application/pdf","data":"aGk="})");
    }
    writer.end_object();
  }

  void block(json::Writer& writer, bool user) {
    const uint64_t kind = rng_.below(user ? 4 : 5);
    if (user && kind == 1) return media(writer);
    writer.begin_object();
    if (user && kind == 2) {
      writer.member("type", "tool_result").member("tool_use_id", id());
      if (chance(2)) writer.member("is_error", true);
      if (chance(2)) {
        writer.member("content", text());
      } else {
        writer.key("content").begin_array();
        writer.begin_object().member("type", "text").member("text", text());
        cache(writer);
        writer.end_object();
        media(writer);
        writer.begin_object().member("type", "tool_reference").member("tool_name", name());
        writer.end_object();
        writer.end_array();
      }
    } else if (!user && kind < 3) {
      writer.member("type", "tool_use").member("id", id()).member("name", name());
      writer.raw_member("input", R"({"a":[1,{"b":null}]})");
    } else if (!user && kind == 3) {
      writer.member("type", "thinking").member("thinking", text()).member("signature", text());
    } else if (kind == 3 && user) {
      writer.member("type", "container_upload").member("file_id", "f");
    } else {
      writer.member("type", "text").member("text", text());
      cache(writer);
    }
    writer.end_object();
  }

  Rng rng_;
};

TEST_CASE("no request makes the encoder write what Converse refuses") {
  for (uint64_t seed = 0; seed < 3000; ++seed) {
    const std::string body = Maker(seed).request();
    const auto request = anthropic_messages::dialect().decode_request(body);
    if (!request.ok()) continue;
    const std::string_view model = kModels[seed % std::size(kModels)];
    Translation translation = translation_to(model);
    std::string out;
    const Status status = dialect().encode_request(request.value(), translation, out);
    if (!status.ok()) {
      // What cannot be sent is refused in words.
      CHECK_FALSE(status.message().empty());
      continue;
    }
    const auto violations = test::converse_violations(out, model);
    if (violations.empty()) continue;
    INFO("seed " << seed << " to " << model << "\n" << body << "\n" << out);
    CHECK(violations == std::vector<std::string>());
  }
}

TEST_CASE("the same turn is written the same way every time") {
  // Prompt caches live on it.
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const auto request = anthropic_messages::dialect().decode_request(Maker(seed).request());
    if (!request.ok()) continue;
    std::string first;
    std::string second;
    Translation one = translation_to(kClaude);
    Translation two = translation_to(kClaude);
    two.id_seed = 99;
    const Status status = dialect().encode_request(request.value(), one, first);
    CHECK(dialect().encode_request(request.value(), two, second).ok() == status.ok());
    CHECK(first == second);
  }
}

}  // namespace
}  // namespace tollgate::dialects::bedrock_converse
