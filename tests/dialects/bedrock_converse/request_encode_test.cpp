#include <string>

#include "dialects/bedrock_converse/request_support.hpp"

namespace tollgate::dialects::bedrock_converse {
namespace {

TEST_CASE("plain requests are encoded") {
  const Row rows[] = {
      {"a text", kNova2, request(kHi),
       R"({"messages":[{"role":"user","content":[{"text":"hi"}]}],
           "inferenceConfig":{"maxTokens":100}})"},
      {"system as a string", kNova2, request(kHi, R"(,"system":"Be brief.")"),
       R"({"system":[{"text":"Be brief."}],"messages":[{"role":"user","content":[{"text":"hi"}]}],
           "inferenceConfig":{"maxTokens":100}})"},
      {"sampling and stop sequences", kNova2,
       request(kHi, R"(,"temperature":0.5,"top_p":0.9,"top_k":5,"stop_sequences":["X"])"),
       R"({"messages":[{"role":"user","content":[{"text":"hi"}]}],
           "inferenceConfig":{"maxTokens":100,"temperature":0.5,"topP":0.9,"stopSequences":["X"]},
           "additionalModelRequestFields":{"inferenceConfig":{"topK":5}}})"},
      {"Claude tells its stop sequence", kClaude,
       request(kHi, R"(,"top_k":5,"stop_sequences":["X"])"),
       R"({"messages":[{"role":"user","content":[{"text":"hi"}]}],
           "inferenceConfig":{"maxTokens":100,"stopSequences":["X"]},
           "additionalModelRequestFields":{"top_k":5},
           "additionalModelResponseFieldPaths":["/stop_sequence"]})"},
      {"thinking and effort of Claude", kClaude,
       request(kHi, R"(,"thinking":{"type":"adaptive"},"output_config":{"effort":"high"})"),
       R"({"messages":[{"role":"user","content":[{"text":"hi"}]}],
           "inferenceConfig":{"maxTokens":100},
           "additionalModelRequestFields":{"thinking":{"type":"adaptive"},
             "output_config":{"effort":"high"}}})"},
      {"a schema for the answer", kClaude,
       request(kHi, R"(,"output_config":{"format":{"type":"json_schema",
                        "schema":{"type":"object"}}})"),
       R"({"messages":[{"role":"user","content":[{"text":"hi"}]}],
           "inferenceConfig":{"maxTokens":100},
           "outputConfig":{"textFormat":{"type":"json_schema","structure":{"jsonSchema":
             {"schema":"{\"type\":\"object\"}","name":"answer"}}}}})"},
      {"an id of the user that Converse takes", kNova2,
       request(kHi, R"(,"metadata":{"user_id":"dev-1@corp.example"})"),
       R"({"messages":[{"role":"user","content":[{"text":"hi"}]}],
           "inferenceConfig":{"maxTokens":100},
           "requestMetadata":{"user_id":"dev-1@corp.example"}})"},
  };
  for (const Row& row : rows)
    check(row);
}

TEST_CASE("a count is asked for in its own shape") {
  Translation translation = translation_to(kClaude);
  translation.operation = Operation::kCountTokens;
  CHECK(test::json_difference(
            encoded(R"({"model":"m","system":"s","messages":[{"role":"user","content":"hi"}]})",
                    translation),
            R"({"input":{"converse":{"system":[{"text":"s"}],
                "messages":[{"role":"user","content":[{"text":"hi"}]}]}}})") == "");
  CHECK(dialect().decode_token_count(R"({"inputTokens":18})").value() == 18);
  CHECK_FALSE(dialect().decode_token_count(R"({"input_tokens":18})").ok());
}

}  // namespace
}  // namespace tollgate::dialects::bedrock_converse
