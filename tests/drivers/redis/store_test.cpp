#include "drivers/redis/store.hpp"

#include <arpa/inet.h>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tollgate/redis.h"

#include "../kept_ledger.hpp"

namespace tollgate::redis_driver {
namespace {

using drivers::at;
using drivers::charge;
using drivers::KeptLedger;

tg_bytes bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

std::string text(tg_bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data), bytes.size};
}

int free_port() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  REQUIRE(bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  close(fd);
  return ntohs(address.sin_port);
}

/// A redis-server of the test's own.
class Server {
 public:
  Server() : port_(free_port()) { start(); }
  ~Server() { stop(); }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void start() {
    const std::string port = std::to_string(port_);
    pid_ = fork();
    if (pid_ == 0) {
      const int nothing = open("/dev/null", O_RDWR);
      dup2(nothing, 1);
      dup2(nothing, 2);
      execlp("redis-server", "redis-server", "--port", port.c_str(), "--bind", "127.0.0.1",
             "--save", "", "--appendonly", "no", "--requirepass", "open sesame", nullptr);
      _exit(127);
    }
    for (int i = 0; i < 200; ++i) {
      try {
        ask({"PING"});
        return;
      } catch (const Failure&) {
        usleep(25'000);
      }
    }
    FAIL("redis-server does not answer");
  }
  void stop() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = 0;
  }

  std::string url() const {
    return "redis://:open%20sesame@127.0.0.1:" + std::to_string(port_) + "/2";
  }

  /// An answer's number or text, in the database of url().
  std::string ask(const std::vector<std::string>& words) const {
    redisContext* context = redisConnect("127.0.0.1", port_);
    const bool connected = context != nullptr && context->err == 0;
    std::string answer;
    for (const auto& command :
         {std::vector<std::string>{"AUTH", "open sesame"}, {"SELECT", "2"}, words}) {
      if (!connected) break;
      std::vector<const char*> data;
      std::vector<size_t> sizes;
      for (const std::string& word : command) {
        data.push_back(word.data());
        sizes.push_back(word.size());
      }
      auto* reply = static_cast<redisReply*>(
          redisCommandArgv(context, static_cast<int>(command.size()), data.data(), sizes.data()));
      if (reply == nullptr) break;
      answer = reply->type == REDIS_REPLY_INTEGER ? std::to_string(reply->integer)
               : reply->str == nullptr            ? ""
                                                  : reply->str;
      freeReplyObject(reply);
    }
    redisFree(context);
    if (!connected) throw Failure("not connected");
    return answer;
  }

 private:
  int port_;
  pid_t pid_ = 0;
};

std::shared_ptr<tg_redis> open_store(const std::string& url) {
  tg_redis* store = nullptr;
  REQUIRE(tg_redis_open(bytes(url), &store, nullptr) == TG_OK);
  return {store, tg_redis_close};
}

drivers::Apply apply_to(const std::string& url) {
  const std::shared_ptr<tg_redis> store = open_store(url);
  return [store](std::string_view batch) {
    tg_bytes reply = {nullptr, 0};
    tg_error* error = nullptr;
    const tg_status status = tg_redis_apply(store.get(), bytes(batch), &reply, &error);
    INFO(text(tg_error_message(error)));
    REQUIRE(status == TG_OK);
    return text(reply);
  };
}

bool no_redis() {
  if (std::filesystem::exists("/usr/bin/redis-server")) return false;
  std::printf("skipped: redis-server is not installed\n");
  return true;
}

TEST_CASE("several gateways never hold or spend more than one budget has, with a real Redis") {
  if (no_redis()) return;
  const Server server;
  for (const drivers::SharedCase& row : drivers::kSharedCases) {
    INFO(row.name);
    server.ask({"FLUSHALL"});
    const int64_t settled = drivers::use_up_together(row, [&] { return apply_to(server.url()); });
    const std::string sum =
        "local s=0 for _,k in ipairs(redis.call('KEYS','*:c:*')) do for _,f in "
        "ipairs({'settled','overrun','reserved'}) do s=s+(tonumber(redis.call('HGET',k,f) or "
        "'0')) end end return s";
    CHECK(server.ask({"EVAL", sum, "0"}) == std::to_string(settled));
  }
  server.ask({"FLUSHALL"});
  drivers::check_slots([&] { return apply_to(server.url()); });
  server.ask({"FLUSHALL"});
  drivers::check_late_start([&] { return apply_to(server.url()); });
  server.ask({"FLUSHALL"});
  drivers::check_corrections([&] { return apply_to(server.url()); });
}

TEST_CASE("a sliding window holds for all gateways together") {
  if (no_redis()) return;
  const Server server;
  KeptLedger one(apply_to(server.url()), 1);
  KeptLedger two(apply_to(server.url()), 2);
  const auto asked = charge("minute", Measure::kRequests, Period::kMinute, 10, 1);
  int let_in = 0;
  for (int i = 0; i < 40; ++i) {
    KeptLedger& owner = i % 2 == 0 ? one : two;
    if (const uint64_t id = owner.reserve(asked, at(i))) {
      ++let_in;
      owner.settle(id, 0, at(i));
    }
  }
  CHECK(let_in == 10);
}

TEST_CASE("what a silent gateway held is booked in full, once") {
  if (no_redis()) return;
  const Server server;
  const auto spend = charge("team", Measure::kMoney, Period::kMonth, 1'000, 600);
  KeptLedger dead(apply_to(server.url()), 1);
  const uint64_t id = dead.reserve(spend, at(0));
  REQUIRE(id != 0);
  KeptLedger other(apply_to(server.url()), 2);
  const std::string age =
      "for _,i in ipairs(redis.call('ZRANGE',KEYS[1],0,-1)) do "
      "redis.call('ZADD',KEYS[1],1,i) end return 1";
  server.ask({"EVAL", age, "1", "{tollgate}:instances"});
  CHECK(other.reserve(spend, at(300)) == 0);
  CHECK(other.ledger().balance(spend, at(300)).spent() == 600);
  // It was only cut off: what it says now comes too late.
  dead.settle(id, 10, at(400));
  CHECK(other.reserve(charge("team", Measure::kMoney, Period::kMonth, 1'000, 401), at(900)) == 0);
  CHECK(other.reserve(charge("team", Measure::kMoney, Period::kMonth, 1'000, 400), at(1'500)) != 0);
}

TEST_CASE("Redis may go and come back; a wrong password is told") {
  if (no_redis()) return;
  Server server;
  const std::shared_ptr<tg_redis> store = open_store(server.url());
  const std::string batch = R"({"instance":"a","batch":1,"wall_ms":1,"entries":[]})";
  tg_bytes reply = {nullptr, 0};
  CHECK(tg_redis_apply(store.get(), bytes(batch), &reply, nullptr) == TG_OK);
  const std::string first = text(reply);
  CHECK(tg_redis_apply(store.get(), bytes(batch), &reply, nullptr) == TG_OK);
  CHECK(text(reply) == first);
  server.stop();
  tg_error* error = nullptr;
  CHECK(tg_redis_apply(store.get(), bytes(batch), &reply, &error) == TG_E_INTERNAL);
  CHECK(tg_error_message(error).size != 0);
  tg_error_free(error);
  server.start();
  CHECK(tg_redis_apply(store.get(), bytes(batch), &reply, nullptr) == TG_OK);
  CHECK(tg_redis_apply(store.get(), bytes("{}"), &reply, nullptr) == TG_E_INVALID);

  std::string wrong = server.url();
  wrong.replace(wrong.find("open"), 4, "shut");
  CHECK(tg_redis_apply(open_store(wrong).get(), bytes(batch), &reply, &error) == TG_E_INTERNAL);
  CHECK(text(tg_error_message(error)).find("refuses") != std::string::npos);
  tg_error_free(error);
}

}  // namespace
}  // namespace tollgate::redis_driver
