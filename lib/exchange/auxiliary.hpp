#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.hpp"
#include "providers/provider.hpp"

namespace tollgate::exchange {

/// Results of the gateway's own calls (access tokens, keys), shared by all exchanges.
/// Single-flight: of those who need the same key at once one leads and calls, the others wait to be
/// woken.
class Auxiliary {
 public:
  enum class Role : uint8_t {
    kReady,  ///< `value` holds it.
    kLead,   ///< The caller makes the call and reports by succeed() or fail().
    kWait,   ///< Another one leads; the caller's token is woken when that ends.
    kFailed  ///< The last call failed a moment ago; `value` says why.
  };
  struct Answer {
    Role role = Role::kWait;
    std::string value;
  };

  /// Asks for a key. `leader` identifies the asking exchange in later reports.
  Answer ask(std::string_view key, uint64_t leader, uint64_t wake_token, Time now);

  /// True when ask() would give a value. Asks nobody and changes nothing.
  bool knows(std::string_view key, Time now);

  /// As ask(), for something newer than what is known: nobody leads within `rest_ns` of the last
  /// one who led through here, and then what came of that call is the answer.
  Answer ask_newer(std::string_view key, uint64_t leader, uint64_t wake_token, uint64_t rest_ns,
                   Time now);

  /// Reports of the leader; return the tokens to wake.
  std::vector<uint64_t> succeed(std::string_view key, uint64_t leader,
                                providers::AuxiliaryValue value);
  std::vector<uint64_t> fail(std::string_view key, uint64_t leader, std::string reason, Time now);
  /// The leader goes away without a result: the next one who asks leads.
  std::vector<uint64_t> leave(std::string_view key, uint64_t leader);

  /// Forgets a value that an upstream refused, unless a newer one is there already.
  void forget(std::string_view key, std::string_view value);

 private:
  struct Flight {
    std::string value;
    uint64_t expires_mono_ns = 0;
    uint64_t renew_mono_ns = 0;
    std::string failure;
    uint64_t failed_until_ns = 0;
    uint64_t leader = 0;         ///< 0: nobody calls.
    uint64_t rest_until_ns = 0;  ///< Until then ask_newer() gives what there is.
    uint32_t left = 0;           ///< Leaders who went away since then.
    bool abandoned = false;      ///< The last of them did.
    std::vector<uint64_t> waiting;
  };

  static bool serves(const Flight& flight, Time now);
  static Answer join(Flight& flight, uint64_t leader, uint64_t wake_token, Time now);

  std::mutex mutex_;
  std::unordered_map<std::string, Flight> flights_;
};

}  // namespace tollgate::exchange
