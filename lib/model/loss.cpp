#include "model/loss.hpp"

#include <algorithm>
#include <utility>

namespace tollgate::model {

void Losses::add(LossKind kind, std::string what) {
  if (all_.size() >= kLossesMax) return;
  if (what.size() > kLossBytesMax) {
    size_t size = kLossBytesMax;
    // A cut inside a UTF-8 sequence would make the record invalid JSON.
    while (size > 0 && (static_cast<unsigned char>(what[size]) & 0xC0U) == 0x80U)
      --size;
    what.resize(size);
  }
  const bool known = std::any_of(all_.begin(), all_.end(), [&](const Loss& loss) {
    return loss.kind == kind && loss.what == what;
  });
  if (!known) all_.push_back({kind, std::move(what)});
}

}  // namespace tollgate::model
