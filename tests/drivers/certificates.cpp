#include "drivers/certificates.hpp"

#include <cstdlib>
#include <stdexcept>

namespace tollgate::test {

Certificates::Certificates() {
  std::string pattern = (std::filesystem::temp_directory_path() / "tollgate-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  folder_ = pattern;
}

Certificates::~Certificates() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void Certificates::make(const std::string& name, const std::string& host) {
  const std::string command =
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "
      "/CN=" +
      name + " -addext subjectAltName=DNS:" + host + " -keyout " + key(name) + " -out " +
      cert(name) + " 2>/dev/null";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("openssl does not work");
}

ServerContext Certificates::server(const std::string& name, const std::string& client_ca) const {
  ServerContext context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  SSL_CTX* raw = context.get();
  if (SSL_CTX_use_certificate_file(raw, cert(name).c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_use_PrivateKey_file(raw, key(name).c_str(), SSL_FILETYPE_PEM) != 1) {
    throw std::runtime_error("the certificate does not load");
  }
  const unsigned char id[] = "tollgate";
  SSL_CTX_set_session_id_context(raw, id, sizeof id);
  if (!client_ca.empty()) {
    SSL_CTX_load_verify_locations(raw, cert(client_ca).c_str(), nullptr);
    SSL_CTX_set_verify(raw, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  return context;
}

}  // namespace tollgate::test
