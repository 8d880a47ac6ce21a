// The load generator: one thread, one loop. It prints one JSON object. See usage().

#include <algorithm>
#include <csignal>
#include <deque>
#include <string>
#include <vector>

#include "bench/client.hpp"
#include "bench/http_text.hpp"

namespace tollgate::bench {
namespace {

struct Options {
  std::string mode;
  uint16_t port = 0;
  uint16_t mock_port = 0;
  int pid = 0;
  size_t connections = 16;
  double seconds = 4;
  uint64_t interval_ms = 100;
  size_t body_bytes = 60'000;
  std::string model = "bench-json";
  std::string token = "bench-token";
};

int usage() {
  std::fputs(
      "usage: bench_load json|hold|burst --port N [options]\n"
      "  json   closed loop of JSON requests on keep-alive connections\n"
      "  hold   opens streams, measures how late events are, leaves all at once and asks the\n"
      "         mock upstream a second later how many streams it still serves\n"
      "  burst  connects everybody at once; each sends one request\n"
      "  --mock-port N  --pid N (the server's)  --connections N  --seconds S\n"
      "  --interval-ms N (as the model's name says)  --bytes N  --model NAME  --token TOKEN\n",
      stderr);
  return 2;
}

bool parse(int argc, char** argv, Options& options) {
  if (argc < 2 || argc % 2 != 0) return false;
  options.mode = argv[1];
  for (int i = 2; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const std::string_view value = argv[i + 1];
    if (name == "--model") {
      options.model = value;
    } else if (name == "--token") {
      options.token = value;
    } else if (const auto count = number(value)) {
      if (name == "--port") {
        options.port = static_cast<uint16_t>(*count);
      } else if (name == "--mock-port") {
        options.mock_port = static_cast<uint16_t>(*count);
      } else if (name == "--pid") {
        options.pid = static_cast<int>(*count);
      } else if (name == "--connections") {
        options.connections = *count;
      } else if (name == "--seconds") {
        options.seconds = std::strtod(argv[i + 1], nullptr);
      } else if (name == "--interval-ms") {
        options.interval_ms = *count;
      } else if (name == "--bytes") {
        options.body_bytes = *count;
      } else {
        return false;
      }
    } else {
      return false;
    }
  }
  return options.port != 0;
}

uint64_t ns_of(double seconds) {
  return static_cast<uint64_t>(seconds * 1e9);
}

double us_of(uint64_t ns) {
  return static_cast<double>(ns) / 1000.0;
}

bool is_streaming(const Client& client) {
  return !client.failed && client.reader.status() == 200 && !client.reader.encoded() &&
         client.reader.has_delays();
}

class Load {
 public:
  explicit Load(const Options& options)
      : options_(options),
        request_(whole_request(options.model, options.mode == "hold", options.body_bytes,
                               options.token)),
        epoll_(epoll_create1(EPOLL_CLOEXEC)),
        ready_(1024) {
    if (epoll_ < 0) fail("epoll_create1");
  }

  void json();
  void hold();
  void burst();

 private:
  Client& open_client() {
    Client& client = clients_.emplace_back();
    client.open(options_.port);
    watch(epoll_, client.fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, clients_.size() - 1);
    return client;
  }

  /// Sends and receives once; every client that something happened to is given to `seen`.
  template <typename Seen>
  void turn(uint64_t until_ns, Seen&& seen) {
    const uint64_t now = mono_ns();
    const timespec wait = timespec_of(until_ns > now ? until_ns - now : 0);
    const int count =
        epoll_pwait2(epoll_, ready_.data(), static_cast<int>(ready_.size()), &wait, nullptr);
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = ready_[static_cast<size_t>(i)];
      Client& client = clients_[event.data.u64];
      if (client.fd < 0) continue;
      bool alive = send_some(client.fd, request_, client.sent);
      if (alive && (event.events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
        alive = receive(client);
      }
      if (!alive && !client.reader.complete()) client.failed = true;
      seen(client);
    }
  }

  Options options_;
  std::string request_;
  int epoll_;
  std::vector<epoll_event> ready_;
  std::deque<Client> clients_;
};

void Load::json() {
  const uint64_t warm_until = mono_ns() + ns_of(std::min(0.5, options_.seconds / 4));
  const uint64_t until = warm_until + ns_of(options_.seconds);
  for (size_t i = 0; i < options_.connections; ++i)
    open_client();
  std::vector<uint64_t> times;
  uint64_t errors = 0;
  ProcessUse before;
  uint64_t begun = 0;
  while (mono_ns() < until) {
    if (begun == 0 && mono_ns() >= warm_until) {
      before = process_use(options_.pid);
      begun = mono_ns();
      times.clear();
    }
    turn(until, [&](Client& client) {
      if (client.failed) {
        ++errors;
        client.shut();
        return;
      }
      if (!client.reader.complete()) return;
      if (client.reader.status() != 200) ++errors;
      const uint64_t now = mono_ns();
      times.push_back(now - client.started_ns);
      client.reader.reset();
      client.started_ns = now;
      client.sent = 0;
      if (!send_some(client.fd, request_, client.sent)) client.failed = true;
    });
  }
  const ProcessUse after = process_use(options_.pid);
  const double seconds = static_cast<double>(mono_ns() - begun) / 1e9;
  const double requests = static_cast<double>(times.size());
  std::printf(
      "{\"requests\":%zu,\"requests_per_s\":%.1f,\"cpu_us_per_request\":%.2f,\"cpu_share\":%.3f,"
      "\"p50_us\":%.1f,\"p99_us\":%.1f,\"errors\":%llu}\n",
      times.size(), requests / seconds,
      (after.cpu_s - before.cpu_s) * 1e6 / std::max(requests, 1.0),
      (after.cpu_s - before.cpu_s) / seconds, us_of(quantile(times, 0.5)),
      us_of(quantile(times, 0.99)), static_cast<unsigned long long>(errors));
}

void Load::hold() {
  const ProcessUse idle = process_use(options_.pid);
  const auto nothing = [](Client&) {};
  // Eleven times slower than the phases lie apart: they come out evenly spread over an interval, as
  // long as the number of streams is no multiple of eleven.
  const uint64_t step = options_.interval_ms * 1'000'000U * 11 / options_.connections;
  uint64_t next = mono_ns();
  for (size_t i = 0; i < options_.connections; ++i) {
    open_client();
    next += step;
    while (mono_ns() < next)
      turn(next, nothing);
  }
  // A busy machine needs longer; who has no event by the end counts as an error.
  const uint64_t patience = mono_ns() + 15'000'000'000U;
  size_t established = 0;
  while (established < options_.connections && mono_ns() < patience) {
    const uint64_t second = mono_ns() + 1'000'000'000U;
    while (mono_ns() < second)
      turn(second, nothing);
    established = 0;
    for (const Client& client : clients_)
      established += is_streaming(client) ? 1 : 0;
  }
  size_t errors = options_.connections - established;
  for (Client& client : clients_)
    static_cast<void>(client.reader.take_delays());
  std::vector<uint64_t> delays;
  const ProcessUse before = process_use(options_.pid);
  const uint64_t begun = mono_ns();
  const uint64_t until = begun + ns_of(options_.seconds);
  while (mono_ns() < until) {
    turn(until, [&](Client& client) {
      for (const uint64_t delay : client.reader.take_delays())
        delays.push_back(delay);
      if (client.failed) {
        ++errors;
        client.shut();
      }
    });
  }
  const ProcessUse after = process_use(options_.pid);
  const double seconds = static_cast<double>(mono_ns() - begun) / 1e9;
  for (Client& client : clients_)
    client.shut();
  timespec second{1, 0};
  nanosleep(&second, nullptr);
  const uint64_t left = options_.mock_port != 0 ? open_streams(options_.mock_port) : 0;
  const double events = static_cast<double>(delays.size());
  const double grown_kb = static_cast<double>(after.rss_kb) - static_cast<double>(idle.rss_kb);
  std::printf(
      "{\"established\":%zu,\"events\":%zu,\"events_per_s\":%.0f,\"cpu_us_per_event\":%.2f,"
      "\"kb_per_stream\":%.1f,\"rss_kb\":%llu,\"delay_p50_us\":%.1f,\"delay_p99_us\":%.1f,"
      "\"left_open\":%llu,\"errors\":%zu}\n",
      established, delays.size(), events / seconds,
      (after.cpu_s - before.cpu_s) * 1e6 / std::max(events, 1.0),
      grown_kb / static_cast<double>(options_.connections),
      static_cast<unsigned long long>(after.rss_kb), us_of(quantile(delays, 0.5)),
      us_of(quantile(delays, 0.99)), static_cast<unsigned long long>(left), errors);
}

void Load::burst() {
  for (size_t i = 0; i < options_.connections; ++i)
    open_client();
  std::vector<uint64_t> times;
  uint64_t errors = 0;
  const uint64_t until = mono_ns() + 15'000'000'000U;
  while (times.size() + errors < clients_.size() && mono_ns() < until) {
    turn(until, [&](Client& client) {
      if (client.reader.complete() && client.reader.status() == 200) {
        times.push_back(mono_ns() - client.started_ns);
        client.shut();
      } else if (client.failed || client.reader.complete()) {
        ++errors;
        client.shut();
      }
    });
  }
  std::printf(
      "{\"connections\":%zu,\"answered\":%zu,\"p50_ms\":%.1f,\"slowest_ms\":%.1f,"
      "\"errors\":%llu}\n",
      clients_.size(), times.size(), us_of(quantile(times, 0.5)) / 1000,
      us_of(quantile(times, 1.0)) / 1000, static_cast<unsigned long long>(errors));
}

}  // namespace
}  // namespace tollgate::bench

int main(int argc, char** argv) {
  using namespace tollgate::bench;
  Options options;
  if (!parse(argc, argv, options)) return usage();
  std::signal(SIGPIPE, SIG_IGN);
  Load load(options);
  if (options.mode == "json") {
    load.json();
  } else if (options.mode == "hold") {
    load.hold();
  } else if (options.mode == "burst") {
    load.burst();
  } else {
    return usage();
  }
  return 0;
}
