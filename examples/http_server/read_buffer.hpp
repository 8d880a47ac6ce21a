#pragma once

// Bytes of a connection that were received and not used yet.

#include <cstddef>
#include <memory>
#include <string_view>

#include "transport.hpp"

namespace tollgate::server {

class ReadBuffer {
 public:
  std::string_view view() const { return {bytes_.get() + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }
  void consume(size_t size) { begin_ += size; }

  /// Takes what is there, with room made for it.
  Transport::Result fill(Transport& transport);
  /// Gives the memory back when nothing is in it: a stream may live for an hour.
  void release();

 private:
  void make_room();

  std::unique_ptr<char[]> bytes_;
  size_t capacity_ = 0;
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace tollgate::server
