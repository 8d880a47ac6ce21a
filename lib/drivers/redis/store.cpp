#include "drivers/redis/store.hpp"

#include <array>

#include "drivers/redis/script.hpp"

namespace tollgate::redis_driver {
namespace {

constexpr timeval kTimeout = {2, 0};
// The braces keep all keys in one slot of a cluster.
constexpr std::string_view kPrefix = "{tollgate}";

std::string_view text(const redisReply& reply) {
  return {reply.str, reply.len};
}

bool is_error(const redisReply& reply) {
  return reply.type == REDIS_REPLY_ERROR;
}

}  // namespace

template <typename... Words>
Store::Reply Store::ask(const Words&... words) {
  const std::array<std::string_view, sizeof...(Words)> all = {std::string_view(words)...};
  std::array<const char*, sizeof...(Words)> data = {};
  std::array<size_t, sizeof...(Words)> sizes = {};
  for (size_t i = 0; i < all.size(); ++i) {
    data[i] = all[i].data();
    sizes[i] = all[i].size();
  }
  return ask_words(static_cast<int>(all.size()), data.data(), sizes.data());
}

Store::Reply Store::ask_words(int count, const char** words, const size_t* sizes) {
  Reply reply(static_cast<redisReply*>(redisCommandArgv(context_.get(), count, words, sizes)));
  if (reply) return reply;
  const Failure failure(std::string("Redis: ") + context_->errstr);
  context_.reset();
  throw failure;
}

void Store::connect() {
  context_.reset(redisConnectWithTimeout(url_.host.c_str(), url_.port, kTimeout));
  if (!context_) throw std::bad_alloc();
  if (context_->err != 0) {
    const Failure failure(std::string("Redis cannot be reached: ") + context_->errstr);
    context_.reset();
    throw failure;
  }
  redisSetTimeout(context_.get(), kTimeout);
  // What Redis says to a wrong password is its own words, which do not repeat it.
  const auto must = [this](const Reply& reply) {
    if (!is_error(*reply)) return;
    const Failure failure("Redis refuses: " + std::string(text(*reply)));
    context_.reset();
    throw failure;
  };
  if (!url_.user.empty()) {
    must(ask("AUTH", url_.user, url_.password));
  } else if (!url_.password.empty()) {
    must(ask("AUTH", url_.password));
  }
  if (url_.database != 0) must(ask("SELECT", std::to_string(url_.database)));
  const Reply loaded = ask("SCRIPT", "LOAD", kApplyScript);
  must(loaded);
  script_ = text(*loaded);
}

const std::string& Store::apply(std::string_view batch) {
  if (!context_) connect();
  Reply reply = ask("EVALSHA", script_, "1", kPrefix, batch);
  if (is_error(*reply) && text(*reply).starts_with("NOSCRIPT")) {
    // Another Redis answers behind the same address, or it has forgotten.
    reply = ask("EVAL", kApplyScript, "1", kPrefix, batch);
  }
  if (is_error(*reply) && text(*reply).starts_with("BATCH ")) {
    throw std::invalid_argument(std::string(text(*reply).substr(6)));
  }
  if (is_error(*reply)) throw Failure("Redis: " + std::string(text(*reply)));
  if (reply->type != REDIS_REPLY_STRING) throw Failure("Redis answers something else");
  reply_ = text(*reply);
  return reply_;
}

}  // namespace tollgate::redis_driver
