#include "tls.hpp"

#include <algorithm>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <vector>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "limits.hpp"

namespace tollgate::server {

namespace {

/// One TLS record: pieces are joined up to this, so that a head and its body share one.
constexpr size_t kRecordBytes = 16 * 1024;

struct SslDeleter {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using OwnedSsl = std::unique_ptr<SSL, SslDeleter>;

std::string last_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(code);
  return reason == nullptr ? "the file cannot be used" : reason;
}

int choose_protocol(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* in, unsigned int in_size, void* /*user*/) {
  static constexpr unsigned char kHttp11[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, kHttp11, sizeof kHttp11 - 1, in, in_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

class TlsTransport final : public Transport {
 public:
  TlsTransport(int fd, OwnedSsl ssl) : Transport(fd), ssl_(std::move(ssl)) {}

  bool handshake(Deadline deadline) {
    while (true) {
      ERR_clear_error();
      const int result = SSL_accept(ssl_.get());
      if (result == 1) return true;
      if (!wait_after(result, deadline)) return false;
    }
  }

  Read read_some(char* to, size_t size, Deadline deadline) override {
    while (true) {
      ERR_clear_error();
      size_t got = 0;
      const int result = SSL_read_ex(ssl_.get(), to, size, &got);
      if (result == 1) return {Outcome::kBytes, got};
      timed_out_ = false;
      if (!wait_after(result, deadline)) {
        return {timed_out_ ? Outcome::kTimeout : Outcome::kClosed, 0};
      }
    }
  }

  Read read_idle(char* to, size_t size) override {
    return read_some(to, size, deadline_in(limits::kKeepAliveTime));
  }

  bool write(iovec* pieces, int count) override {
    if (count == 1) return write_bytes(static_cast<const char*>(pieces->iov_base), pieces->iov_len);
    std::vector<char> joined;
    for (int i = 0; i < count; ++i) {
      const auto* bytes = static_cast<const char*>(pieces[i].iov_base);
      if (joined.size() + pieces[i].iov_len > kRecordBytes) {
        if (!write_bytes(joined.data(), joined.size())) return false;
        joined.clear();
      }
      if (pieces[i].iov_len > kRecordBytes) {
        if (!write_bytes(bytes, pieces[i].iov_len)) return false;
      } else {
        joined.insert(joined.end(), bytes, bytes + pieces[i].iov_len);
      }
    }
    return write_bytes(joined.data(), joined.size());
  }

  void end_writing() override {
    // One attempt: a client that does not take the farewell loses nothing.
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    shutdown(fd_, SHUT_WR);
  }

 private:
  bool write_bytes(const char* bytes, size_t size) {
    while (size > 0) {
      ERR_clear_error();
      size_t put = 0;
      const int result = SSL_write_ex(ssl_.get(), bytes, size, &put);
      if (result == 1) {
        bytes += put;
        size -= put;
      } else if (!wait_after(result, deadline_in(limits::kWriteTime))) {
        return false;
      }
    }
    return true;
  }

  /// After an operation that could not go on: waits for what it needs. False when it failed for
  /// good or the deadline has passed.
  bool wait_after(int result, Deadline deadline) {
    const int error = SSL_get_error(ssl_.get(), result);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
      ERR_clear_error();
      return false;
    }
    short happened = 0;
    const short wanted = error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT | POLLRDHUP;
    timed_out_ = !wait_for(fd_, wanted, deadline, happened);
    if (timed_out_) return false;
    return error == SSL_ERROR_WANT_READ || (happened & (POLLRDHUP | POLLHUP | POLLERR)) == 0;
  }

  OwnedSsl ssl_;
  bool timed_out_ = false;
};

}  // namespace

bool TlsStore::load(const std::string& cert_file, const std::string& key_file,
                    std::string& reason) {
  ERR_clear_error();
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (context == nullptr) {
    reason = last_error();
    return false;
  }
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  // 34 KB of buffers a connection are given back while a stream waits for its next event.
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
  if (SSL_CTX_use_certificate_chain_file(context.get(), cert_file.c_str()) != 1) {
    reason = cert_file + ": " + last_error();
    return false;
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context.get()) != 1) {
    reason = key_file + ": " + last_error();
    return false;
  }
  const std::lock_guard lock(mutex_);
  context_ = std::move(context);
  return true;
}

std::shared_ptr<SSL_CTX> TlsStore::context() const {
  const std::lock_guard lock(mutex_);
  return context_;
}

std::unique_ptr<Transport> TlsStore::accept(int fd, Deadline deadline) const {
  const std::shared_ptr<SSL_CTX> context = this->context();
  if (context == nullptr) return nullptr;
  OwnedSsl ssl(SSL_new(context.get()));
  const int flags = fcntl(fd, F_GETFL);
  if (ssl == nullptr || flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
      SSL_set_fd(ssl.get(), fd) != 1) {
    return nullptr;
  }
  auto transport = std::make_unique<TlsTransport>(fd, std::move(ssl));
  if (!transport->handshake(deadline)) return nullptr;
  return transport;
}

}  // namespace tollgate::server
