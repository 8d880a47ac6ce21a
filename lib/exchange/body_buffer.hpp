#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/status.hpp"

namespace tollgate::exchange {

struct Environment;

/// Memory of bodies, kept for the next ones. A body lives for a moment and what is allocated after
/// it may live for hours: taken from the heap each time, bodies would leave it full of holes.
/// Bounded; safe from many threads.
class BodyPool {
 public:
  struct Block {
    std::unique_ptr<char[]> data;
    size_t capacity = 0;
  };
  /// A block of at least this capacity. Throws std::bad_alloc.
  Block take(size_t capacity);
  void give_back(Block block) noexcept;

 private:
  std::mutex mutex_;
  std::vector<Block> idle_;
};

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

  char* room() { return block_.data.get() + size_; }
  size_t room_size() const { return capacity_ - size_; }
  std::string_view view() const { return {block_.data.get(), size_}; }
  size_t size() const { return size_; }

  /// Gives the memory back.
  void release();

 private:
  Environment& environment_;
  BodyPool::Block block_;
  size_t size_ = 0;
  size_t capacity_ = 0;  ///< Counted against the common bound; the block may be larger.
};

}  // namespace tollgate::exchange
