#include "dialects/context_overflow.hpp"

#include "support/catch.hpp"

using namespace tollgate;
using namespace tollgate::dialects;

namespace {

struct Row {
  const char* name;
  std::string said;
  std::string message;  ///< With an estimate of 900 and a window of 800; empty: no overflow.
};

}  // namespace

TEST_CASE("every server's words for a full context become one text with numbers") {
  const std::string both = "input length and `max_tokens` exceed context limit: ";
  const std::string otherwise = ", decrease input length or `max_tokens` and try again";
  const Row rows[] = {
      {"OpenAI chat",
       "This model's maximum context length is 128000 tokens. However, your messages resulted in "
       "130001 tokens. Please reduce the length of the messages.",
       "prompt is too long: 130001 tokens > 128000 maximum"},
      {"OpenAI gpt-5",
       "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in "
       "300001 tokens.",
       "prompt is too long: 300001 tokens > 272000 maximum"},
      {"OpenAI responses",
       "Your input exceeds the context window of this model. Please adjust your input and try "
       "again.",
       "prompt is too long: 900 tokens > 800 maximum"},
      {"DeepSeek, the answer is too long",
       "This model's maximum context length is 131072 tokens. However, you requested 140000 tokens "
       "(100000 in the messages, 40000 in the completion). Please reduce",
       both + "100000 + 40000 > 131072" + otherwise},
      {"DeepSeek, the prompt is too long",
       "This model's maximum context length is 131072 tokens. However, you requested 140000 tokens "
       "(139000 in the messages, 1000 in the completion).",
       "prompt is too long: 139000 tokens > 131072 maximum"},
      {"old vLLM",
       "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens "
       "(4500 in your prompt; 500 for the completion).",
       "prompt is too long: 4500 tokens > 4096 maximum"},
      {"vLLM that stops counting",
       "This model's maximum context length is 1000 tokens. However, you requested 500 output "
       "tokens and your prompt contains at least 501 input tokens, for a total of at least 1001 "
       "tokens.",
       "prompt is too long: 1001 tokens > 1000 maximum"},
      {"vLLM that counts",
       "This model's maximum context length is 1000 tokens. However, you requested 500 output "
       "tokens and your prompt contains 600 input tokens, for a total of 1100 tokens.",
       both + "600 + 500 > 1000" + otherwise},
      {"SGLang", "Input length (5000) exceeds model's maximum context length (4096).",
       "prompt is too long: 5000 tokens > 4096 maximum"},
      {"SGLang, other words",
       "The input (5000 tokens) is longer than the model's context length (4096 tokens).",
       "prompt is too long: 5000 tokens > 4096 maximum"},
      {"SGLang, in all",
       "Requested token count exceeds the model's maximum context length of 4096 tokens. You "
       "requested a total of 5000 tokens: 3000 tokens from the input messages and 2000 tokens for "
       "the completion.",
       both + "3000 + 2000 > 4096" + otherwise},
      {"others", "Input length 5000 exceeds the maximum allowed input length of 4096 tokens",
       "prompt is too long: 5000 tokens > 4096 maximum"},
      {"llama.cpp",
       "request (9000 tokens) exceeds the available context size (8192 tokens), try increasing it",
       "prompt is too long: 9000 tokens > 8192 maximum"},
      {"Ollama", "prompt too long; exceeded max context length by 12 tokens",
       "prompt is too long: 812 tokens > 800 maximum"},
      {"xAI",
       "This model's maximum prompt length is 131072 but the request contains 2000000 tokens.",
       "prompt is too long: 2000000 tokens > 131072 maximum"},
      {"OpenRouter",
       "This endpoint's maximum context length is 200000 tokens. However, you requested about "
       "2500021 tokens (2500021 of text input). Please reduce",
       "prompt is too long: 2500021 tokens > 200000 maximum"},
      {"OpenRouter, the answer is too long",
       "This endpoint's maximum context length is 200000 tokens. However, you requested about "
       "210000 tokens (150000 of text input, 60000 in the output).",
       both + "150000 + 60000 > 200000" + otherwise},
      {"LM Studio",
       "The number of tokens to keep from the initial prompt is greater than the context length.",
       "prompt is too long: 900 tokens > 800 maximum"},
      {"LM Studio, with numbers",
       "Trying to keep the first 12000 tokens when context the overflows. However, the model is "
       "loaded with context length of only 4096 tokens, which is not enough.",
       "prompt is too long: 12000 tokens > 4096 maximum"},
      {"vLLM, the answer is too long",
       "'max_tokens' or 'max_completion_tokens' is too large: 4096. This model's maximum context "
       "length is 32768 tokens and your request has 30000 input tokens (4096 > 32768-30000).",
       both + "30000 + 4096 > 32768" + otherwise},
      {"vLLM, the prompt is too long",
       "This model's maximum context length is 32768 tokens. However, your request has 40000 input "
       "tokens. Please reduce the length of the input messages.",
       "prompt is too long: 40000 tokens > 32768 maximum"},
      {"Cerebras",
       "Please reduce the length of the messages or completion. Current length is 9000 while limit "
       "is 8192",
       "prompt is too long: 9000 tokens > 8192 maximum"},
      {"TGI",
       "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193. Given: 8000 "
       "`inputs` tokens and 512 `max_new_tokens`",
       both + "8000 + 512 > 8193" + otherwise},
      {"TGI, the prompt alone",
       "Input validation error: `inputs` must have less than 4096 tokens. Given: 5000",
       "prompt is too long: 5000 tokens > 4096 maximum"},
      {"Fireworks", "The prompt is too long: 140000, model maximum context length: 131071",
       "prompt is too long: 140000 tokens > 131071 maximum"},
      {"Moonshot",
       "Invalid request: Your request exceeded model token limit: 131072 (requested: 140000)",
       "prompt is too long: 140000 tokens > 131072 maximum"},
      {"Mistral",
       "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum "
       "context length",
       "prompt is too long: 40000 tokens > 32768 maximum"},
      {"Gemini",
       "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
       "prompt is too long: 1200000 tokens > 1048576 maximum"},
      {"Perplexity", "too_many_prompt_tokens", "prompt is too long: 900 tokens > 800 maximum"},
      {"MiniMax", "invalid params, context window exceeds limit (2013)",
       "prompt is too long: 900 tokens > 800 maximum"},
      {"Anthropic", "prompt is too long: 210000 tokens > 200000 maximum",
       "prompt is too long: 210000 tokens > 200000 maximum"},
      {"Bedrock", "Input is too long for requested model.",
       "prompt is too long: 900 tokens > 800 maximum"},
      {"with separators",
       "maximum context length is 1,048,565 tokens. However, your messages resulted in 1_200_000 "
       "tokens",
       "prompt is too long: 1200000 tokens > 1048565 maximum"},
      {"the maximum alone", "the maximum context length is 700 tokens",
       "prompt is too long: 900 tokens > 700 maximum"},
      {"more than a minute holds",
       "Request too large for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000, "
       "Requested 42000.",
       "prompt is too long: 42000 tokens > 30000 maximum"},
      {"a rate",
       "Rate limit reached for gpt-4o on tokens per min (TPM): Limit 30000, Used 29000, Requested "
       "2000.",
       ""},
      {"a rate like a size",
       "Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 2000.", ""},
      {"another rate", "Too many tokens, please wait before trying again.", ""},
      {"a bound on the answer",
       "max_tokens is too large: 64000. This model supports at most 16384 completion tokens", ""},
      {"something else", "Invalid value for 'temperature'", ""},
      {"nothing", "", ""},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const auto overflow = find_context_overflow(row.said);
    CHECK(overflow.has_value() == !row.message.empty());
    if (!overflow) continue;
    CHECK(context_overflow_message(*overflow, 900, 800) == row.message);
    // The failure says the same, now or once the numbers are known.
    model::Failure failure = context_overflow_failure(*overflow, row.said);
    CHECK(failure.kind == model::FailureKind::kInvalidRequest);
    CHECK(failure.status == 400);
    complete_context_overflow(failure, 900, 800);
    if (row.name != std::string("vLLM that stops counting") &&
        row.name != std::string("the maximum alone")) {
      CHECK(failure.message == row.message);
    }
    const bool one_of_two =
        failure.message.starts_with("prompt is too long: ") || failure.message.starts_with(both);
    CHECK(one_of_two);
  }
}

TEST_CASE("the prompt is always longer than what would fit") {
  ContextOverflow overflow;
  CHECK(context_overflow_message(overflow, 100, 0) ==
        "prompt is too long: 100 tokens > 99 maximum");
  CHECK(context_overflow_message(overflow, 100, 5000) ==
        "prompt is too long: 5001 tokens > 5000 maximum");
  CHECK(context_overflow_message(overflow, 0, 0).empty());
  overflow.maximum = 7000;
  CHECK(context_overflow_message(overflow, 0, 0) ==
        "prompt is too long: 7001 tokens > 7000 maximum");
}

TEST_CASE("other failures are left alone") {
  model::Failure failure;
  for (const char* message : {"", "no", "prompt is too long: 5 tokens > 4 maximum"}) {
    failure.message = message;
    complete_context_overflow(failure, 9, 8);
    CHECK(failure.message == message);
  }
}
