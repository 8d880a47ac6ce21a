#pragma once

// The output items of an answer. Each makes the model events of its blocks as its parts become
// known; BlockLine puts the blocks of all items one after the other, whatever order parts come in.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dialects/dialect.hpp"
#include "dialects/openai_responses/names.hpp"
#include "dialects/stop_watch.hpp"
#include "dialects/surrogates.hpp"
#include "json/reader.hpp"
#include "model/stream_event.hpp"

namespace tollgate::dialects::openai_responses {

/// Takes the events of one item's blocks: in order, block by block, indices not set.
class BlockSink {
 public:
  virtual ~BlockSink() = default;
  virtual void take(model::StreamEvent event) = 0;
};

/// What all items of one answer share.
struct AnswerState {
  Translation& translation;
  std::vector<std::string> tool_ids;  ///< That the client has seen.
  uint32_t calls = 0;
  int64_t searches = 0;
  bool refused = false;
  bool cut = false;  ///< A limit ended the answer: what is not whole stays so.
  /// The answer ended well, but the client has a call whose arguments are no JSON.
  bool broken = false;
};

/// One output item. A part that was told before is not told again: every function may be called
/// with more of what is known already, or never.
class OutputItem {
 public:
  OutputItem(AnswerState& state, BlockSink& sink) : state_(state), sink_(sink) {}
  virtual ~OutputItem() = default;
  OutputItem(const OutputItem&) = delete;
  OutputItem& operator=(const OutputItem&) = delete;

  /// The item as the wire has it now; `whole` when it will not change. `text` is its JSON.
  virtual void describe(json::Value item, std::string_view text, bool whole) = 0;
  /// An event of one of its parts.
  virtual void on_event(EventName name, json::Value event) = 0;
  /// Nothing more will come. Called once.
  virtual void close() = 0;
  /// True when the item knows by itself that nothing more will come.
  virtual bool complete() const { return false; }
  /// False when it is known whole only by how the answer ends: it must not be closed before.
  virtual bool settled() { return true; }

 protected:
  void start(model::Block block);
  void delta(model::DeltaKind kind, std::string_view text);
  void citation(std::string raw);
  void stop();
  /// A piece of a text, and one that is known whole: characters whose halves came apart are one.
  std::string_view piece(json::Value text) { return halves_.join(text.string_or(""), room_); }
  std::string_view full(json::Value text);

  AnswerState& state_;
  BlockSink& sink_;

 private:
  Surrogates halves_;
  std::string room_;
};

std::unique_ptr<OutputItem> make_message(AnswerState& state, BlockSink& sink);
std::unique_ptr<OutputItem> make_reasoning(AnswerState& state, BlockSink& sink);
std::unique_ptr<OutputItem> make_call(AnswerState& state, BlockSink& sink);
std::unique_ptr<OutputItem> make_search(AnswerState& state, BlockSink& sink);

/// The text that `whole` has beyond what is `known`; nothing when they disagree.
std::string_view beyond(std::string_view known, std::string_view whole);

/// An url_citation as a citation of the hub; empty for other annotations. `text` is the part's.
std::string citation_of(json::Value annotation, std::string_view text);

}  // namespace tollgate::dialects::openai_responses
