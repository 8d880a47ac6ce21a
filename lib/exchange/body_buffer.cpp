#include "exchange/body_buffer.hpp"

#include <algorithm>
#include <cstring>

#include "exchange/environment.hpp"
#include "json/reader.hpp"

namespace tollgate::exchange {
namespace {

constexpr size_t kFirstCapacity = 4096;

}  // namespace

Status BodyBuffer::reserve(size_t more) {
  if (more <= room_size()) return Status();
  const size_t needed = size_ + more;
  const size_t grown = std::max({kFirstCapacity, needed, std::min(capacity_ * 2, needed * 2)});
  const uint64_t added = grown - capacity_;
  if (environment_.body_bytes.fetch_add(added) + added > environment_.body_bytes_max) {
    environment_.body_bytes.fetch_sub(added);
    return Status(Code::kLimit, "request bodies in flight have reached their common bound");
  }
  // Not zeroed: every byte that counts is written before it is read.
  std::unique_ptr<char[]> memory;
  try {
    memory.reset(new char[grown + json::kPadding]);
  } catch (...) {
    environment_.body_bytes.fetch_sub(added);
    throw;
  }
  if (size_ > 0) std::memcpy(memory.get(), data_.get(), size_);
  std::memset(memory.get() + grown, 0, json::kPadding);
  data_ = std::move(memory);
  capacity_ = grown;
  return Status();
}

Status BodyBuffer::append(const char* data, size_t size) {
  if (size == 0) return Status();
  if (data_ != nullptr && data == room() && size <= room_size()) {
    size_ += size;
    return Status();
  }
  if (Status status = reserve(size); !status.ok()) return status;
  std::memcpy(room(), data, size);
  size_ += size;
  return Status();
}

void BodyBuffer::release() {
  environment_.body_bytes.fetch_sub(capacity_);
  data_.reset();
  size_ = 0;
  capacity_ = 0;
}

}  // namespace tollgate::exchange
