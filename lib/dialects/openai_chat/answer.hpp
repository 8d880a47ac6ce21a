#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.hpp"
#include "dialects/dialect.hpp"
#include "dialects/openai_chat/arguments.hpp"
#include "dialects/openai_chat/reasoning.hpp"
#include "dialects/stop_watch.hpp"
#include "dialects/surrogates.hpp"
#include "dialects/think_tags.hpp"
#include "json/reader.hpp"
#include "model/stream_event.hpp"

namespace tollgate::dialects::openai_chat {

using Events = std::vector<model::StreamEvent>;

/// One entry of "tool_calls".
struct CallPiece {
  std::optional<int64_t> index;
  std::string_view id;
  std::string_view name;
  std::string_view arguments;
};

/// What Answer::broken() means.
Status broken_call();

/// Makes blocks that follow each other out of pieces that come in any order: reasoning, text and
/// calls side by side. Streams and whole answers go through it alike.
class Answer {
 public:
  explicit Answer(Translation& translation);

  /// Begins the answer; later calls say nothing new.
  void start(std::string_view model, Events& out);
  void reasoning(std::string_view field, std::string_view text, Events& out);
  /// "reasoning_details"; their text only where nothing else tells it.
  void details(json::Value list, std::string_view json, bool with_text, Events& out);
  void text(std::string_view piece, Events& out);
  void refusal(std::string_view piece, Events& out);
  /// The text that came is a refusal.
  void refused() { refused_ = true; }
  void citation(json::Value annotation);
  Status call(const CallPiece& piece, Events& out);

  /// The first one counts.
  void finish(std::string_view reason);
  void stopped_at(std::string_view sequence) { stop_sequence_ = sequence; }
  void filtered(std::string_view categories) { filtered_ = categories; }
  void usage(const model::UsagePatch& patch) { usage_ = patch; }

  bool started() const { return started_; }
  /// Anything of the answer came, shown or not.
  bool said_anything() const { return bytes_shown_ > 0 || blocks_ > 0 || !calls_.empty(); }
  const std::string& finish_reason() const { return finish_; }
  /// Ended by a stop sequence that the gateway watches for; what follows is of no interest.
  bool over() const { return over_; }
  /// A call ended whose arguments are no JSON: no client could tell what was to be done.
  bool broken() const { return broken_; }
  /// Ends the answer. `told`: the server said that it is whole. A status when it is not.
  Status end(bool told, Events& out);

 private:
  enum class Open : uint8_t { kNone, kThinking, kText, kTool };
  enum class CallState : uint8_t { kWaiting, kLive, kClosed };
  struct Call {
    std::optional<int64_t> index;
    std::string id;
    std::string name;     ///< The upstream's.
    std::string waiting;  ///< Arguments that have not been looked at.
    Surrogates halves;    ///< Of characters in its arguments.
    std::string shown;    ///< Arguments that the client has.
    Arguments arguments;
    CallState state = CallState::kWaiting;
    bool is_wrapper = false;  ///< Several calls in one, which models make up at times.
    std::string held;         ///< Of a wrapper: its arguments.
  };

  model::StreamEvent& event(model::StreamEventKind kind, Events& out);
  void open_block(model::Block block, Open kind, Events& out);
  void delta(model::DeltaKind kind, std::string_view piece, Events& out);
  void close(Events& out);
  bool open_thinking(Events& out);
  void visible_text(std::string_view piece, Events& out);
  void shown_text(std::string_view piece, Events& out);
  void text_delta(std::string_view piece, Events& out);
  void flush_tags(Events& out);

  size_t find_call(const CallPiece& piece);
  std::string client_name(std::string_view upstream) const;
  bool is_declared(std::string_view name) const;
  void pump(Events& out);
  bool take_next(Events& out);
  void announce(Call& call, Events& out);
  void feed(Call& call, Events& out);
  void close_call(Call& call, Events& out);
  bool must_be_whole(const Call& call) const;
  void expand(Call& call, Events& out);
  bool busy() const;
  bool someone_waits() const;

  void end_message(model::StopReason reason, Events& out);
  model::StopReason stop_reason() const;
  model::UsagePatch final_usage() const;

  Translation& translation_;
  StopWatch watch_;
  ThinkTags tags_;
  ReasoningTrace trace_;
  bool started_ = false;
  bool over_ = false;
  bool broken_ = false;
  bool refused_ = false;
  bool text_begun_ = false;  ///< A text block is open, or will be with the first shown byte.
  bool ending_ = false;      ///< Nothing more will come.
  Open open_ = Open::kNone;
  uint32_t blocks_ = 0;
  std::string blank_text_;       ///< Not shown while nothing but blanks has come.
  std::string blank_reasoning_;  ///< The same.
  std::string held_text_;        ///< Came while a call was open.
  std::string block_text_;       ///< Of the open text block, for citations.
  std::vector<std::string> citations_;
  std::string scratch_;
  std::vector<Call> calls_;
  size_t live_ = SIZE_MAX;
  size_t call_bytes_ = 0;
  uint32_t calls_shown_ = 0;
  std::vector<std::string> ids_;
  uint64_t bytes_shown_ = 0;
  std::string finish_;
  std::string stop_sequence_;
  std::string filtered_;
  std::optional<model::UsagePatch> usage_;
};

}  // namespace tollgate::dialects::openai_chat
