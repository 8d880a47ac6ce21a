#pragma once

#include <string>
#include <string_view>

#include "dialects/bedrock_converse/converse_support.hpp"
#include "support/aws_frames.hpp"

namespace tollgate::dialects::bedrock_converse {

inline std::string block_delta(int index, std::string_view delta) {
  return test::aws_event_frame("contentBlockDelta", R"({"contentBlockIndex":)" +
                                                        std::to_string(index) + R"(,"delta":)" +
                                                        std::string(delta) + "}");
}

inline std::string block_start(int index, std::string_view start) {
  return test::aws_event_frame("contentBlockStart", R"({"contentBlockIndex":)" +
                                                        std::to_string(index) + R"(,"start":)" +
                                                        std::string(start) + "}");
}

inline std::string block_stop(int index) {
  return test::aws_event_frame("contentBlockStop",
                               R"({"contentBlockIndex":)" + std::to_string(index) + "}");
}

inline std::string text(int index, std::string_view text) {
  return block_delta(index, R"({"text":")" + std::string(text) + R"("})");
}

inline std::string tool_input(int index, std::string_view json_text) {
  return block_delta(index, R"({"toolUse":{"input":")" + std::string(json_text) + R"("}})");
}

inline std::string tool(int index, std::string_view id, std::string_view name) {
  return block_start(index, R"({"toolUse":{"toolUseId":")" + std::string(id) + R"(","name":")" +
                                std::string(name) + R"("}})");
}

inline const std::string kBegin = test::aws_event_frame("messageStart", R"({"role":"assistant"})");

inline std::string end(std::string_view reason, std::string_view more = "") {
  return test::aws_event_frame("messageStop", R"({"stopReason":")" + std::string(reason) + "\"" +
                                                  std::string(more) + "}") +
         test::aws_event_frame("metadata", R"({"usage":{"inputTokens":7,"outputTokens":5,
             "cacheReadInputTokens":3,"cacheWriteInputTokens":4,
             "cacheDetails":[{"ttl":"1h","inputTokens":4}]},"metrics":{"latencyMs":1}})");
}

inline model::Response answer(const std::string& stream, Translation& translation) {
  const Decoded decoded = decode_stream(stream, translation);
  CHECK(decoded.code == Code::kOk);
  return folded(decoded.events);
}

inline model::Response answer(const std::string& stream, std::string_view model_id = kClaude) {
  Translation translation = translation_to(model_id);
  translation.thinking_wanted = true;
  return answer(stream, translation);
}

}  // namespace tollgate::dialects::bedrock_converse
