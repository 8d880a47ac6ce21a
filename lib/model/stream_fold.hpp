#pragma once

#include "base/status.hpp"
#include "model/response.hpp"
#include "model/stream_event.hpp"

namespace tollgate::model {

/// Folds the events of a stream into the whole answer they make.
class StreamFold {
 public:
  /// kInvalid when the event cannot come here (a delta without its block, a second start of one).
  Status add(const StreamEvent& event);
  bool complete() const { return complete_; }
  const Response& response() const { return response_; }
  Response take() { return std::move(response_); }

 private:
  Response response_;
  bool started_ = false;
  bool complete_ = false;
  bool block_open_ = false;
};

}  // namespace tollgate::model
