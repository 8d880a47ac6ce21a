#include "read_buffer.hpp"

#include <algorithm>
#include <cstring>

#include "limits.hpp"

namespace tollgate::server {

Transport::Result ReadBuffer::fill(Transport& transport) {
  make_room();
  const Transport::Result read = transport.read(bytes_.get() + end_, capacity_ - end_);
  end_ += read.size;
  return read;
}

void ReadBuffer::release() {
  if (!empty()) return;
  bytes_.reset();
  capacity_ = begin_ = end_ = 0;
}

void ReadBuffer::make_room() {
  if (begin_ == end_) begin_ = end_ = 0;
  if (end_ < capacity_) return;
  if (begin_ > 0) {
    std::memmove(bytes_.get(), bytes_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    return;
  }
  // Grows for a large head only, which ends at kHeadBytesMax: the caller refuses it by then.
  const size_t larger = std::max(limits::kReadBufferBytes, capacity_ * 2);
  auto bytes = std::make_unique_for_overwrite<char[]>(larger);
  if (end_ > 0) std::memcpy(bytes.get(), bytes_.get(), end_);
  bytes_ = std::move(bytes);
  capacity_ = larger;
}

}  // namespace tollgate::server
