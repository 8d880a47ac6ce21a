#include "dialects/openai_errors.hpp"
#include "support/catch.hpp"

using namespace tollgate;
using model::LessonKind;

namespace {

struct Row {
  const char* name;
  uint32_t status;
  std::string body;
  std::optional<model::Lesson> lesson;
};

std::string error(const std::string& message, const std::string& param = "null",
                  const std::string& code = "null") {
  return R"({"error":{"message":")" + message + R"(","type":"invalid_request_error","param":)" +
         param + R"(,"code":)" + code + "}}";
}

model::Lesson drop(const char* field) {
  return {LessonKind::kDropField, field};
}

}  // namespace

TEST_CASE("a refusal teaches how to ask again") {
  const Row rows[] = {
      {"responses only", 400,
       error("Function tools with reasoning_effort are not supported for gpt-5.6-terra in "
             "/v1/chat/completions. To use function tools, use /v1/responses or set "
             "reasoning_effort to 'none'.",
             "\"reasoning_effort\""),
       model::Lesson{LessonKind::kUseResponses, ""}},
      {"responses only, as 404", 404,
       error("This model is only supported in v1/responses and not in v1/chat/completions."),
       model::Lesson{LessonKind::kUseResponses, ""}},
      {"a model that is not there", 404, error("The model `x` does not exist"), {}},
      {"the token field", 400,
       error("Unsupported parameter: 'max_tokens' is not supported with this model. Use "
             "'max_completion_tokens' instead.",
             "\"max_tokens\"", "\"unsupported_parameter\""),
       model::Lesson{LessonKind::kTokenField, "max_completion_tokens"}},
      {"the token field of an older server", 400,
       error("Unrecognized request argument supplied: max_completion_tokens"),
       model::Lesson{LessonKind::kTokenField, "max_tokens"}},
      {"the most it writes", 400,
       error("max_tokens is too large: 64000. This model supports at most 16384 completion tokens, "
             "whereas you provided 64000."),
       model::Lesson{LessonKind::kOutputMax, "16384"}},
      {"the most Groq writes", 400,
       error("`max_tokens` must be less than or equal to `32768`, the maximum value"),
       model::Lesson{LessonKind::kOutputMax, "32768"}},
      {"the most DeepSeek writes", 400,
       error("Invalid max_tokens value, the valid range of max_tokens is [1, 8192]"),
       model::Lesson{LessonKind::kOutputMax, "8192"}},
      {"a shared window", 400,
       error("This model's maximum context length is 8000 tokens. However, you requested 4000 "
             "output tokens and your prompt contains at least 4001 input tokens, for a total of at "
             "least 8001 tokens."),
       model::Lesson{LessonKind::kContextWindow, "8000"}},
      {"vLLM's window", 400, error("max_tokens=9000 cannot be greater than max_model_len=4096."),
       model::Lesson{LessonKind::kContextWindow, "4096"}},
      {"a full window",
       400,
       error("This model's maximum context length is 8000 tokens. However, you requested 12000 "
             "tokens (9000 in the messages, 3000 in the completion)."),
       {}},
      {"efforts", 400,
       error("Unsupported value: 'reasoning_effort' does not support 'minimal' with this model. "
             "Supported values are: 'low', 'medium', and 'high'.",
             "\"reasoning_effort\"", "\"unsupported_value\""),
       model::Lesson{LessonKind::kEfforts, "low,medium,high"}},
      {"efforts of the other dialect", 400,
       error("Unsupported value: 'none' is not supported with this model. Supported values are: "
             "'minimal', 'low', 'medium', and 'high'.",
             "\"reasoning.effort\"", "\"unsupported_value\""),
       model::Lesson{LessonKind::kEfforts, "minimal,low,medium,high"}},
      {"no effort at all", 400,
       R"({"code":"invalid-argument","error":"This model does not support parameter reasoning_effort."})",
       drop("reasoning_effort")},
      {"a temperature", 400,
       error("Unsupported value: 'temperature' does not support 0.2 with this model. Only the "
             "default (1) value is supported.",
             "\"temperature\"", "\"unsupported_value\""),
       drop("temperature")},
      {"a parameter", 400,
       error("Unsupported parameter: 'parallel_tool_calls' is not supported with this model.",
             "\"parallel_tool_calls\"", "\"unsupported_parameter\""),
       drop("parallel_tool_calls")},
      {"an argument", 400, error("Unrecognized request argument supplied: safety_identifier"),
       drop("safety_identifier")},
      {"another argument", 400,
       error("Unknown parameter: 'prompt_cache_key'.", "\"prompt_cache_key\"",
             "\"unknown_parameter\""),
       drop("prompt_cache_key")},
      {"inside a tool", 400,
       error("Unknown parameter: 'tools[0].function.strict'.", "\"tools[0].function.strict\"",
             "\"unknown_parameter\""),
       drop("strict")},
      {"xAI", 400,
       R"({"code":"Client specified an invalid argument","error":"Argument not supported on this model: stop"})",
       drop("stop")},
      {"FastAPI", 422,
       R"({"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted","input":{}}]})",
       drop("stream_options")},
      {"stream options", 400, error("stream_options is not allowed here"), drop("stream_options")},
      {"summaries", 400,
       error("Your organization must be verified to generate reasoning summaries.",
             "\"reasoning.summary\"", "\"unsupported_value\""),
       drop("reasoning.summary")},
      {"encrypted content", 400, error("Encrypted content is not supported with this model."),
       drop("include")},
      {"a description", 400,
       error("Invalid 'tools[3].function.description': string too long. Expected a string with "
             "maximum length 1024, but got a string with length 4321 instead.",
             "\"tools[3].function.description\"", "\"string_above_max_length\""),
       model::Lesson{LessonKind::kDescriptionMax, "1024"}},
      {"reasoning of another key", 400,
       error("The encrypted content gAAA... could not be verified.", "null",
             "\"invalid_encrypted_content\""),
       model::Lesson{LessonKind::kDropReasoning, ""}},
      {"a grammar", 400, error("Failed to parse grammar"),
       model::Lesson{LessonKind::kPlainSchemas, ""}},
      {"the system's role", 400,
       error("Unsupported value: 'messages[0].role' does not support 'system' with this model.",
             "\"messages[0].role\"", "\"unsupported_value\""),
       model::Lesson{LessonKind::kSystemRole, "user"}},
      {"efforts of Groq", 400,
       error("`reasoning_effort` must be one of `none` or `default`", "\"reasoning_effort\""),
       model::Lesson{LessonKind::kEfforts, "none"}},
      {"an effort of xAI", 400,
       R"({"code":"invalid-argument","error":"This model does not support `reasoning_effort` value `none`"})",
       model::Lesson{LessonKind::kEfforts, "low,medium,high"}},
      {"reasoning that cannot be switched off", 400,
       R"({"error":{"message":"Reasoning is mandatory for this endpoint and cannot be disabled.","code":400}})",
       model::Lesson{LessonKind::kEfforts, "minimal,low,medium,high,xhigh"}},
      {"a choice while it thinks", 400,
       error("tool_choice 'required' is incompatible with thinking enabled"), drop("tool_choice")},
      {"another choice", 400, error("deepseek-reasoner does not support this tool_choice"),
       drop("tool_choice")},
      {"a choice without tools",
       400,
       error("'tool_choice' is only allowed when 'tools' are specified"),
       {}},
      {"in quotes of code", 400, error("`logprobs` is not supported with this model"),
       drop("logprobs")},
      {"without quotes", 400, error("presence_penalty is not supported by this model"),
       drop("presence_penalty")},
      {"a schema's words", 400,
       error("Additional properties are not allowed ('parallel_tool_calls' was unexpected)"),
       drop("parallel_tool_calls")},
      {"a property", 400,
       error("'messages.1' : for 'role:assistant' the following must be satisfied[('messages.1' : "
             "property 'reasoning_content' is unsupported)]"),
       drop("reasoning_content")},
      {"Python", 400, error("create() got an unexpected keyword argument 'service_tier'"),
       drop("service_tier")},
      {"what is no field", 400, error("Model x is not supported"), {}},
      {"vLLM's window, all numbers", 400,
       error("'max_tokens' or 'max_completion_tokens' is too large: 4096. This model's maximum "
             "context length is 32768 tokens and your request has 30000 input tokens (4096 > "
             "32768-30000)."),
       model::Lesson{LessonKind::kContextWindow, "32768"}},
      {"a field that means something",
       400,
       error("Unknown parameter: 'messages[0].content'.", "\"messages[0].content\"",
             "\"unknown_parameter\""),
       {}},
      {"a value out of range",
       400,
       error("Invalid 'temperature': decimal below minimum value.", "\"temperature\"",
             "\"decimal_below_min_value\""),
       {}},
      {"another status",
       429,
       error("Unsupported parameter: 'temperature'", "\"temperature\"",
             "\"unsupported_parameter\""),
       {}},
      {"no JSON", 400, "<html>", {}},
      {"nothing", 400, "", {}},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const auto lesson = dialects::openai_lesson(row.status, row.body);
    CHECK(lesson.has_value() == row.lesson.has_value());
    if (!lesson || !row.lesson) continue;
    CHECK(static_cast<int>(lesson->kind) == static_cast<int>(row.lesson->kind));
    CHECK(lesson->value == row.lesson->value);
  }
}
