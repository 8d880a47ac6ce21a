#include "config/document_types.hpp"
#include "config/support.hpp"
#include "support/catch.hpp"

namespace tollgate::config {
namespace {

TEST_CASE("a server document has defaults for everything") {
  const LoadResult result = load_text("type: tollgate-server\n");
  REQUIRE(result.configuration);
  const ServerSettings& server = result.configuration->server;
  CHECK(server.listen == "127.0.0.1:8787");
  CHECK(server.state.empty());
  CHECK(server.records.empty());
  CHECK(server.drain_seconds == 300);
  CHECK(server.tls_cert_file.empty());
  CHECK(server.threads == 0);
}

TEST_CASE("every field of a server document is read") {
  const LoadResult result = load_text(
      "type: tollgate-server\nname: front\nlisten: \"[::1]:0\"\nstate: /var/t.db\nrecords: '-'\n"
      "drain_seconds: 5\ntls: {cert_file: /c.pem, key_file: /k.pem}\nthreads: 8\n");
  CHECK(findings_of(result).empty());
  REQUIRE(result.configuration);
  const ServerSettings& server = result.configuration->server;
  CHECK(server.listen == "[::1]:0");
  CHECK(server.state == "/var/t.db");
  CHECK(server.records == "-");
  CHECK(server.drain_seconds == 5);
  CHECK(server.tls_cert_file == "/c.pem");
  CHECK(server.tls_key_file == "/k.pem");
  CHECK(server.threads == 8);
}

TEST_CASE("a file of state says what it survives") {
  const auto server_of = [](const std::string& state) {
    const LoadResult result = load_text("type: tollgate-server\nstate: " + state + "\n");
    CAPTURE(findings_of(result));
    REQUIRE(result.configuration);
    return result.configuration->server;
  };
  CHECK(server_of("a.db").survives_power_loss);
  CHECK(server_of("{path: a.db}").survives_power_loss);
  CHECK(server_of("{path: a.db}").state == "a.db");
  CHECK(server_of("{path: a.db, durability: power_loss}").survives_power_loss);
  CHECK_FALSE(server_of("{path: a.db, durability: process_crash}").survives_power_loss);
  CHECK(server_of("{path: 'redis://h:1/0'}").state == "redis://h:1/0");
}

const FindingCase kFaults[] = {
    {"no port", "listen: localhost", "t.yaml:2:9: listen: must be HOST:PORT, as 127.0.0.1:8787\n"},
    {"no host", "listen: ':80'", "t.yaml:2:9: listen: must be HOST:PORT, as 127.0.0.1:8787\n"},
    {"an empty port", "listen: 'a:'", "t.yaml:2:9: listen: must be HOST:PORT, as 127.0.0.1:8787\n"},
    {"a port out of range", "listen: a:65536",
     "t.yaml:2:9: listen: must be HOST:PORT, as 127.0.0.1:8787\n"},
    {"a port with letters", "listen: a:80x",
     "t.yaml:2:9: listen: must be HOST:PORT, as 127.0.0.1:8787\n"},
    {"a negative port", "listen: a:-0",
     "t.yaml:2:9: listen: must be HOST:PORT, as 127.0.0.1:8787\n"},
    {"a bare IPv6 address", "listen: ::1:80",
     "t.yaml:2:9: listen: must be HOST:PORT, as 127.0.0.1:8787\n"},
    {"Redis with TLS", "state: rediss://127.0.0.1:6379/0",
     "t.yaml:2:8: state: Redis with TLS is not supported by this version: use redis:// on a "
     "private network\n"},
    {"an empty state", "state: ''",
     "t.yaml:2:8: state: must be a file's name or redis://HOST:PORT\n"},
    {"a state without a path", "state: {durability: power_loss}",
     "t.yaml:2:8: state.path: is required\n"},
    {"a durability nobody knows", "state: {path: a.db, durability: forever}",
     "t.yaml:2:33: state.durability: must be power_loss or process_crash\n"},
    {"a durability of Redis", "state: {path: 'redis://h:1/0', durability: process_crash}",
     "t.yaml:2:8: state: durability is of files; what Redis keeps is its own setting\n"},
    {"half of TLS", "tls: {cert_file: /c.pem}", "t.yaml:2:6: tls.key_file: is required\n"},
    {"a negative drain", "drain_seconds: -1",
     "t.yaml:2:16: drain_seconds: must be a whole number from 0 to 86400\n"},
    {"a misspelt key", "lisen: a:1", "t.yaml:2:1: lisen: unknown key (did you mean listen?)\n"},
    {"a second document", "---\ntype: tollgate-server",
     "t.yaml:3:1: a second tollgate-server document, the first is in line 1\n"},
};

TEST_CASE("faulty server documents are reported where they stand") {
  for (const FindingCase& row : kFaults) {
    CAPTURE(row.name);
    CHECK(findings_of(load_text("type: tollgate-server\n" + std::string(row.text) + "\n")) ==
          row.findings);
  }
}

}  // namespace
}  // namespace tollgate::config
