#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tollgate/exchange.h"
#include "tollgate/gateway.h"

namespace tollgate::bench {

/// What the upstream speaks: the client's dialect, or another one.
enum class Upstream : uint8_t { kMessages, kChat };

/// A host without sockets: takes one exchange after another through the C API, from head to record,
/// so that what the library itself costs can be measured.
class InMemoryHost {
 public:
  /// A request of the shape and size of Claude Code's; see claude_code_request().
  explicit InMemoryHost(size_t body_bytes, Upstream upstream = Upstream::kMessages);
  ~InMemoryHost();
  InMemoryHost(const InMemoryHost&) = delete;
  InMemoryHost& operator=(const InMemoryHost&) = delete;

  /// From the client's head to UPSTREAM_OPEN.
  void request();
  /// The upstream's head and the events before the first text.
  void begin_answer();
  /// One event of text, of about 175 bytes.
  void event();
  /// The last events, the record, DONE; frees the exchange.
  void finish();

  /// Of the current or last exchange, so that a caller can see that it went as it should.
  struct Seen {
    uint64_t upstream_body_bytes = 0;
    uint32_t upstream_headers = 0;
    uint32_t client_status = 0;
    uint64_t client_bytes = 0;
    uint64_t record_bytes = 0;
    bool done = false;
  };
  const Seen& seen() const { return seen_; }
  size_t request_bytes() const { return body_.size(); }
  size_t event_bytes() const { return event_.size(); }

 private:
  void pull();
  void feed(std::string_view bytes);
  tg_time now();

  const bool chat_;
  std::string body_;
  std::string event_;
  std::vector<std::pair<std::string, std::string>> header_text_;
  std::vector<tg_bytes> headers_;
  tg_gateway* gateway_ = nullptr;
  tg_exchange* exchange_ = nullptr;
  uint32_t attempt_ = 0;
  uint64_t clock_ns_ = 1'000'000'000;
  Seen seen_;
};

}  // namespace tollgate::bench
