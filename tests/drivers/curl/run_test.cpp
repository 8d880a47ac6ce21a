#include <future>

#include "drivers/harness.hpp"
#include "support/catch.hpp"

using namespace tollgate::test;
using std::chrono::steady_clock;

namespace {

const std::string kBody(1'500'000, 'x');

std::vector<std::string> cut(const std::string& text, size_t pieces) {
  std::vector<std::string> spans;
  const size_t size = text.size() / pieces;
  for (size_t i = 0; i + 1 < pieces; ++i)
    spans.push_back(text.substr(i * size, size));
  spans.push_back(text.substr((pieces - 1) * size));
  return spans;
}

}  // namespace

TEST_CASE("run: answers of every framing reach the client whole") {
  struct Row {
    const char* name;
    const char* answer;
    bool close;
    const char* body;
  };
  const Row rows[] = {
      {"content-length", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", false, "hello"},
      {"chunked",
       "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
       false, "hello"},
      {"trailers are ignored",
       "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx-late: 1\r\n\r\n",
       false, "hello"},
      {"until close", "HTTP/1.1 200 OK\r\n\r\nhello", true, "hello"},
      {"interim heads are skipped",
       "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
       "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
       false, "hello"},
      {"no body", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", false, ""},
      {"encoded bytes stay encoded",
       "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5\r\n\r\nhello", false,
       "hello"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      HttpPeer peer([&](PeerConnection& connection) {
        PeerRequest request;
        while (connection.read_request(request) && connection.write(row.answer)) {
          if (row.close) return;
        }
      });
      Curl curl;
      tg_exchange exchange(post(peer.url()));
      Client client;
      REQUIRE(run(curl, exchange, client) == TG_OK);
      CHECK(client.status == 200);
      CHECK(client.body == row.body);
      CHECK(client.ended == 0);
      CHECK(client.record == "{}");
      CHECK(exchange.log() == (*row.body != '\0' ? "sent 1, head 1 200, body 1, end 1"
                                                 : "sent 1, head 1 200, end 1"));
      CHECK(exchange.violations.empty());
    }
  }
}

TEST_CASE("run: broken answers and connections become the right failure") {
  struct Row {
    const char* name;
    std::string answer;
    bool reset;
    tg_failure failure;
  };
  std::string many = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 250; ++i)
    many += "x-" + std::to_string(i) + ": 1\r\n";
  const Row rows[] = {
      {"closed before the answer", "", false, TG_FAILURE_RESET},
      {"reset before the answer", "", true, TG_FAILURE_RESET},
      {"length not reached", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello", false,
       TG_FAILURE_RESET},
      {"reset in the body", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello", true,
       TG_FAILURE_RESET},
      {"no last chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
       false, TG_FAILURE_RESET},
      {"reset where close is the framing", "HTTP/1.1 200 OK\r\n\r\nhello", true, TG_FAILURE_RESET},
      {"not HTTP", "220 ftp.example ready\r\n\r\n", false, TG_FAILURE_PROTOCOL},
      {"too many headers", many + "\r\n", false, TG_FAILURE_PROTOCOL},
      {"too long a line", "HTTP/1.1 200 OK\r\nx: " + std::string(300'000, 'a') + "\r\n\r\n", false,
       TG_FAILURE_PROTOCOL},
      {"too large a head", "HTTP/1.1 200 OK\r\nx: " + std::string(70'000, 'a') + "\r\n\r\n", false,
       TG_FAILURE_PROTOCOL},
      {"switching protocols", "HTTP/1.1 101 Switching\r\nupgrade: h2c\r\n\r\n", false,
       TG_FAILURE_PROTOCOL},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      HttpPeer peer([&](PeerConnection& connection) {
        PeerRequest request;
        if (!connection.read_request(request)) return;
        connection.write(row.answer);
        // A reset throws away what the other side has not read yet.
        std::this_thread::sleep_for(milliseconds(row.reset ? 100 : 0));
        if (row.reset) connection.reset();
      });
      Curl curl;
      tg_exchange exchange(post(peer.url()));
      Client client;
      REQUIRE(run(curl, exchange, client) == TG_OK);
      const tg_exchange::Event* failed = exchange.find("failed", 1);
      REQUIRE(failed != nullptr);
      CHECK(failed->status == row.failure);
      CHECK_FALSE(failed->text.empty());
      CHECK(exchange.count("end") == 0);
      CHECK(client.ended == 1);
      CHECK(exchange.violations.empty());
    }
  }
}

TEST_CASE("run: attempts that cannot begin become the right failure") {
  int closed_port = 0;
  {
    HttpPeer gone(answer_each(json_answer("{}")));
    closed_port = gone.port();
  }
  struct Row {
    const char* name;
    tg_exchange::Open open;
    tg_failure failure;
  };
  auto with_header = [](std::string name, std::string value) {
    tg_exchange::Open open = post("http://127.0.0.1:9/");
    open.headers.emplace_back(std::move(name), std::move(value));
    return open;
  };
  auto with_method = [](std::string method) {
    tg_exchange::Open open = post("http://127.0.0.1:9/");
    open.method = std::move(method);
    return open;
  };
  const Row rows[] = {
      {"refused", post("http://127.0.0.1:" + std::to_string(closed_port) + "/"),
       TG_FAILURE_CONNECT},
      {"unknown name", post("http://nowhere.invalid/"), TG_FAILURE_RESOLVE},
      {"line break in a header value", with_header("x-a", "1\r\nx-b: 2"), TG_FAILURE_OTHER},
      {"bare line feed in a header value", with_header("x-a", "1\n2"), TG_FAILURE_OTHER},
      {"NUL in a header value", with_header("x-a", std::string("1\0", 2)), TG_FAILURE_OTHER},
      {"line break in a header name", with_header("x-a: 1\r\nx-b", "2"), TG_FAILURE_OTHER},
      {"no header name", with_header("", "2"), TG_FAILURE_OTHER},
      {"method of two words", with_method("POST / HTTP/1.1\r\nx"), TG_FAILURE_OTHER},
      {"line break in the URL", post("http://127.0.0.1:9/\r\nx: 1"), TG_FAILURE_OTHER},
      {"another scheme", post("file:///etc/passwd"), TG_FAILURE_PROTOCOL},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      Curl curl;
      tg_exchange exchange(row.open);
      Client client;
      REQUIRE(run(curl, exchange, client) == TG_OK);
      REQUIRE(exchange.find("failed", 1) != nullptr);
      CHECK(exchange.find("failed", 1)->status == row.failure);
      CHECK(exchange.events.size() == 1);
    }
  }
}

TEST_CASE("run: sends exactly the head it was given") {
  PeerRequest seen;
  HttpPeer peer([&](PeerConnection& connection) {
    if (connection.read_request(seen)) connection.write(json_answer("{}"));
  });
  Curl curl;
  tg_exchange::Open open = post(peer.url("/v1/../a?b=c"), "12345");
  open.headers = {{"X-Api-Key", "k"},
                  {"empty", ""},
                  {"Content-Length", "99"},
                  {"Expect", "100-continue"},
                  {"Transfer-Encoding", "chunked"}};
  tg_exchange exchange(open);
  Client client;
  REQUIRE(run(curl, exchange, client) == TG_OK);
  CHECK(seen.head ==
        "POST /v1/../a?b=c HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(peer.port()) +
            "\r\nX-Api-Key: k\r\nempty:\r\nContent-Length: 5\r\n\r\n");
  CHECK(seen.body == "12345");
}

TEST_CASE("run: methods and bodies, one handle after another") {
  std::vector<PeerRequest> seen;
  HttpPeer peer([&](PeerConnection& connection) {
    PeerRequest request;
    while (connection.read_request(request)) {
      seen.push_back(request);
      const bool head = request.line().starts_with("HEAD");
      connection.write(head ? "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n" : json_answer("{}"));
    }
  });
  struct Row {
    const char* method;
    size_t body;
    size_t spans;
    const char* length;
  };
  const Row rows[] = {
      {"POST", 60'000, 3, "60000"},
      {"GET", 0, 0, ""},
      {"POST", 0, 0, "0"},
      {"HEAD", 0, 0, ""},
      {"PUT", 100, 1, "100"},
      {"DELETE", 0, 0, ""},
      {"POST", 200'000, 3, "200000"},
      {"POST", 200'000, 1, "200000"},
      {"GET", 0, 0, ""},
      {"POST", 65'536, 2, "65536"},
      {"POST", 65'535, 2, "65535"},
  };
  Curl curl;
  for (const Row& row : rows) {
    tg_exchange::Open open;
    open.url = peer.url();
    open.method = row.method;
    std::string body;
    for (size_t i = 0; i < row.body; ++i)
      body += static_cast<char>('a' + i % 26);
    if (row.spans > 0) open.spans = cut(body, row.spans);
    tg_exchange exchange(open);
    Client client;
    REQUIRE(run(curl, exchange, client) == TG_OK);
    CAPTURE(row.method, row.body, row.spans);
    REQUIRE_FALSE(seen.empty());
    CHECK(seen.back().line() == std::string(row.method) + " / HTTP/1.1");
    CHECK(seen.back().header("content-length") == row.length);
    CHECK(seen.back().body == body);
    CHECK(exchange.log().ends_with("end 1"));
    CHECK(exchange.count("sent") == (row.body > 0 ? 1U : 0U));
  }
  CHECK(peer.connections() == 1);
}

TEST_CASE("run: a body of 1.5 MB goes out at once, without Expect") {
  PeerRequest seen;
  HttpPeer peer([&](PeerConnection& connection) {
    if (connection.read_request(seen)) connection.write(json_answer("{}"));
  });
  for (const size_t spans : {size_t{1}, size_t{4}}) {
    Curl curl;
    tg_exchange::Open open = post(peer.url());
    open.spans = cut(kBody, spans);
    tg_exchange exchange(open);
    Client client;
    const auto start = steady_clock::now();
    REQUIRE(run(curl, exchange, client) == TG_OK);
    CHECK(steady_clock::now() - start < milliseconds(900));
    CHECK_FALSE(seen.has("expect"));
    CHECK(seen.body == kBody);
    CHECK(exchange.count("sent") == 1);
  }
}

TEST_CASE("run: connections are kept and the warm one is taken") {
  HttpPeer peer(answer_each(json_answer("{}")));
  Curl curl;
  for (int i = 0; i < 10; ++i) {
    tg_exchange exchange(post(peer.url()));
    Client client;
    REQUIRE(run(curl, exchange, client) == TG_OK);
    CHECK(client.body == "{}");
  }
  CHECK(peer.connections() == 1);
}

TEST_CASE("run: a kept connection that died is replaced without a failure") {
  HttpPeer peer([](PeerConnection& connection) {
    PeerRequest request;
    if (connection.read_request(request)) connection.write(json_answer("{}"));
  });
  Curl curl;
  for (const size_t spans : {size_t{1}, size_t{2}, size_t{5}}) {
    tg_exchange::Open open = post(peer.url());
    open.spans = cut(std::string(100'000, 'y'), spans);
    tg_exchange exchange(open);
    Client client;
    REQUIRE(run(curl, exchange, client) == TG_OK);
    CHECK(client.body == "{}");
    std::this_thread::sleep_for(milliseconds(20));
  }
  CHECK(peer.connections() == 3);
}

TEST_CASE("run: redirects, cookies and proxy variables are left alone") {
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  setenv("no_proxy", "*", 1);
  std::vector<PeerRequest> seen;
  HttpPeer peer([&](PeerConnection& connection) {
    PeerRequest request;
    while (connection.read_request(request)) {
      seen.push_back(request);
      connection.write(
          "HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\nset-cookie: a=b\r\n"
          "content-length: 0\r\n\r\n");
    }
  });
  Curl curl;
  for (int i = 0; i < 2; ++i) {
    tg_exchange exchange(post(peer.url()));
    Client client;
    REQUIRE(run(curl, exchange, client) == TG_OK);
    CHECK(client.status == 302);
  }
  unsetenv("http_proxy");
  unsetenv("no_proxy");
  REQUIRE(seen.size() == 2);
  CHECK_FALSE(seen[1].has("cookie"));
}

TEST_CASE("run: each event leaves before the next one is made") {
  Signal received[3];
  bool late = false;
  HttpPeer peer([&](PeerConnection& connection) {
    PeerRequest request;
    if (!connection.read_request(request)) return;
    connection.write("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n");
    for (Signal& signal : received) {
      connection.write("data: x\n\n");
      if (!signal.wait(milliseconds(5000))) late = true;
    }
  });
  Curl curl;
  tg_exchange exchange(post(peer.url()));
  Client client;
  client.on_piece = [&](Client& self) {
    if (self.pieces <= 3) received[self.pieces - 1].set();
  };
  REQUIRE(run(curl, exchange, client) == TG_OK);
  CHECK_FALSE(late);
  CHECK(client.pieces == 3);
  CHECK(client.more == "000");
}

TEST_CASE("run: a retry opens from within the answer of the first") {
  HttpPeer bad(answer_each("HTTP/1.1 529 Overloaded\r\ncontent-length: 3\r\n\r\nbad"));
  HttpPeer good(answer_each(json_answer("good")));
  Curl curl;
  tg_exchange exchange(post(bad.url()));
  exchange.script = [&](tg_exchange& self, const tg_exchange::Event& event) {
    if (event.name != "head" || event.attempt != 1) return event.attempt == 1;
    self.push(TG_ACTION_UPSTREAM_CANCEL, {}, 1);
    self.open(post(good.url()), 2);
    return true;
  };
  Client client;
  REQUIRE(run(curl, exchange, client) == TG_OK);
  CHECK(client.body == "good");
  CHECK(exchange.log() == "sent 1, head 1 529, sent 2, head 2 200, body 2, end 2");
}

TEST_CASE("run: several upstreams at once") {
  Signal both;
  std::atomic<int> arrived{0};
  HttpPeer peer([&](PeerConnection& connection) {
    PeerRequest request;
    if (!connection.read_request(request)) return;
    if (++arrived == 3) both.set();
    both.wait();
    connection.write(json_answer(request.body));
  });
  Curl curl;
  tg_exchange exchange(post(peer.url(), "one"));
  exchange.open(post(peer.url(), "two"), 2);
  exchange.open(post(peer.url(), "three"), 3);
  size_t ended = 0;
  exchange.script = [&](tg_exchange& self, const tg_exchange::Event& event) {
    if (event.name == "end" && ++ended == 3) self.finish();
    return true;
  };
  Client client;
  REQUIRE(run(curl, exchange, client) == TG_OK);
  CHECK(exchange.upstream_body(1) == "one");
  CHECK(exchange.upstream_body(2) == "two");
  CHECK(exchange.upstream_body(3) == "three");
  CHECK(exchange.violations.empty());
}

TEST_CASE("run: a failing exchange ends the run and its upstreams") {
  Signal closed;
  HttpPeer peer([&](PeerConnection& connection) {
    PeerRequest request;
    if (!connection.read_request(request)) return;
    connection.write("HTTP/1.1 200 OK\r\n\r\nhello");
    if (connection.wait_closed(milliseconds(1000))) closed.set();
  });
  Curl curl;
  tg_exchange exchange(post(peer.url()));
  exchange.script = [](tg_exchange& self, const tg_exchange::Event& event) {
    if (event.name == "body") self.broken = TG_E_INTERNAL;
    return false;
  };
  Client client;
  CHECK(run(curl, exchange, client) == TG_E_INTERNAL);
  CHECK(closed.wait(milliseconds(1000)));
}
