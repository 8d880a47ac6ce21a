#include <string>
#include <vector>

#include "dialects/bedrock_converse/dialect.hpp"
#include "fuzz/check.hpp"
#include "model/stream_fold.hpp"

// Events of any kind in any order: what the decoder makes of them folds into an answer, and an end
// is told once or not at all. Each line of the input is one event: a digit that says its name, and
// its data. The first byte says what the client asked for.

namespace {

using namespace tollgate;
using tollgate::fuzz::check;

constexpr std::string_view kNames[] = {
    "messageStart", "contentBlockStart", "contentBlockDelta",   "contentBlockStop",
    "messageStop",  "metadata",          "throttlingException", "somethingNew",
};

constexpr std::string_view kModels[] = {"us.anthropic.claude-sonnet-4-6",
                                        "us.amazon.nova-2-lite-v1:0"};

dialects::Translation asked(uint8_t how) {
  dialects::Translation translation;
  translation.target_model = kModels[how & 1U];
  translation.target = "a/b";
  translation.thinking_wanted = (how & 2U) != 0;
  translation.thinking_omitted = (how & 4U) != 0;
  translation.single_tool_call = (how & 8U) != 0;
  if ((how & 16U) != 0) translation.stop_sequences = {"END", "\n\n"};
  return translation;
}

/// Every block has its start, pieces and stop, one block after the other.
void check_order(const std::vector<model::StreamEvent>& events) {
  uint32_t next = 0;
  bool open = false;
  for (const model::StreamEvent& event : events) {
    if (event.kind == model::StreamEventKind::kBlockStart) {
      check(!open && event.index == next);
      open = true;
    } else if (event.kind == model::StreamEventKind::kBlockDelta) {
      check(open && event.index == next);
    } else if (event.kind == model::StreamEventKind::kBlockStop) {
      check(open && event.index == next++);
      open = false;
    } else if (event.kind == model::StreamEventKind::kMessageStop) {
      check(!open && &event == &events.back());
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  dialects::Translation translation = asked(data[0]);
  const auto decoder = dialects::bedrock_converse::dialect().new_stream_decoder(translation);
  std::vector<model::StreamEvent> events;
  bool ok = true;
  for (std::string_view rest = fuzz::text_of(data + 1, size - 1); !rest.empty() && ok;) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.empty()) continue;
    ok = decoder->on_event(kNames[static_cast<uint8_t>(line[0]) % 8], line.substr(1), events).ok();
  }
  ok = ok && decoder->on_end(events).ok();
  check_order(events);
  model::StreamFold fold;
  for (const model::StreamEvent& event : events)
    check(fold.add(event).ok());
  const bool failed = !events.empty() && events.back().kind == model::StreamEventKind::kError;
  check(fold.complete() == (ok && !failed));
  return 0;
}
