// TLS towards clients, with certificates that change.

#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "server_process.hpp"
#include "support/catch.hpp"
#include "support/http_peer.hpp"

using namespace tollgate::test;

namespace {

struct PemPair {
  std::string cert;
  std::string key;
};

template <typename Write>
std::string pem_text(Write write) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), BIO_free);
  REQUIRE(write(bio.get()) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<size_t>(size)};
}

/// A certificate signed by itself, for this name.
PemPair make_certificate(const std::string& name) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> cert(X509_new(), X509_free);
  ASN1_INTEGER_set(X509_get_serialNumber(cert.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(cert.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(cert.get()), 3600);
  X509_set_pubkey(cert.get(), key.get());
  X509_NAME* subject = X509_get_subject_name(cert.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(cert.get(), subject);
  REQUIRE(X509_sign(cert.get(), key.get(), EVP_sha256()) > 0);
  return {pem_text([&](BIO* bio) { return PEM_write_bio_X509(bio, cert.get()); }),
          pem_text([&](BIO* bio) {
            return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

std::string presented_name(const Client& client) {
  if (client.tls() == nullptr) return {};
  const std::unique_ptr<X509, decltype(&X509_free)> cert(SSL_get1_peer_certificate(client.tls()),
                                                         X509_free);
  char text[100] = {};
  X509_NAME_get_text_by_NID(X509_get_subject_name(cert.get()), NID_commonName, text, sizeof text);
  return text;
}

/// A folder with cert.pem and key.pem.
class CertificateFolder {
 public:
  CertificateFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tollgate-tls-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~CertificateFolder() { std::filesystem::remove_all(path_); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ + "/new") << text;
    std::filesystem::rename(path_ + "/new", path_ + "/" + name);
  }
  void write(const PemPair& pair) const {
    write("cert.pem", pair.cert);
    write("key.pem", pair.key);
  }
  std::string server() const {
    return "tls: {cert_file: " + path_ + "/cert.pem, key_file: " + path_ + "/key.pem}";
  }

 private:
  std::string path_;
};

using ClientContext = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
ClientContext client_context() {
  return {SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
}

}  // namespace

TEST_CASE("TLS clients are served and a new certificate is taken over", "[server]") {
  HttpPeer upstream([](PeerConnection& connection) {
    PeerRequest request;
    while (connection.read_request(request)) {
      connection.write(request.body.find("\"stream\":true") == std::string::npos
                           ? json_answer(kJsonMessage)
                           : stream_head() + chunk(stream_beginning()) + chunk(stream_ending()) +
                                 "0\r\n\r\n");
    }
  });
  const CertificateFolder folder;
  folder.write(make_certificate("first"));
  ServerProcess server(test_config(upstream.port(), folder.server()));
  REQUIRE(server.port() > 0);
  CHECK(server.out().find("export ANTHROPIC_BASE_URL=https://") != std::string::npos);
  const ClientContext context = client_context();

  Client old(server.port(), context.get());
  CHECK(presented_name(old) == "first");
  CHECK(old.ask(message_request(message_body())).body == kJsonMessage);
  const Reply stream = old.ask(message_request(message_body(true)));
  CHECK(stream.whole);
  CHECK(stream.body == stream_beginning() + stream_ending());
  std::string large = message_body();
  large.pop_back();
  large += R"(,"filler":")" + std::string(300'000, 'a') + "\"}";
  CHECK(old.ask(message_request(large)).status == 200);

  // A certificate without its key is not used; with the key it is.
  const PemPair second = make_certificate("second");
  folder.write("cert.pem", second.cert);
  CHECK(server.file_has("stderr", "certificate not reloaded", milliseconds(2500)));
  {
    Client same(server.port(), context.get());
    CHECK(presented_name(same) == "first");
  }
  folder.write("key.pem", second.key);
  std::string name;
  for (int i = 0; i < 50 && name != "second"; ++i) {
    std::this_thread::sleep_for(milliseconds(50));
    name = presented_name(Client(server.port(), context.get()));
  }
  CHECK(name == "second");
  // The connection that exists goes on.
  CHECK(old.ask(message_request(message_body())).status == 200);
}

TEST_CASE("a TLS port does not wait for clients that say nothing", "[server]") {
  const CertificateFolder folder;
  folder.write(make_certificate("a"));
  ServerProcess server(test_config(9, folder.server()));
  Client plain(server.port());
  plain.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(plain.read(seconds(2)).status == 0);
  CHECK(plain.ended(seconds(1)));
}

TEST_CASE("a client that goes is noticed through TLS too", "[server]") {
  Signal closed;
  HttpPeer upstream([&](PeerConnection& connection) {
    PeerRequest request;
    if (!connection.read_request(request)) return;
    connection.write(stream_head() + chunk(stream_beginning()));
    if (connection.wait_closed(seconds(5))) closed.set();
  });
  const CertificateFolder folder;
  folder.write(make_certificate("a"));
  ServerProcess server(test_config(upstream.port(), folder.server()));
  const ClientContext context = client_context();
  Client client(server.port(), context.get());
  client.send(message_request(message_body(true)));
  REQUIRE(client.read_until("\"first\"").find("\"first\"") != std::string::npos);
  client.close();
  CHECK(closed.wait(seconds(1)));
}
