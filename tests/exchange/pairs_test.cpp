// Every public event in every state: the status is the documented one, nothing crashes, and after
// the client has gone the exchange is done with nothing left open.

#include <string>

#include "support/fake_host.hpp"
#include "support/token_provider.hpp"

namespace tollgate::test {
namespace {

using exchange::State;

constexpr std::string_view kStream =
    R"({"model":"claude-same","max_tokens":9,"messages":[],"stream":true})";
constexpr std::string_view kWhole = R"({"model":"claude-same","max_tokens":9,"messages":[]})";
constexpr std::string_view kStart =
    "event: message_start\n"
    R"(data: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"claude-same","content":[],"usage":{"input_tokens":1,"output_tokens":1}}})"
    "\n\n";
constexpr std::string_view kContent =
    "event: content_block_start\n"
    R"(data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"
    "\n\n";

/// One exchange and the gateway around it, so that what it leaves behind can be looked at.
struct Scene {
  TokenProvider provider;
  std::shared_ptr<gateway::Gateway> gateway = make_gateway();
  std::unique_ptr<FakeHost> host;

  explicit Scene(bool with_token) {
    auto configuration = std::make_shared<config::Configuration>(*gateway->configuration());
    if (with_token) {
      for (providers::Account& account : configuration->accounts)
        account.provider = &provider;
    }
    host = std::make_unique<FakeHost>(std::make_unique<exchange::Exchange>(
        gateway->environment(), configuration, exchange::ExchangeOptions{},
        Time{1'000'000'000, 1'795'338'000'000}));
  }
};

struct StateCase {
  const char* name;
  State state;
  bool with_token;
  void (*reach)(FakeHost& host);
  // What the documentation says of each event here.
  Code head;            ///< client_head
  Code body;            ///< client_body, client_end
  Code room;            ///< body_room
  Code blocked;         ///< client_blocked, client_unblocked
  Code upstream_head;   ///< of the attempt that is open, or of none
  Code upstream_bytes;  ///< upstream_body, upstream_end
};

void feed_head(FakeHost& host) {
  const HeaderList list = {{"authorization", "Bearer token-1"}};
  const HeaderViews views(list);
  REQUIRE(host.exchange()
              .client_head("POST", "/v1/messages", views.data(), views.pairs(), host.now())
              .ok());
}

void hold(FakeHost& host) {
  host.post(kStream);
  host.upstream_head(200, {{"content-type", "text/event-stream"}});
  host.upstream_body(kStart);
}

constexpr Code kYes = Code::kOk;
constexpr Code kNo = Code::kState;

// One row per line, whatever its length.
// clang-format off
const StateCase kStates[] = {
    {"reading the head", State::kReadingHead, false, [](FakeHost&) {}, kYes, kNo, kNo, kNo, kYes, kYes},
    {"reading the body", State::kReadingBody, false, feed_head, kNo, kYes, kYes, kNo, kYes, kYes},
    {"waiting for a token", State::kWaitingAux, true, [](FakeHost& host) { host.post(kWhole); }, kNo, kNo, kNo, kNo, kYes, kNo},
    {"a token's head is here", State::kWaitingAux, true, [](FakeHost& host) { host.post(kWhole); host.upstream_head(200, {}); }, kNo, kNo, kNo, kNo, kNo, kYes},
    {"calling", State::kCallingUpstream, false, [](FakeHost& host) { host.post(kStream); }, kNo, kNo, kNo, kNo, kYes, kNo},
    {"holding", State::kHolding, false, hold, kNo, kNo, kNo, kNo, kNo, kYes},
    {"holding, its head has gone out", State::kHolding, false, [](FakeHost& host) { hold(host); host.pass(6 * kSecond); }, kNo, kNo, kNo, kYes, kNo, kYes},
    {"collecting an answer", State::kCollecting, false, [](FakeHost& host) { host.post(kWhole); host.upstream_head(200, {{"content-type", "application/json"}}); }, kNo, kNo, kNo, kNo, kNo, kYes},
    {"collecting an error", State::kCollecting, false, [](FakeHost& host) { host.post(kStream); host.upstream_head(500, {}); }, kNo, kNo, kNo, kNo, kNo, kYes},
    {"streaming", State::kStreaming, false, [](FakeHost& host) { hold(host); host.upstream_body(kContent); }, kNo, kNo, kNo, kYes, kNo, kYes},
    // A refusal before the body's end: what still comes of the body is read past.
    {"refused, nothing pulled", State::kSettling, false, [](FakeHost& host) { REQUIRE(host.exchange().client_head("POST", "/v1/messages", nullptr, 0, host.now()).ok()); }, kNo, kYes, kNo, kYes, kYes, kYes},
    {"refused and done", State::kDone, false, [](FakeHost& host) { REQUIRE(host.exchange().client_head("GET", "/nothing", nullptr, 0, host.now()).ok()); host.pull(); }, kNo, kYes, kNo, kYes, kYes, kYes},
    {"done", State::kDone, false, [](FakeHost& host) { host.post(kWhole); host.upstream_failed(TG_FAILURE_CONNECT); }, kNo, kNo, kNo, kYes, kYes, kYes},
    {"cancelled, nothing pulled", State::kSettling, false, [](FakeHost& host) { host.post(kWhole); REQUIRE(host.exchange().client_gone(host.now()).ok()); }, kNo, kNo, kNo, kYes, kYes, kYes},
};
// clang-format on

struct EventCase {
  const char* name;
  Status (*feed)(FakeHost& host, uint32_t attempt);
  Code (*expected)(const StateCase& state);
};

// clang-format off
const EventCase kEvents[] = {
    {"client_head", [](FakeHost& host, uint32_t) { return host.exchange().client_head("POST", "/v1/messages", nullptr, 0, host.now()); }, [](const StateCase& s) { return s.head; }},
    {"body_room", [](FakeHost& host, uint32_t) { uint8_t* data = nullptr; size_t size = 0; return host.exchange().body_room(9, &data, &size); }, [](const StateCase& s) { return s.room; }},
    {"client_body", [](FakeHost& host, uint32_t) { return host.exchange().client_body("{\"model\":1", host.now()); }, [](const StateCase& s) { return s.body; }},
    {"client_end", [](FakeHost& host, uint32_t) { return host.exchange().client_end(host.now()); }, [](const StateCase& s) { return s.body; }},
    {"client_gone", [](FakeHost& host, uint32_t) { return host.exchange().client_gone(host.now()); }, [](const StateCase&) { return kYes; }},
    {"client_blocked", [](FakeHost& host, uint32_t) { return host.exchange().client_blocked(host.now()); }, [](const StateCase& s) { return s.blocked; }},
    {"client_unblocked", [](FakeHost& host, uint32_t) { return host.exchange().client_unblocked(host.now()); }, [](const StateCase& s) { return s.blocked; }},
    {"upstream_sent", [](FakeHost& host, uint32_t n) { return host.exchange().upstream_sent(n, host.now()); }, [](const StateCase&) { return kYes; }},
    {"upstream_head", [](FakeHost& host, uint32_t n) { return host.exchange().upstream_head(n, 200, nullptr, 0, host.now()); }, [](const StateCase& s) { return s.upstream_head; }},
    {"upstream_head 503", [](FakeHost& host, uint32_t n) { return host.exchange().upstream_head(n, 503, nullptr, 0, host.now()); }, [](const StateCase& s) { return s.upstream_head; }},
    {"upstream_body", [](FakeHost& host, uint32_t n) { return host.exchange().upstream_body(n, "garbage\n\n", host.now()); }, [](const StateCase& s) { return s.upstream_bytes; }},
    {"upstream_body of nothing", [](FakeHost& host, uint32_t n) { return host.exchange().upstream_body(n, "", host.now()); }, [](const StateCase& s) { return s.upstream_bytes; }},
    {"upstream_end", [](FakeHost& host, uint32_t n) { return host.exchange().upstream_end(n, host.now()); }, [](const StateCase& s) { return s.upstream_bytes; }},
    {"upstream_failed", [](FakeHost& host, uint32_t n) { return host.exchange().upstream_failed(n, TG_FAILURE_RESET, "", host.now()); }, [](const StateCase&) { return kYes; }},
    {"upstream_failed of another", [](FakeHost& host, uint32_t n) { return host.exchange().upstream_failed(n + 1, TG_FAILURE_RESET, "", host.now()); }, [](const StateCase&) { return kYes; }},
    {"upstream_body of none", [](FakeHost& host, uint32_t) { return host.exchange().upstream_body(0, "x", host.now()); }, [](const StateCase&) { return kYes; }},
    {"tick", [](FakeHost& host, uint32_t) { return host.exchange().tick(host.now()); }, [](const StateCase&) { return kYes; }},
    {"tick after an hour", [](FakeHost& host, uint32_t) { host.mono_ns += 3601 * kSecond; return host.exchange().tick(host.now()); }, [](const StateCase&) { return kYes; }},
    {"tick in the past", [](FakeHost& host, uint32_t) { host.mono_ns = 0; return host.exchange().tick(host.now()); }, [](const StateCase&) { return kYes; }},
};
// clang-format on

void check_nothing_left(const Scene& scene) {
  const exchange::Environment& environment = *scene.gateway->environment();
  CHECK(environment.ledger->open_reservations() == 0);
  CHECK(environment.body_bytes.load() == 0);
  CHECK(environment.open_exchanges.load() == 0);
}

void check_told_once(const FakeHost& host) {
  CHECK(host.heads <= 1);
  CHECK(host.ends + host.aborts <= 1);
  CHECK(host.records.size() <= 1);
  if (host.ends == 1) CHECK(host.heads == 1);
}

/// One state, one event, pulled or not in between; then the client goes.
void run_pair(const StateCase& state, const EventCase& event, bool pull_between) {
  Scene scene(state.with_token);
  FakeHost& host = *scene.host;
  state.reach(host);
  REQUIRE(host.exchange().state() == state.state);
  const uint32_t attempt = host.calls.empty() ? 1 : host.calls.back().number;
  CHECK(event.feed(host, attempt).code() == event.expected(state));
  if (pull_between) host.pull();
  REQUIRE(host.exchange().client_gone(host.now()).ok());
  host.pull();
  CHECK(host.done);
  CHECK(host.exchange().state() == State::kDone);
  check_told_once(host);
  CHECK(scene.gateway->environment()->ledger->open_reservations() == 0);
  scene.host.reset();
  check_nothing_left(scene);
}

TEST_CASE("every event in every state") {
  for (const StateCase& state : kStates) {
    for (const EventCase& event : kEvents) {
      for (const bool pull_between : {true, false}) {
        CAPTURE(state.name, event.name, pull_between);
        run_pair(state, event, pull_between);
      }
    }
  }
}

TEST_CASE("two events in a row in every state") {
  for (const StateCase& state : kStates) {
    for (const EventCase& first : kEvents) {
      for (const EventCase& second : kEvents) {
        CAPTURE(state.name, first.name, second.name);
        Scene scene(state.with_token);
        FakeHost& host = *scene.host;
        state.reach(host);
        const uint32_t attempt = host.calls.empty() ? 1 : host.calls.back().number;
        static_cast<void>(first.feed(host, attempt));
        static_cast<void>(second.feed(host, attempt));
        host.pull();
        REQUIRE(host.exchange().client_gone(host.now()).ok());
        host.pull();
        CHECK(host.done);
        check_told_once(host);
        CHECK(scene.gateway->environment()->ledger->open_reservations() == 0);
        scene.host.reset();
        check_nothing_left(scene);
      }
    }
  }
}

TEST_CASE("dropped in every state") {
  for (const StateCase& state : kStates) {
    CAPTURE(state.name);
    Scene scene(state.with_token);
    state.reach(*scene.host);
    scene.host.reset();
    check_nothing_left(scene);
  }
}

}  // namespace
}  // namespace tollgate::test
