#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tollgate::model {

enum class LossKind : uint8_t { kDropped, kRenamed, kClamped, kReordered };

/// One lossy step of a translation, for the record.
struct Loss {
  LossKind kind = LossKind::kDropped;
  std::string
      what;  ///< "thinking.signature (foreign)", "max_tokens 64000 -> 32768". Never content.

  friend bool operator==(const Loss&, const Loss&) = default;
};

inline constexpr size_t kLossesMax = 256;     ///< Further losses of one attempt are not kept.
inline constexpr size_t kLossBytesMax = 256;  ///< A longer text is cut.

/// Losses of one attempt; the same loss is kept once, and the number is bounded.
class Losses {
 public:
  void add(LossKind kind, std::string what);
  const std::vector<Loss>& all() const { return all_; }

  friend bool operator==(const Losses&, const Losses&) = default;

 private:
  std::vector<Loss> all_;
};

}  // namespace tollgate::model
