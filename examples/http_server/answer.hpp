#pragma once

// One answer on its way to the client: framing, few and prompt writes.

#include <cstdint>
#include <string>
#include <string_view>

#include "tollgate/tollgate.h"

#include "outbox.hpp"

namespace tollgate::server {

class Answer {
 public:
  struct Client {
    bool version_1_1 = true;
    bool head_only = false;  ///< The request was HEAD: no body is sent.
    bool keep_alive = false;
  };

  Answer(Outbox& outbox, const Client& client) : outbox_(outbox), client_(client) {}

  /// Keeps the head until the first bytes of the body, so that both go out in one write. The core
  /// gives a head only together with what follows it.
  void head(const tg_action& action);
  /// Sends. With `more` a small piece waits for what comes next. False when the client has gone.
  bool body(tg_bytes bytes, bool more);
  /// Completes the answer, or leaves it recognisably incomplete.
  void end(bool aborted);

  bool began() const { return began_; }
  bool is_complete() const { return complete_; }
  /// The answer is complete and the connection may serve another request.
  bool may_continue() const { return complete_ && client_.keep_alive; }
  /// The end of the connection is the end of the body, and the body is not whole: only a reset
  /// tells the client so.
  bool needs_reset() const { return framing_ == Framing::kClose && began_ && !complete_; }

 private:
  enum class Framing { kNone, kLength, kChunked, kClose };

  bool flush();
  bool send(tg_bytes bytes);
  void forget_pending();

  Outbox& outbox_;
  Client client_;
  std::string pending_;
  uint64_t length_left_ = 0;
  Framing framing_ = Framing::kNone;
  bool began_ = false;
  bool failed_ = false;
  bool complete_ = false;
};

/// A whole answer in the error shape of the Messages API, for requests that never become an
/// exchange. `retry_after` 0 leaves the field out. The connection is to be closed after it.
std::string refusal_answer(uint32_t status, std::string_view reason, std::string_view request_id,
                           uint32_t retry_after_seconds, bool head_only);

}  // namespace tollgate::server
