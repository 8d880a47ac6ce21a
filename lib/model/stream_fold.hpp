#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "base/status.hpp"
#include "model/response.hpp"
#include "model/stream_event.hpp"

namespace tollgate::model {

/// Folds the events of a stream into the whole answer they make. Bounded by
/// limits::kAnswerBytesMax.
class StreamFold {
 public:
  /// kInvalid when the event cannot come here (a delta without its block, a second start of one);
  /// kLimit when the answer grows too large. Errors, pings and unknown events change nothing.
  Status add(const StreamEvent& event);
  bool complete() const { return complete_; }
  const Response& response() const { return response_; }
  Response take() { return std::move(response_); }

 private:
  Status start(const StreamEvent& event);
  Status start_block(const StreamEvent& event);
  Status add_delta(const StreamEvent& event);
  Status stop_block();
  Status end(const StreamEvent& event);

  Response response_;
  std::string input_;  ///< Of the open tool call, so far.
  size_t bytes_ = 0;
  bool started_ = false;
  bool complete_ = false;
  bool block_open_ = false;
};

}  // namespace tollgate::model
