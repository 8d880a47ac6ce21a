// Reload, drain, certificates, secrets, and the start without a file.

#include <csignal>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>
#include <unistd.h>

#include "server_process.hpp"
#include "support/catch.hpp"
#include "support/http_peer.hpp"

using namespace tollgate::test;

namespace {

void replace_file(const ServerProcess& server, std::string_view name, std::string_view text) {
  const std::string path = server.path(name);
  {
    std::ofstream file(path + ".new", std::ios::binary);
    file << text;
  }
  std::filesystem::rename(path + ".new", path);
}

int status_with(const ServerProcess& server, std::string_view token) {
  Client client(server.port());
  const std::string request = "GET /v1/models HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " +
                              std::string(token) + "\r\n\r\n";
  return client.ask(request).status;
}

bool comes_to(const ServerProcess& server, std::string_view token, int status) {
  const auto last = std::chrono::steady_clock::now() + milliseconds(2500);
  while (status_with(server, token) != status) {
    if (std::chrono::steady_clock::now() > last) return false;
    std::this_thread::sleep_for(milliseconds(50));
  }
  return true;
}

std::string with_second_token(const std::string& config) {
  return config + "---\ntype: user\nname: second\ntokens: [{env: SECOND_TOKEN}]\n";
}

}  // namespace

TEST_CASE("a changed file is taken over, a bad one is not", "[server]") {
  HttpPeer upstream(answer_each(json_answer(kJsonMessage)));
  const std::string config = test_config(upstream.port());
  ServerProcess server(config, {}, {"SECOND_TOKEN=second-token"});
  REQUIRE(status_with(server, kToken) == 200);
  REQUIRE(status_with(server, "second-token") == 401);

  replace_file(server, "config.yaml", with_second_token(config));
  CHECK(comes_to(server, "second-token", 200));

  replace_file(server, "config.yaml", "type: tollgate-server\nlisten_on: nowhere\n");
  CHECK(server.file_has("stderr", "config.yaml:2", milliseconds(2500)));
  CHECK(status_with(server, "second-token") == 200);

  replace_file(server, "config.yaml", config);
  CHECK(comes_to(server, "second-token", 401));
  CHECK(status_with(server, kToken) == 200);
}

TEST_CASE("a key that is renewed in its file is used from then on", "[server]") {
  std::mutex mutex;
  std::string key;
  HttpPeer upstream([&](PeerConnection& connection) {
    PeerRequest request;
    while (connection.read_request(request)) {
      const std::lock_guard lock(mutex);
      key = request.header("x-api-key");
      connection.write(json_answer(kJsonMessage));
    }
  });
  const std::string file =
      (std::filesystem::temp_directory_path() / ("key-" + std::to_string(getpid()))).string();
  std::ofstream(file) << "first-key\n";
  std::string config = test_config(upstream.port());
  const std::string by_variable = "\"${UPSTREAM_KEY}\"";
  config.replace(config.find(by_variable), by_variable.size(), "\"file:" + file + "\"");
  ServerProcess server(config);
  Client client(server.port());
  const auto key_used = [&] {
    CHECK(client.ask(message_request(message_body())).status == 200);
    const std::lock_guard lock(mutex);
    return key;
  };
  CHECK(key_used() == "first-key");
  std::ofstream(file + ".new") << "second-key\n";
  std::filesystem::rename(file + ".new", file);
  const auto last = std::chrono::steady_clock::now() + milliseconds(2500);
  while (key_used() != "second-key" && std::chrono::steady_clock::now() < last)
    std::this_thread::sleep_for(milliseconds(50));
  CHECK(key_used() == "second-key");
  std::filesystem::remove(file);
}

TEST_CASE("SIGHUP reloads and opens the records file anew", "[server]") {
  HttpPeer upstream(answer_each(json_answer(kJsonMessage)));
  ServerProcess server(test_config(upstream.port(), "records: records.jsonl"));
  Client client(server.port());
  CHECK(client.ask(message_request(message_body())).status == 200);
  CHECK(server.file("records.jsonl").find("\"outcome\":\"ok\"") != std::string::npos);
  std::filesystem::rename(server.path("records.jsonl"), server.path("rotated"));
  server.signal(SIGHUP);
  const auto last = std::chrono::steady_clock::now() + seconds(2);
  while (!std::filesystem::exists(server.path("records.jsonl")) &&
         std::chrono::steady_clock::now() < last) {
    std::this_thread::sleep_for(milliseconds(10));
  }
  CHECK(client.ask(message_request(message_body())).status == 200);
  const std::string records = server.file("records.jsonl");
  CHECK(records.find("\"outcome\":\"ok\"") != std::string::npos);
  CHECK(std::count(records.begin(), records.end(), '\n') == 1);
}

TEST_CASE("a draining server ends after its last stream and takes no new work", "[server]") {
  Signal end;
  HttpPeer upstream([&](PeerConnection& connection) {
    PeerRequest request;
    if (!connection.read_request(request)) return;
    connection.write(stream_head() + chunk(stream_beginning()));
    end.wait(seconds(20));
    connection.write(chunk(stream_ending()) + "0\r\n\r\n");
  });
  ServerProcess server(test_config(upstream.port()));
  Client idle(server.port());
  CHECK(idle.ask("GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n").status == 200);
  Client client(server.port());
  client.send(message_request(message_body(true)));
  REQUIRE(client.read_until("\"first\"").find("\"first\"") != std::string::npos);

  server.signal(SIGTERM);
  CHECK(idle.ended(seconds(1)));
  Client ready(server.port());
  CHECK(ready.ask("GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n").status == 503);
  CHECK(ready.ended(seconds(1)));
  Client late(server.port());
  CHECK(late.ask(message_request(message_body())).status == 503);
  CHECK(server.wait(milliseconds(300)) == -1);

  end.set();
  const Reply reply = client.read();
  CHECK(reply.whole);
  CHECK(reply.body == stream_beginning() + stream_ending());
  CHECK(server.wait(seconds(2)) == 0);
}

TEST_CASE("the grace time ends a drain, and so does a second signal", "[server]") {
  HttpPeer upstream([&](PeerConnection& connection) {
    PeerRequest request;
    if (!connection.read_request(request)) return;
    connection.write(stream_head() + chunk(stream_beginning()));
    connection.wait_closed(seconds(20));
  });
  struct Row {
    const char* server;
    bool second_signal;
    int exit_code;
  };
  for (const Row& row : {Row{"drain_seconds: 1\nrecords: records.jsonl", false, 0},
                         Row{"drain_seconds: 100", true, 1}}) {
    INFO(row.server);
    ServerProcess server(test_config(upstream.port(), row.server));
    Client client(server.port());
    client.send(message_request(message_body(true)));
    REQUIRE(client.read_until("\"first\"").find("\"first\"") != std::string::npos);
    server.signal(SIGTERM);
    if (row.second_signal) {
      CHECK(server.wait(milliseconds(400)) == -1);
      server.signal(SIGTERM);
    }
    CHECK(server.wait(seconds(4)) == row.exit_code);
    if (!row.second_signal) {
      CHECK(server.file("records.jsonl").find("cancelled") != std::string::npos);
    }
  }
}

TEST_CASE("a request that is still being sent at the end is recorded", "[server]") {
  ServerProcess server(test_config(9, "drain_seconds: 1\nrecords: records.jsonl"));
  const std::string request = message_request(message_body());
  Client client(server.port());
  client.send(request.substr(0, request.size() - 5));
  std::this_thread::sleep_for(milliseconds(200));
  server.signal(SIGTERM);
  CHECK(server.wait(seconds(4)) == 0);
  CHECK(server.file("records.jsonl").find("cancelled") != std::string::npos);
}

TEST_CASE("an idle server ends at once", "[server]") {
  ServerProcess server(test_config(9));
  Client idle(server.port());
  CHECK(idle.ask("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").status == 200);
  server.signal(SIGINT);
  CHECK(server.wait(seconds(2)) == 0);
}

TEST_CASE("no secret and no prompt gets into answers, logs or records", "[server]") {
  HttpPeer upstream([](PeerConnection& connection) {
    PeerRequest request;
    while (connection.read_request(request)) {
      const std::string body = R"({"type":"error","error":{"type":"authentication_error",)"
                               R"("message":"invalid x-api-key"}})";
      connection.write(
          "HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\n"
          "Content-Length: " +
          std::to_string(body.size()) + "\r\n\r\n" + body);
    }
  });
  ServerProcess server(test_config(upstream.port(), "records: records.jsonl"));
  std::string seen;
  const auto ask = [&](const std::string& request) {
    Client client(server.port());
    const Reply reply = client.ask(request);
    CHECK(reply.status > 0);
    seen += reply.head + reply.body;
  };
  ask(message_request(message_body()));
  ask(message_request(R"({"model":"claude-test","canary-prompt-3": )"));
  ask(message_request(
      R"({"model":"nothing","messages":[{"role":"user","content":"canary-prompt-3"}]})"));
  ask("POST /v1/messages HTTP/1.1\r\nHost: a\r\nx-api-key: canary-wrong-key-4\r\n"
      "Content-Length: 2\r\n\r\n{}");
  ask("POST /v1/messages?canary-query-5 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
      "canary-wrong-key-4\r\nContent-Length : 2\r\n\r\n{}");
  ask("GET /metrics HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + std::string(kToken) +
      "\r\n\r\n");
  server.signal(SIGTERM);
  CHECK(server.wait(seconds(3)) == 0);
  CHECK_FALSE(server.file("records.jsonl").empty());
  for (const std::string& text : {seen, server.out(), server.err(), server.file("records.jsonl")}) {
    INFO(text);
    CHECK(text.find("canary-") == std::string::npos);
  }
}

TEST_CASE("without a file the demo plays a whole turn", "[server]") {
  ServerProcess server("");
  REQUIRE(server.port() > 0);
  const std::string out = server.out();
  const std::string mark = "export ANTHROPIC_AUTH_TOKEN=";
  const size_t token_at = out.find(mark) + mark.size();
  const std::string token = out.substr(token_at, out.find('\n', token_at) - token_at);
  CHECK(out.find("export ANTHROPIC_MODEL=claude-demo\n") != std::string::npos);
  const auto ask = [&](const std::string& body) {
    Client client(server.port());
    return client.ask("POST /v1/messages HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + token +
                      "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  };
  const std::string start =
      R"({"model":"claude-demo","max_tokens":100,"tools":[{"name":"Bash","input_schema":)"
      R"({"type":"object"}}],"messages":[{"role":"user","content":"hi"})";
  const Reply call = ask(start + R"(],"stream":true})");
  CHECK(call.status == 200);
  CHECK(call.whole);
  CHECK(call.body.find(R"("type":"tool_use")") != std::string::npos);
  CHECK(call.body.find("message_stop") != std::string::npos);
  const Reply end =
      ask(start + R"(,{"role":"assistant","content":[{"type":"tool_use","id":"a",)"
                  R"("name":"Bash","input":{}}]},{"role":"user","content":[{"type":)"
                  R"("tool_result","tool_use_id":"a","content":"found-file.txt"}]}]})");
  CHECK(end.status == 200);
  CHECK(end.body.find("found-file.txt") != std::string::npos);
  CHECK(server.file_has("stdout", "200  claude-demo", seconds(1)));
}

TEST_CASE("a configuration with errors does not start", "[server]") {
  ServerProcess server("type: tollgate-server\nlisten: 127.0.0.1:0\nno_such_field: 1\n");
  CHECK(server.wait(seconds(5)) == 1);
  CHECK(server.err().find("config.yaml:3") != std::string::npos);
  ServerProcess unset("type: user\nname: a\ntokens: [{env: CERTAINLY_NOT_SET}]\n");
  CHECK(unset.wait(seconds(5)) == 1);
  CHECK(unset.err().find("CERTAINLY_NOT_SET") != std::string::npos);
}

TEST_CASE("a port that is taken is an error", "[server]") {
  ServerProcess first(test_config(9));
  const std::string address = "127.0.0.1:" + std::to_string(first.port());
  ServerProcess second(test_config(9), {}, {}, address);
  CHECK(second.wait(seconds(5)) == 1);
  CHECK(second.err().find("cannot listen on " + address) != std::string::npos);
}
