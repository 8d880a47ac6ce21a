#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/status.hpp"

namespace tollgate::exchange {

struct Environment;

/// A request's body in memory, with room behind it for the parser. All bodies of a gateway share
/// one bound, so many large requests are refused before memory is gone.
class BodyBuffer {
 public:
  explicit BodyBuffer(Environment& environment) : environment_(environment) {}
  ~BodyBuffer() { release(); }
  BodyBuffer(const BodyBuffer&) = delete;
  BodyBuffer& operator=(const BodyBuffer&) = delete;

  /// Makes room for `more` bytes behind those that are there. kLimit when the shared bound is
  /// reached.
  Status reserve(size_t more);
  /// Appends; bytes that were received into room() are only counted.
  Status append(const char* data, size_t size);

  char* room() { return data_.get() + size_; }
  size_t room_size() const { return capacity_ - size_; }
  std::string_view view() const { return {data_.get(), size_}; }
  size_t size() const { return size_; }

  /// Gives the memory back.
  void release();

 private:
  Environment& environment_;
  std::unique_ptr<char[]> data_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace tollgate::exchange
