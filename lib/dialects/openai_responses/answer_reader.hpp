#pragma once

// Reads one answer of this dialect, streamed or whole: the same steps make the same blocks.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.hpp"
#include "dialects/dialect.hpp"
#include "dialects/openai_responses/names.hpp"
#include "dialects/openai_responses/output_item.hpp"
#include "json/reader.hpp"
#include "model/stream_event.hpp"

namespace tollgate::dialects::openai_responses {

/// Puts the blocks of several items one after the other: only the first item that is not over goes
/// to the client at once, the others wait. Ends the answer at a stop sequence.
class BlockLine {
 public:
  explicit BlockLine(Translation& translation);

  using Events = std::vector<model::StreamEvent>;
  /// Where events go until the next call.
  void write_to(Events& out) { out_ = &out; }
  /// Shows an event of the item whose turn it is.
  void show(model::StreamEvent&& event);
  bool stopped() const { return stopped_; }
  const std::string& stop_sequence() const { return watch_.found(); }
  /// Bytes of what was shown, for an estimate where nothing tells the usage.
  uint64_t shown_bytes() const { return shown_bytes_; }

 private:
  void show_text(model::StreamEvent&& event);
  void start_watched();
  void push(model::StreamEvent&& event) { out_->push_back(std::move(event)); }

  Events* out_ = nullptr;
  StopWatch watch_;
  model::StreamEvent start_;  ///< Of a text block that has no text to show yet.
  bool start_waits_ = false;
  bool in_text_ = false;
  bool stopped_ = false;
  uint32_t blocks_ = 0;
  uint64_t shown_bytes_ = 0;
};

class AnswerReader {
 public:
  explicit AnswerReader(Translation& translation);
  ~AnswerReader();

  /// Takes one event; `text` is its JSON. A status means that the answer grows beyond all bounds.
  Status take(EventName name, json::Value event, std::string_view text,
              std::vector<model::StreamEvent>& out);
  /// Takes a whole answer, or what the last event says of it.
  Status take_whole(json::Value response, std::string_view text,
                    std::vector<model::StreamEvent>& out);
  bool started() const { return started_; }
  /// Its last event is out: nothing is to come, whatever the upstream still sends.
  bool ended() const { return ended_; }

 private:
  class Place;

  void start(json::Value response);
  Place* find(json::Value event);
  Place& place_for(EventName name, json::Value event);
  Place& add_place(ItemKind kind, std::string_view id, std::optional<int64_t> index);
  void take_item(json::Value item, std::string_view text, std::optional<int64_t> index, bool whole);
  void take_output(json::Value response, std::string_view text);
  void finish(Place& place);
  void advance();
  Status end_answer(json::Value response, EventName name);
  void end_at_stop_sequence();
  void fail(json::Value event);
  void push_end(model::StreamEvent&& delta);

  Translation& translation_;
  AnswerState state_;
  BlockLine line_;
  std::vector<std::unique_ptr<Place>> places_;
  size_t turn_ = 0;  ///< The first place that is not over.
  std::vector<model::StreamEvent>* out_ = nullptr;
  uint64_t bytes_ = 0;
  bool started_ = false;
  bool ended_ = false;
};

}  // namespace tollgate::dialects::openai_responses
