#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.hpp"
#include "json/reader.hpp"
#include "ledger/journal.hpp"

namespace tollgate::ledger {

/// Who writes a batch, and the how-many-th of the writer's it is: a store applies each once.
struct BatchHead {
  std::string_view instance;
  uint64_t number = 0;
  int64_t wall_ms = 0;
  bool wants_counters = false;  ///< The answer tells every counter, not just those named.
};

/// The batch as one JSON object, as docs/embedding/writing-a-store.md has it.
std::string batch_text(const BatchHead& head, const Batch& batch);

/// What a store answered. Names point into the document.
struct StoreReply {
  std::vector<uint64_t> refused;
  std::vector<Outside> counters;
};

/// Reads an answer to batch `number`. kInvalid when it is no such answer.
Result<StoreReply> read_reply(json::Document& document, std::string_view text, uint64_t number);

std::string_view measure_name(Measure measure);

}  // namespace tollgate::ledger
