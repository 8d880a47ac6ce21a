#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.hpp"
#include "dialects/dialect.hpp"
#include "dialects/gemini_generate/partial_args.hpp"
#include "dialects/gemini_generate/signatures.hpp"
#include "dialects/stop_watch.hpp"
#include "json/reader.hpp"
#include "model/stream_event.hpp"

namespace tollgate::dialects::gemini_generate {

/// Turns the pieces of an answer into model events. A whole answer is one piece, so that both ways
/// of asking tell the same.
class Answer {
 public:
  using Events = std::vector<model::StreamEvent>;

  explicit Answer(Translation& translation)
      : translation_(translation), watch_(translation.stop_sequences) {}

  /// Takes one GenerateContentResponse, or the error that stands in its place. `text` is the JSON
  /// the value was parsed from.
  Status add(json::Value response, std::string_view text, Events& out);
  /// The upstream has said all. A status when it stopped in the middle.
  Status finish(Events& out);
  /// A whole body cannot have been cut: where it tells no reason, it simply ended.
  void whole() { ended_ = ended_ || any_content_; }
  /// Whether the prompt's length was told; else it is our estimate.
  bool input_known() const { return usage_.input.has_value(); }
  /// No more pieces are wanted: it failed, or a stop sequence was found.
  bool over() const { return failed_ || stopped_; }

 private:
  enum class Open : uint8_t { kNothing, kText, kThinking };

  // answer.cpp
  void start(json::Value response, Events& out);
  void read_usage(json::Value usage);
  void read_candidate(json::Value candidate, std::string_view text, Events& out);
  void read_part(json::Value part, std::string_view text, Events& out);
  void text_part(std::string_view text, std::string_view signature, Events& out);
  void thought_part(std::string_view text, std::string_view signature, Events& out);
  void signed_apart(SignedPart place, std::string_view signature, Events& out);
  void add_text(std::string_view text, Events& out);
  void open_block(Open kind, Events& out);
  void close_block(Events& out);
  void emit_block(model::Block block, Events& out);
  void fail(std::string_view reason, Events& out);
  void end(model::StopReason reason, Events& out);

  // answer_calls.cpp
  void call_part(json::Value part, std::string_view text, Events& out);
  void close_call(Events& out);
  void other_part(json::Value part, Events& out);
  void read_search_results(json::Value chunks);
  void emit_search(Events& out);

  Translation& translation_;
  StopWatch watch_;
  Open open_ = Open::kNothing;
  std::optional<PartialCall> partial_;  ///< A call whose arguments come piece by piece.
  std::vector<std::string> ids_;        ///< Of calls so far.
  std::string finish_reason_;
  std::string finish_message_;
  std::string block_reason_;
  std::vector<std::string> queries_;  ///< What the upstream searched the web for.
  std::string search_results_;        ///< Raw JSON of what it found.
  model::UsagePatch usage_;
  struct {
    std::optional<int64_t> prompt;
    std::optional<int64_t> searched;
    std::optional<int64_t> cached;
    std::optional<int64_t> written;
    std::optional<int64_t> thought;
  } sums_;
  uint32_t blocks_ = 0;
  uint32_t calls_ = 0;
  bool started_ = false;
  bool ended_ = false;  ///< A finish reason came, or the prompt was blocked.
  bool any_content_ = false;
  bool text_held_ = false;  ///< The watch may hold text back.
  bool failed_ = false;
  bool stopped_ = false;
};

/// A Google error object as a failure: of an answer's body or in the place of a piece.
model::Failure read_error(json::Value error, uint32_t status);

}  // namespace tollgate::dialects::gemini_generate
