// Budgets' thresholds, told by the real program to a real receiver.

#include <csignal>
#include <filesystem>
#include <mutex>

#include "server_process.hpp"
#include "support/catch.hpp"
#include "support/http_peer.hpp"

using namespace tollgate::test;

namespace {

/// Takes what is posted to it and answers with a status.
class Receiver {
 public:
  explicit Receiver(const std::string& status)
      : answer_("HTTP/1.1 " + status + "\r\nContent-Length: 2\r\n\r\nok"),
        peer_([this](PeerConnection& connection) {
          for (PeerRequest request; connection.read_request(request);) {
            {
              const std::lock_guard lock(mutex_);
              taken_.push_back(request);
            }
            if (!connection.write(answer_)) return;
          }
        }) {}

  std::string url() const { return peer_.url("/hook?key=canary-hook"); }
  std::vector<PeerRequest> taken() const {
    const std::lock_guard lock(mutex_);
    return taken_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<PeerRequest> taken_;
  std::string answer_;
  HttpPeer peer_;  // Last: its threads use the rest.
};

std::string with_budget(int upstream, const std::string& receiver, const std::string& state) {
  return test_config(upstream, "state: " + state + "\nrecords: records.jsonl") +
         "---\n"
         "name: ops\n"
         "type: notification-channel\n"
         "url: \"" +
         receiver +
         "\"\n"
         "headers: {x-key: canary-key}\n"
         "---\n"
         "name: daily\n"
         "type: tenant-budget-config\n"
         "limits: {cost_per_day: 1000}\n"
         "applies_to: {type: per-user}\n"
         "alerts:\n"
         "  thresholds: [0, 99]\n"
         "  notification_target: [{type: webhook, notification_channel: ops}]\n";
}

}  // namespace

TEST_CASE("a passed threshold reaches its receiver once, over restarts too", "[server]") {
  HttpPeer upstream(answer_each(json_answer(kJsonMessage)));
  Receiver receiver("204 No Content");
  std::string pattern = (std::filesystem::temp_directory_path() / "tollgate-db-XXXXXX").string();
  const std::string folder = mkdtemp(pattern.data());
  const std::string config = with_budget(upstream.port(), receiver.url(), folder + "/ledger.db");
  for (int start = 0; start < 2; ++start) {
    ServerProcess server(config);
    for (int i = 0; i < 3; ++i) {
      Client client(server.port());
      CHECK(client.ask(message_request(message_body())).status == 200);
    }
    if (start == 0) CHECK(server.file_has("records.jsonl", "\"alert\"", seconds(5)));
    CHECK(server.file("records.jsonl").find("canary-") == std::string::npos);
    Client client(server.port());
    const Reply metrics = client.ask("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(metrics.body.find(start == 0
                                ? "tollgate_budget_alerts_total{outcome=\"delivered\"} 1\n"
                                : "tollgate_budget_alerts_total{outcome=\"delivered\"} 0\n") !=
          std::string::npos);
    server.signal(start == 0 ? SIGKILL : SIGTERM);
    server.wait(seconds(10));
  }
  const std::vector<PeerRequest> taken = receiver.taken();
  REQUIRE(taken.size() == 1);
  CHECK(taken[0].line() == "POST /hook?key=canary-hook HTTP/1.1");
  CHECK(taken[0].header("x-key") == "canary-key");
  CHECK(taken[0].header("content-type") == "application/json; charset=utf-8");
  CHECK(taken[0].body.find(R"("event":"budget_alert","budget":"daily","subject":"dev")") !=
        std::string::npos);
  std::filesystem::remove_all(folder);
}

TEST_CASE("a receiver that fails holds up no answer", "[server]") {
  HttpPeer upstream(answer_each(json_answer(kJsonMessage)));
  Receiver receiver("400 Bad Request");
  ServerProcess server(with_budget(upstream.port(), receiver.url(), "memory"));
  Client client(server.port());
  CHECK(client.ask(message_request(message_body())).status == 200);
  CHECK(client.ask(message_request(message_body())).status == 200);
  CHECK(
      server.file_has("records.jsonl", R"("outcome":"failed","reason":"status 400")", seconds(5)));
  CHECK(receiver.taken().size() == 1);
}
