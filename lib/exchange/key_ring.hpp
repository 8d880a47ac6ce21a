#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.hpp"
#include "identity/key_set.hpp"

namespace tollgate::exchange {

/// The public keys of issuers, as they were fetched last. Shared by all exchanges; safe from many
/// threads. As many entries as configurations ever named issuers.
class KeyRing {
 public:
  using Keys = std::shared_ptr<const std::vector<identity::PublicKey>>;

  struct Entry {
    Keys keys;  ///< Null: never fetched.
    uint64_t fetched_ns = 0;
  };

  Entry find(std::string_view uri) const;
  void put(std::string_view uri, Keys keys, Time now);

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace tollgate::exchange
