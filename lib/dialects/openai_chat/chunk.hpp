#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.hpp"
#include "dialects/openai_chat/answer.hpp"
#include "dialects/openai_errors.hpp"
#include "json/reader.hpp"
#include "model/failure.hpp"

namespace tollgate::dialects::openai_chat {

/// Reads chunks of a stream, and whole answers, which look nearly alike.
class ChunkReader {
 public:
  explicit ChunkReader(Translation& translation)
      : translation_(translation), answer_(translation) {}

  /// `is_whole`: choices hold a message, not a delta.
  Status read(json::Value root, std::string_view json, bool is_whole, Events& out);
  /// An event that is named an error, whatever it holds.
  void read_error_event(json::Value root);
  Answer& answer() { return answer_; }
  /// What the upstream told instead of going on.
  const std::optional<model::Failure>& failure() const { return failure_; }

 private:
  void read_usage_of(json::Value root);
  Status read_choice(json::Value choice, Events& out);
  Status read_message(json::Value message, Events& out);
  Status read_calls(json::Value calls, Events& out);
  void read_content(json::Value content, Events& out);
  Status read_legacy_call(json::Value call, Events& out);
  std::string_view mended_arguments(std::string_view arguments);
  void read_finish(json::Value choice);
  bool read_error(json::Value root);
  void fail(const OpenaiError& error);
  std::string_view raw(std::string_view list, size_t element,
                       std::initializer_list<std::string_view> path) const;

  Translation& translation_;
  Answer answer_;
  Surrogates reasoning_halves_;
  Surrogates text_halves_;
  std::string room_;
  json::Value root_;
  std::string_view json_;
  std::string arguments_;  ///< Of a call, mended.
  bool is_whole_ = false;
  bool field_seen_ = false;  ///< A field told reasoning: details only repeat it.
  std::optional<model::Failure> failure_;
};

}  // namespace tollgate::dialects::openai_chat
