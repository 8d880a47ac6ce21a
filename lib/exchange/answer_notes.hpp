#pragma once

#include <optional>
#include <string>

#include "model/failure.hpp"
#include "model/stream_event.hpp"
#include "model/usage.hpp"

namespace tollgate::exchange {

/// What the gateway keeps of an answer while its events go by.
struct AnswerNotes {
  void note(const model::StreamEvent& event);

  /// It ended as if all were said, and holds nothing.
  bool empty() const { return complete && !block_begun && stop_reason == "end_turn"; }

  bool content_begun = false;
  bool block_begun = false;
  bool complete = false;
  bool usage_known = false;
  std::optional<model::Failure> failure;
  model::Usage usage;
  std::string stop_reason;
  std::string upstream_model;
};

}  // namespace tollgate::exchange
