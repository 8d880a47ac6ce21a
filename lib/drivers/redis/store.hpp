#pragma once

#include <hiredis/hiredis.h>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "drivers/redis/url.hpp"

namespace tollgate::redis_driver {

/// What Redis, or the way to it, failed with.
struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The ledger's journal in Redis. It connects when it has to.
class Store {
 public:
  explicit Store(Url url) : url_(std::move(url)) {}

  /// Throws Failure when Redis cannot be reached or refuses, std::invalid_argument for a bad batch.
  const std::string& apply(std::string_view batch);

 private:
  struct Disconnect {
    void operator()(redisContext* context) const { redisFree(context); }
  };
  struct Free {
    void operator()(void* reply) const { freeReplyObject(reply); }
  };
  using Reply = std::unique_ptr<redisReply, Free>;

  void connect();
  /// One command; throws Failure when the connection broke.
  template <typename... Words>
  Reply ask(const Words&... words);
  Reply ask_words(int count, const char** words, const size_t* sizes);

  Url url_;
  std::unique_ptr<redisContext, Disconnect> context_;
  std::string script_;  ///< Its SHA-1, as this connection's Redis knows it.
  std::string reply_;
};

}  // namespace tollgate::redis_driver
