#pragma once

#include <vector>

#include "tollgate/curl.h"
#include "tollgate/exchange.h"

#include "drivers/curl/transfer.hpp"

namespace tollgate::curl_driver {

class Session;

/// Performs upstream attempts: the calling thread's lanes, or the loop's shared connections.
class Carrier {
 public:
  virtual ~Carrier() = default;
  /// Begins an attempt. Null when it could not, and why says so.
  virtual Transfer* open(const tg_action& action, Session& session, Outcome& why) = 0;
  /// Takes a transfer off its multi, breaking it off where it is not through. It stays usable until
  /// release().
  virtual void detach(Transfer& transfer) = 0;
  /// Takes back a transfer that was detached.
  virtual void release(Transfer& transfer) = 0;
  /// Something happened: there may be work for settle(), another deadline, or the end.
  virtual void on_change() = 0;
};

/// One exchange on its way: performs its actions and feeds it what happens. libcurl must not be
/// called from within its own callbacks, so that opening and cancelling wait for settle().
class Session final : public TransferSink {
 public:
  /// can_block: whether TG_CURL_CLIENT_BLOCKED is heeded; a thread of its own just waits instead.
  Session(tg_exchange* exchange, const tg_curl_client& client, Carrier& carrier, bool can_block)
      : exchange_(exchange), client_(client), carrier_(carrier), can_block_(can_block) {}
  ~Session() override;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Performs what the exchange wants at the start.
  void begin() { pump(); }

  /// Does what the last events asked for and libcurl forbids within its callbacks: opens, cancels,
  /// offers held bytes again.
  void settle();

  void tick();
  void client_gone();
  /// The client takes bytes again: held answers go on with the next settle().
  void client_unblocked();
  /// DONE was reached, or the exchange failed.
  bool over() const { return done_ || status_ != TG_OK; }
  bool done() const { return done_; }
  tg_status status() const { return status_; }
  /// Hands over what the exchange said when it failed.
  tg_error* take_error();

  uint64_t deadline_ns() const { return deadline_ns_; }
  bool watches_client() const { return client_.client_fd >= 0 && !gone_; }
  const tg_curl_client& client() const { return client_; }
  tg_exchange* exchange() const { return exchange_; }
  /// The client was given the end of its answer.
  bool ended() const { return ended_; }

  void on_sent(Transfer& transfer) override;
  Verdict on_head(Transfer& transfer, uint32_t status, const std::vector<tg_bytes>& pairs) override;
  Verdict on_body(Transfer& transfer, tg_bytes body) override;
  void on_finished(Transfer& transfer, CURLcode code) override;

 private:
  static constexpr uint32_t kBatch = 8;

  /// An attempt that ended while the client was blocked; the exchange hears of it afterwards.
  struct Ending {
    uint32_t attempt;
    Outcome outcome;
  };

  void pump();
  bool pull();
  void perform(const tg_action& action, bool more);
  void perform_client(const tg_action& action, bool more);
  void heed(int32_t answer);
  void open(const tg_action& action);
  void cancel(uint32_t attempt);
  void drop(Transfer& transfer);
  void cancel_transfers();
  void resume_transfers();
  void feed_end(const Ending& ending);
  bool is_live(const Transfer& transfer) const;
  void check(tg_status status, tg_error* error);

  tg_exchange* exchange_;
  tg_curl_client client_;
  Carrier& carrier_;
  bool can_block_;
  std::vector<Transfer*> transfers_;
  std::vector<tg_action> opens_;
  std::vector<uint32_t> cancels_;
  std::vector<Ending> endings_;
  tg_error* error_ = nullptr;
  tg_status status_ = TG_OK;
  uint64_t deadline_ns_ = TG_NO_DEADLINE;
  bool done_ = false;
  bool ended_ = false;
  bool gone_ = false;           ///< The exchange was told that the client has gone.
  bool gone_heard_ = false;     ///< A callback said so within the current batch.
  bool blocked_ = false;        ///< The exchange was told that the client is blocked.
  bool blocked_heard_ = false;  ///< A callback said so within the current batch.
};

}  // namespace tollgate::curl_driver
