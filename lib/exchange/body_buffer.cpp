#include "exchange/body_buffer.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <utility>

#include "exchange/environment.hpp"
#include "json/reader.hpp"

namespace tollgate::exchange {
namespace {

constexpr size_t kFirstCapacity = 4096;

// Sixteen bodies that are being read or sent at the same moment, of the size most have.
constexpr size_t kIdleBlocksMax = 16;
constexpr size_t kIdleBlockBytesMax = 512 * 1024;
// Bodies of a conversation grow a little with each turn; rounded up, they find the same blocks.
constexpr size_t kBlockStep = 16 * 1024;

}  // namespace

BodyPool::Block BodyPool::take(size_t capacity) {
  {
    const std::lock_guard lock(mutex_);
    // The last that came back is the warmest. One that is far too large is left for others.
    for (size_t i = idle_.size(); i-- > 0;) {
      if (idle_[i].capacity < capacity || idle_[i].capacity > 2 * capacity + kBlockStep) continue;
      Block block = std::move(idle_[i]);
      idle_.erase(idle_.begin() + static_cast<std::ptrdiff_t>(i));
      return block;
    }
  }
  if (capacity > kFirstCapacity) capacity = (capacity + kBlockStep - 1) / kBlockStep * kBlockStep;
  // Not zeroed: every byte that counts is written before it is read.
  return {std::unique_ptr<char[]>(new char[capacity + json::kPadding]), capacity};
}

void BodyPool::give_back(Block block) noexcept {
  if (block.data == nullptr || block.capacity > kIdleBlockBytesMax) return;
  try {
    const std::lock_guard lock(mutex_);
    if (idle_.capacity() == 0) idle_.reserve(kIdleBlocksMax + 1);
    idle_.push_back(std::move(block));
    // The one that has waited longest goes, so that a size nobody needs any more does not stay.
    if (idle_.size() > kIdleBlocksMax) idle_.erase(idle_.begin());
  } catch (...) {
    // No memory to keep it: it is simply freed.
    block.data.reset();
  }
}

Status BodyBuffer::reserve(size_t more) {
  if (more <= room_size()) return Status();
  const size_t needed = size_ + more;
  const size_t grown = std::max({kFirstCapacity, needed, std::min(capacity_ * 2, needed * 2)});
  const uint64_t added = grown - capacity_;
  if (environment_.body_bytes.fetch_add(added) + added > environment_.body_bytes_max) {
    environment_.body_bytes.fetch_sub(added);
    return Status(Code::kLimit, "request bodies in flight have reached their common bound");
  }
  BodyPool::Block block;
  if (block_.capacity < grown) {
    try {
      block = environment_.bodies.take(grown);
    } catch (...) {
      environment_.body_bytes.fetch_sub(added);
      throw;
    }
    if (size_ > 0) std::memcpy(block.data.get(), block_.data.get(), size_);
    std::swap(block, block_);
    environment_.bodies.give_back(std::move(block));
  }
  // The parser reads behind the text; what it finds there does not matter but must be defined.
  std::memset(block_.data.get() + grown, 0, json::kPadding);
  capacity_ = grown;
  return Status();
}

Status BodyBuffer::append(const char* data, size_t size) {
  if (size == 0) return Status();
  if (block_.data != nullptr) {
    // What lies in the room may begin anywhere in it, as behind framing that the host took off.
    const std::less<const char*> before;
    const bool in_room = !before(data, room()) && before(data, room() + room_size());
    if (in_room && size > static_cast<size_t>(room() + room_size() - data)) {
      return invalid("these are more bytes than the room that was lent", "body");
    }
    if (in_room) {
      if (data != room()) std::memmove(room(), data, size);
      size_ += size;
      return Status();
    }
  }
  if (Status status = reserve(size); !status.ok()) return status;
  std::memcpy(room(), data, size);
  size_ += size;
  return Status();
}

void BodyBuffer::release() {
  environment_.body_bytes.fetch_sub(capacity_);
  environment_.bodies.give_back(std::exchange(block_, {}));
  size_ = 0;
  capacity_ = 0;
}

}  // namespace tollgate::exchange
