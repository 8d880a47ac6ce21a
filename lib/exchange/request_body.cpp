#include "exchange/request_body.hpp"

#include <utility>

#include "base/bytes.hpp"

namespace tollgate::exchange {

void RequestBody::add(std::string_view bytes) {
  if (!bytes.empty()) spans_.push_back(bytes_of(bytes));
}

void RequestBody::splice(std::string_view body, std::vector<Edit> edits) {
  edits_ = std::move(edits);
  spans_.clear();
  spans_.reserve(edits_.size() * 2 + 1);
  size_t begin = 0;
  for (const Edit& edit : edits_) {
    if (body.substr(edit.span.offset, edit.span.size) == edit.text) continue;
    add(body.substr(begin, edit.span.offset - begin));
    add(edit.text);
    begin = edit.span.offset + edit.span.size;
  }
  add(body.substr(begin));
}

void RequestBody::own(std::string body) {
  own_ = std::move(body);
  spans_.clear();
  add(own_);
}

uint64_t RequestBody::size() const {
  uint64_t size = 0;
  for (const tg_bytes& span : spans_)
    size += span.size;
  return size;
}

void RequestBody::drop() {
  spans_.clear();
  edits_.clear();
  std::string().swap(own_);
}

}  // namespace tollgate::exchange
