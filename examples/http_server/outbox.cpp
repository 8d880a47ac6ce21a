#include "outbox.hpp"

namespace tollgate::server {

bool Outbox::send(iovec* pieces, size_t count) {
  bool takes = empty();
  while (takes && count > 0) {
    const Transport::Result wrote = transport_->write(pieces, count);
    if (wrote.outcome == Transport::Outcome::kClosed) return false;
    takes = wrote.outcome == Transport::Outcome::kBytes;
    size_t taken = wrote.size;
    while (count > 0 && taken >= pieces->iov_len) {
      taken -= pieces->iov_len;
      ++pieces;
      --count;
    }
    if (count == 0) break;
    pieces->iov_base = static_cast<char*>(pieces->iov_base) + taken;
    pieces->iov_len -= taken;
  }
  for (; count > 0; --count, ++pieces)
    unsent_.append(static_cast<const char*>(pieces->iov_base), pieces->iov_len);
  return true;
}

bool Outbox::send(std::string_view bytes) {
  iovec one{const_cast<char*>(bytes.data()), bytes.size()};
  return send(&one, 1);
}

bool Outbox::flush() {
  while (!empty()) {
    const iovec rest{unsent_.data() + begin_, unsent_.size() - begin_};
    const Transport::Result wrote = transport_->write(&rest, 1);
    if (wrote.outcome == Transport::Outcome::kClosed) return false;
    if (wrote.outcome == Transport::Outcome::kWait) return true;
    begin_ += wrote.size;
  }
  // Memory for one large answer is not kept for the life of a connection.
  unsent_ = std::string();
  begin_ = 0;
  return true;
}

}  // namespace tollgate::server
