#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tollgate/action.h"

#include "base/rng.hpp"
#include "exchange/exchange.hpp"

namespace tollgate::sim {

/// What a target does with one call.
enum class Behaviour : uint8_t {
  kServe,
  kRefuse,
  kReset,
  kStatus,          ///< An error answer, perhaps with retry-after.
  kStall,           ///< Not even a head.
  kStallAfterHead,  ///< A head, and nothing behind it.
  kErrorEvent,      ///< HTTP 200 whose first event is an error.
  kHtml,
  kEmpty,
  kCutBeforeContent,
  kCutAfterContent
};
inline constexpr int kBehaviours = 11;

/// What a world's targets do now: a share of calls that go well, and what the others do.
struct Weather {
  uint32_t well_percent = 100;
  Behaviour worst = Behaviour::kStatus;
};

/// One exchange, its client, and the upstream of its open call. It notes the first invariant that
/// breaks.
class SimulatedExchange {
 public:
  SimulatedExchange(std::shared_ptr<exchange::Environment> environment,
                    std::shared_ptr<const config::Configuration> configuration, uint64_t seed,
                    bool stream, Time now)
      : environment_(std::move(environment)),
        exchange_(std::make_unique<exchange::Exchange>(environment_, std::move(configuration),
                                                       exchange::ExchangeOptions{}, now)),
        rng_(seed),
        stream_(stream) {}

  /// Feeds the request of this session and pulls.
  void begin(std::string_view model, std::string_view session, Time now);
  /// Delivers one thing that is due: the upstream's next step, a tick, or the client's departure.
  void go_on(const std::vector<Weather>& weather, Time now);
  /// The earliest time at which something is due.
  uint64_t due_ns() const { return done_ ? kNoDeadline : due_ns_; }

  bool done() const { return done_; }
  const std::string& broken() const { return broken_; }
  const std::vector<std::string>& called() const { return called_; }
  /// The target of the open call; empty when there is none.
  std::string_view calling() const { return call_ != 0 ? called_.back() : std::string_view(); }
  /// Calls of the same target as the call before.
  size_t retries() const;
  bool served() const { return exchange_->record().outcome == "ok"; }

 private:
  void check(bool holds, const char* what) {
    if (!holds && broken_.empty()) broken_ = what;
  }
  void pull(Time now);
  void note(const tg_action& action, Time now);
  void look_at_answer();
  void open_call(uint32_t number, Time now);
  void play(const std::vector<Weather>& weather, Time now);
  void answer(Behaviour behaviour, Time now);
  void head(uint32_t status, std::string_view content_type, Time now,
            std::string_view retry_after = {});
  void body(std::string_view bytes, Time now);
  void end(Time now);

  std::shared_ptr<exchange::Environment> environment_;
  std::unique_ptr<exchange::Exchange> exchange_;
  Rng rng_;
  bool stream_;
  bool done_ = false;
  bool stalled_ = false;    ///< The open call answers nothing any more.
  uint32_t call_ = 0;       ///< The open call; 0: none.
  uint32_t answering_ = 0;  ///< The call whose answer is being played; another may open meanwhile.
  uint64_t due_ns_ = 0;
  uint64_t call_due_ns_ = kNoDeadline;
  uint64_t leaves_ns_ = kNoDeadline;
  std::vector<std::string> called_;
  std::string answer_;  ///< All that the client has been sent.
  uint32_t status_ = 0;
  bool left_ = false;  ///< The client did not wait for its answer.
  int heads_ = 0;
  int ends_ = 0;
  int records_ = 0;
  std::string broken_;
};

}  // namespace tollgate::sim
