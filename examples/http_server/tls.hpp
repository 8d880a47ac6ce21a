#pragma once

// TLS towards clients. The certificate can be exchanged while the server runs; connections that
// exist keep the one they began with.

#include <memory>
#include <mutex>
#include <string>

#include "transport.hpp"

using SSL_CTX = struct ssl_ctx_st;

namespace tollgate::server {

class TlsStore {
 public:
  /// Reads certificate chain and key (PEM). On failure says why and keeps what it had.
  bool load(const std::string& cert_file, const std::string& key_file, std::string& reason);

  /// A connection whose handshake is still to come; the socket, which never blocks, stays the
  /// caller's. Nothing when no certificate was loaded.
  std::unique_ptr<Transport> accept(int fd) const;

 private:
  std::shared_ptr<SSL_CTX> context() const;

  mutable std::mutex mutex_;
  std::shared_ptr<SSL_CTX> context_;
};

}  // namespace tollgate::server
