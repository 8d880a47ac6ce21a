#include "model/token_estimate.hpp"

#include <string>
#include <vector>

#include "base/base64.hpp"
#include "support/catch.hpp"

namespace tollgate::model {
namespace {

using namespace std::string_literals;

/// What real tokenizers made of these texts: OpenAI's (o200k), the larger of its two, and the
/// largest of those and an early Claude's.
struct Measured {
  const char* name;
  std::string_view text;
  int64_t openai;
  int64_t open;
  int64_t claude;
};

const Measured kMeasured[] = {
    {"english",
     R"~(The gateway sits between the client and the providers. It decides who may call which model, what a call may cost, and where it goes when a provider fails. Every decision is written down, and can be asked for again.)~",
     46, 46, 46},
    {"code", R"~(std::optional<PixelSize> pixel_size(std::string_view base64) {
  const auto bytes = base64_decode(base64.substr(0, kHeaderText));
  if (!bytes) return std::nullopt;
  return size_of(*bytes);
}
)~",
     54, 54, 65},
    {"json",
     R"~({"name":"read_file","input_schema":{"type":"object","properties":{"path":{"type":"string"},"limit":{"type":"integer","minimum":1}},"required":["path"]}})~",
     38, 38, 40},
    {"numbered", R"~(     1→#include <vector>
     2→
     3→int main() {
     4→  std::vector<int> values = {1, 2, 3};
     5→  return values.size() == 3 ? 0 : 1;
     6→}
)~",
     67, 67, 67},
    {"log",
     R"~(2026-11-22T09:00:00.125Z INFO request=3f9a1c20 status=200 duration_ms=1834 tokens=48210
2026-11-22T09:00:01.992Z WARN request=77b0e5d1 status=529 attempt=2
)~",
     70, 70, 72},
    {"german",
     R"~(Das Gateway steht zwischen dem Client und den Anbietern und entscheidet, wer welches Modell aufrufen darf. Größere Anfragen werden gekürzt.)~",
     29, 39, 44},
    {"russian",
     R"~(Шлюз стоит между клиентом и поставщиками и решает, кто может вызывать какую модель и сколько это стоит.)~",
     26, 43, 48},
    {"chinese",
     R"~(网关位于客户端和供应商之间,决定谁可以调用哪个模型,以及调用的费用。每个决定都会被记录下来。)~",
     30, 49, 49},
    {"japanese",
     R"~(ゲートウェイはクライアントとプロバイダーの間にあり、誰がどのモデルを呼び出せるかを決めます。)~",
     36, 48, 50},
    {"emoji",
     R"~(Done ✅ Deployed 🚀 with 3 warnings ⚠️ and no errors 🎉 See the 📝 notes.)~",
     24, 29, 30},
    {"base64",
     R"~(c3RkOjpvcHRpb25hbDxQaXhlbFNpemU+IHBpeGVsX3NpemUoc3RkOjpzdHJpbmdfdmlldyBiYXNlNjQpIHsKICBjb25zdCBhdXRvIGJ5dGVz)~",
     67, 76, 76},
};

TEST_CASE("estimates are not below what was measured and at most twice it") {
  for (const Measured& row : kMeasured) {
    CAPTURE(row.name);
    const struct {
      Tokenizer tokenizer;
      int64_t truth;
      int64_t most_percent;  // For a tokenizer that was measured through its like: some room.
    } cases[] = {{Tokenizer::kOpenAi, row.openai, 200},
                 {Tokenizer::kOpen, row.open, 225},
                 {Tokenizer::kClaude, row.claude, 235}};
    for (const auto& [tokenizer, truth, most_percent] : cases) {
      CAPTURE(static_cast<int>(tokenizer), truth);
      const InputTokens tokens = estimate_text_tokens(row.text, tokenizer);
      CHECK(tokens.high >= truth);
      CHECK(tokens.high * 100 <= truth * most_percent);
      CHECK(tokens.likely <= tokens.high);
      CHECK(tokens.likely * 10 >= truth * 7);
      CHECK(tokens.bound >= truth);
      CHECK(tokens.bound_is_sound);
    }
  }
}

TEST_CASE("later Claudes make more tokens of the same text") {
  for (const Measured& row : kMeasured) {
    CHECK(estimate_text_tokens(row.text, Tokenizer::kLaterClaude).high >
          estimate_text_tokens(row.text, Tokenizer::kClaude).high);
  }
}

TEST_CASE("tokenizers are told from ids") {
  const struct {
    const char* id;
    Tokenizer tokenizer;
  } rows[] = {
      {"gpt-5.6-terra", Tokenizer::kOpenAi},
      {"openai/gpt-4o-mini", Tokenizer::kOpenAi},
      {"o3", Tokenizer::kOpenAi},
      {"openai/o4-mini", Tokenizer::kOpenAi},
      {"GPT-OSS:20b", Tokenizer::kOpenAi},
      {"gpt-4", Tokenizer::kOpen},
      {"olmo-3", Tokenizer::kOpen},
      {"gemini-4-argon", Tokenizer::kOpen},
      {"", Tokenizer::kOpen},
      {"claude-sonnet-4-5", Tokenizer::kClaude},
      {"us.anthropic.claude-opus-4-6-v1:0", Tokenizer::kClaude},
      {"claude-3-5-haiku-latest", Tokenizer::kClaude},
      {"claude-opus-4-7", Tokenizer::kLaterClaude},
      {"anthropic/claude-sonnet-5.5", Tokenizer::kLaterClaude},
      {"claude-haiku-5-5", Tokenizer::kLaterClaude},
  };
  for (const auto& row : rows) {
    CAPTURE(row.id);
    CHECK(tokenizer_of(row.id) == row.tokenizer);
  }
}

Block block_of(BlockKind kind, std::string text) {
  Block block;
  block.kind = kind;
  block.text = std::move(text);
  return block;
}

Block media(BlockKind kind, SourceKind source, std::string data) {
  Block block;
  block.kind = kind;
  block.source = Source{source, {}, std::move(data), {}};
  return block;
}

Request request_with(Block block) {
  Request request;
  request.messages.push_back({Role::kUser, false, {std::move(block)}, {}});
  return request;
}

int64_t high_of(const Request& request, std::string_view model = "gpt-4o") {
  return estimate_input_tokens(request, model).high;
}

TEST_CASE("every part of a request counts") {
  const Request empty = request_with(block_of(BlockKind::kText, ""));
  const std::string words = "a few words of text that stand for much more of it";
  const int64_t base = high_of(empty);
  CHECK(base >= 7);
  CHECK(base < 20);

  Request request = request_with(block_of(BlockKind::kText, words));
  CHECK(high_of(request) > base + 10);
  request = empty;
  request.system.push_back(block_of(BlockKind::kText, words));
  CHECK(high_of(request) > base + 10);
  request = empty;
  request.tools.emplace_back();
  request.tools[0].description = words;
  CHECK(high_of(request) > base + 10 + 12);
  request = empty;
  request.tools.emplace_back();
  request.tools[0].type = "web_search_20250305";
  CHECK(high_of(request) > base + 500);
  request = empty;
  request.output_schema = "{\"type\":\"object\",\"properties\":{\"answer\":{\"type\":\"string\"}}}";
  CHECK(high_of(request) > base + 10);

  Block result;
  result.kind = BlockKind::kToolResult;
  result.content.push_back(block_of(BlockKind::kText, words));
  CHECK(high_of(request_with(result)) > base + 10);
  Block call;
  call.kind = BlockKind::kToolUse;
  call.input = "{\"path\":\"lib/model/token_estimate.cpp\",\"limit\":200}";
  CHECK(high_of(request_with(call)) > base + 10);
}

TEST_CASE("signatures and redacted thinking are in the bound alone") {
  const int64_t base = high_of(request_with(block_of(BlockKind::kThinking, "")));
  Block thinking = block_of(BlockKind::kThinking, "");
  thinking.signature = std::string(8'000, 's');
  const InputTokens signed_tokens = estimate_input_tokens(request_with(thinking), "gpt-4o");
  CHECK(signed_tokens.high == base);
  CHECK(signed_tokens.bound >= 8'000);
  const InputTokens redacted = estimate_input_tokens(
      request_with(block_of(BlockKind::kRedactedThinking, std::string(8'000, 'r'))), "gpt-4o");
  CHECK(redacted.high == base);
  CHECK(redacted.bound >= 8'000);
}

std::string png(char width_high, char height_high) {
  return base64_encode("\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0"s + width_high + "\0\0\0"s + height_high +
                       std::string(40'000, '\0'));
}

TEST_CASE("images count by their pixels, never by their base64") {
  const struct {
    const char* model;
    int64_t tokens;
  } rows[] = {
      {"gpt-4o", 85 + 170 * 4},  // 1024 by 1024 becomes 768 by 768: 4 tiles.
      {"gpt-5", 70 + 140 * 4},
      {"gpt-5-mini", 1'024 * 162 / 100 + 1},  // 32 by 32 patches.
      {"gpt-5-nano", 1'024 * 246 / 100 + 1},
      {"claude-sonnet-4-5", 1'406},
      {"claude-opus-5", 1'406},
      {"grok-4.5", 1'406},
  };
  const Request image = request_with(media(BlockKind::kImage, SourceKind::kBase64, png(4, 4)));
  const Request none = request_with(block_of(BlockKind::kText, ""));
  for (const auto& row : rows) {
    CAPTURE(row.model);
    const InputTokens tokens = estimate_input_tokens(image, row.model);
    CHECK(tokens.high - high_of(none, row.model) == row.tokens);
    CHECK(tokens.bound >= 16'384);
    CHECK(tokens.bound < 30'000);
    CHECK(tokens.bound_is_sound);
  }
  const Request large = request_with(media(BlockKind::kImage, SourceKind::kBase64, png(16, 16)));
  CHECK(high_of(large, "claude-sonnet-4-5") - high_of(none, "claude-sonnet-4-5") == 1'600);
  CHECK(high_of(large, "claude-opus-5") - high_of(none, "claude-opus-5") == 4'800);
  const Request linked =
      request_with(media(BlockKind::kImage, SourceKind::kUrl, "https://a/b.png"));
  CHECK(high_of(linked) - high_of(none) == 1'600);
}

TEST_CASE("documents count by their pages, and their bound is no promise") {
  const Request none = request_with(block_of(BlockKind::kText, ""));
  const Request pdf = request_with(
      media(BlockKind::kDocument, SourceKind::kBase64, base64_encode("/Type /Page /Type /Page")));
  const InputTokens tokens = estimate_input_tokens(pdf, "gpt-4o");
  CHECK(tokens.high - high_of(none) == 6'000);
  CHECK(tokens.bound >= 16'000);
  CHECK_FALSE(tokens.bound_is_sound);
  CHECK_FALSE(
      estimate_input_tokens(
          request_with(media(BlockKind::kDocument, SourceKind::kUrl, "https://a/b.pdf")), "gpt-4o")
          .bound_is_sound);
  const Request text =
      request_with(media(BlockKind::kDocument, SourceKind::kText, std::string(4'000, 'x')));
  const InputTokens plain = estimate_input_tokens(text, "gpt-4o");
  CHECK(plain.bound >= 4'000);
  CHECK(plain.bound_is_sound);
}

TEST_CASE("no text has more tokens than the bound") {
  for (const char* worst : {"\x01", "\xF0\x9F\x8E\x89", "\xFF", "a", " ", "~", "0"}) {
    std::string text;
    while (text.size() < 4'096)
      text += worst;
    for (const Tokenizer tokenizer :
         {Tokenizer::kOpenAi, Tokenizer::kOpen, Tokenizer::kClaude, Tokenizer::kLaterClaude}) {
      const InputTokens tokens = estimate_text_tokens(text, tokenizer);
      CHECK(tokens.bound >= static_cast<int64_t>(text.size()));
      CHECK(tokens.bound >= tokens.high);
    }
  }
}

}  // namespace
}  // namespace tollgate::model
