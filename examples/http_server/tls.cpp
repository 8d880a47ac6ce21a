#include "tls.hpp"

#include <algorithm>
#include <cstring>
#include <sys/socket.h>
#include <vector>

#include <openssl/err.h>
#include <openssl/ssl.h>

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

  Outcome open() override {
    ERR_clear_error();
    const int result = SSL_accept(ssl_.get());
    return result == 1 ? Outcome::kBytes : outcome_after(result);
  }

  Result read_some(char* to, size_t size, bool& /*drained*/) override {
    ERR_clear_error();
    size_t got = 0;
    const int result = SSL_read_ex(ssl_.get(), to, size, &got);
    // Only "wait" says that nothing is left: a record may be decrypted already.
    return result == 1 ? Result{Outcome::kBytes, got} : Result{outcome_after(result)};
  }

  Result write(const iovec* pieces, size_t count) override {
    size_t total = 0;
    for (size_t i = 0; i < count; ++i)
      total += pieces[i].iov_len;
    if (count == 1 || total == 0) return write_bytes(pieces->iov_base, total);
    // Together they share a record.
    std::vector<char> joined;
    joined.reserve(std::min(total, kRecordBytes));
    for (size_t i = 0; i < count; ++i) {
      const auto* bytes = static_cast<const char*>(pieces[i].iov_base);
      const size_t size = std::min(pieces[i].iov_len, kRecordBytes - joined.size());
      joined.insert(joined.end(), bytes, bytes + size);
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
  Result write_bytes(const void* bytes, size_t size) {
    if (size == 0) return {Outcome::kBytes, 0};
    ERR_clear_error();
    size_t put = 0;
    const int result = SSL_write_ex(ssl_.get(), bytes, std::min(size, kRecordBytes), &put);
    return result == 1 ? Result{Outcome::kBytes, put} : Result{outcome_after(result)};
  }

  /// After an operation that could not go on. Every readiness of the socket is a reason to try
  /// again, so that it does not matter here for what TLS waits.
  Outcome outcome_after(int result) {
    const int error = SSL_get_error(ssl_.get(), result);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return Outcome::kWait;
    ERR_clear_error();
    return Outcome::kClosed;
  }

  OwnedSsl ssl_;
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

std::unique_ptr<Transport> TlsStore::accept(int fd) const {
  const std::shared_ptr<SSL_CTX> context = this->context();
  if (context == nullptr) return nullptr;
  OwnedSsl ssl(SSL_new(context.get()));
  if (ssl == nullptr || SSL_set_fd(ssl.get(), fd) != 1) return nullptr;
  return std::make_unique<TlsTransport>(fd, std::move(ssl));
}

}  // namespace tollgate::server
