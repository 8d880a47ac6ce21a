#pragma once

#include <bitset>
#include <cstdint>
#include <initializer_list>

namespace tollgate::router {

/// A set of HTTP status codes.
class StatusCodes {
 public:
  StatusCodes() = default;
  StatusCodes(std::initializer_list<uint32_t> codes) {
    for (const uint32_t code : codes)
      add(code);
  }

  static constexpr uint32_t kLeast = 100;
  static constexpr uint32_t kMost = 599;

  void add(uint32_t code) {
    if (code >= kLeast && code <= kMost) codes_.set(code - kLeast);
  }
  bool has(uint32_t code) const {
    return code >= kLeast && code <= kMost && codes_.test(code - kLeast);
  }
  bool empty() const { return codes_.none(); }

  friend bool operator==(const StatusCodes&, const StatusCodes&) = default;

 private:
  std::bitset<kMost - kLeast + 1> codes_;
};

}  // namespace tollgate::router
