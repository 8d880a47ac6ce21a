#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.hpp"
#include "dialects/dialect.hpp"
#include "dialects/stop_watch.hpp"
#include "dialects/think_tags.hpp"
#include "json/reader.hpp"
#include "model/stream_event.hpp"

namespace tollgate::dialects::bedrock_converse {

/// Puts the blocks of an answer one behind the other, whatever order their pieces come in: the
/// first open block is told as it comes, the others wait. Blocks that stay empty are left out.
class BlockLine {
 public:
  /// The translation outlives this.
  explicit BlockLine(Translation& translation);

  /// Where events go from now on.
  void write_to(std::vector<model::StreamEvent>& out) { out_ = &out; }

  /// A contentBlockStart, or a block of a whole answer that begins.
  Status begin(int64_t index, json::Value start);
  /// A contentBlockDelta's `delta`.
  Status add(int64_t index, json::Value delta);
  Status add_text(int64_t index, std::string_view text);
  /// Text, signature or redactedContent, as a delta's reasoningContent has them.
  Status add_reasoning(int64_t index, json::Value reasoning);
  Status add_citation(int64_t index, json::Value citation);
  /// A tool call's arguments as they stand.
  Status add_input(int64_t index, std::string_view arguments);
  void end(int64_t index);
  /// The answer ends: what is open ends too.
  void end_all();

  uint32_t tool_calls() const { return tool_calls_; }
  /// The stop sequence that was found here; empty when none was.
  const std::string& stop_found() const { return watch_.found(); }
  bool anything_told() const { return index_ > 0 || front_told(); }

 private:
  enum class Kind : uint8_t { kUnset, kText, kThinking, kRedacted, kTool, kIgnored };

  struct Block {
    int64_t upstream = 0;
    Kind kind = Kind::kUnset;
    bool told = false;  ///< Its start went out (or waits in `held`).
    bool ended = false;
    bool noted = false;        ///< kIgnored: it was said that the client does not see it.
    bool input_flows = false;  ///< Arguments are passed as they come.
    std::string text;          ///< Hidden reasoning, redacted content, arguments that wait.
    std::string signature;
    std::vector<model::StreamEvent> held;
  };

  Block* find(int64_t index, Kind kind);
  Status take_bytes(size_t size);
  void emit(Block& block, model::StreamEvent event);
  void start(Block& block, model::Block content);
  void delta(Block& block, model::DeltaKind kind, std::string_view text);
  void start_text(Block& block);
  void start_thinking(Block& block);
  void tell_text(Block& block, std::string_view text);
  void tell_tagged(int64_t index, std::string_view reasoning, std::string_view text);
  void end_tags();
  void leave_first(int64_t index);
  void think(Block& block, json::Value reasoning);
  void add_thought(Block& block, std::string_view text);
  void begin_tool(int64_t index, json::Value tool_use);
  void close(Block& block);
  void advance();
  void ignore(Block& block, std::string what);
  bool front_told() const { return !blocks_.empty() && blocks_.front().told; }

  Translation& translation_;
  StopWatch watch_;
  ThinkTags tags_;            ///< Of models that leave reasoning in the text they begin with.
  bool reads_tags_;           ///< While there may be such reasoning.
  std::deque<Block> blocks_;  ///< The first is the one being told.
  std::vector<model::StreamEvent>* out_ = nullptr;
  std::vector<std::string> tool_ids_;
  uint32_t index_ = 0;
  uint32_t tool_calls_ = 0;
  size_t bytes_ = 0;
  bool stopped_ = false;  ///< A stop sequence was found: nothing more is told.
};

}  // namespace tollgate::dialects::bedrock_converse
