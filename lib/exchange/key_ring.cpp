#include "exchange/key_ring.hpp"

#include <utility>

namespace tollgate::exchange {

KeyRing::Entry KeyRing::find(std::string_view uri) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(std::string(uri));
  return found == entries_.end() ? Entry() : found->second;
}

void KeyRing::put(std::string_view uri, Keys keys, Time now) {
  const std::lock_guard lock(mutex_);
  entries_[std::string(uri)] = {std::move(keys), now.mono_ns};
}

}  // namespace tollgate::exchange
