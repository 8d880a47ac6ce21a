#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <openssl/ssl.h>

namespace tollgate::test {

using ServerContext = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

/// A folder of certificates made with the openssl program, removed at the end.
class Certificates {
 public:
  Certificates();
  ~Certificates();
  Certificates(const Certificates&) = delete;
  Certificates& operator=(const Certificates&) = delete;

  /// Makes NAME.pem and NAME.key, signed by itself, for a host name.
  void make(const std::string& name, const std::string& host = "localhost");
  std::string cert(const std::string& name) const { return (folder_ / (name + ".pem")).string(); }
  std::string key(const std::string& name) const { return (folder_ / (name + ".key")).string(); }
  const std::filesystem::path& folder() const { return folder_; }

  /// A server's context with that certificate; with a client_ca it asks for a client's.
  ServerContext server(const std::string& name, const std::string& client_ca = {}) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace tollgate::test
