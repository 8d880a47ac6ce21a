#include "exchange/action_queue.hpp"

#include "support/catch.hpp"

namespace tollgate::exchange {
namespace {

TEST_CASE("actions come out in order, bodies in a row as one") {
  ActionQueue queue;
  queue.push(TG_ACTION_CLIENT_HEAD);
  queue.push(TG_ACTION_CLIENT_BODY);
  queue.push(TG_ACTION_CLIENT_BODY);
  queue.push(TG_ACTION_CLIENT_END);
  CHECK(queue.pop().kind == TG_ACTION_CLIENT_HEAD);
  CHECK(queue.pop().kind == TG_ACTION_CLIENT_BODY);
  CHECK(queue.pop().kind == TG_ACTION_CLIENT_END);
  CHECK(queue.empty());
  CHECK(queue.pop().kind == TG_ACTION_WAIT);
}

TEST_CASE("an open that was not pulled can be taken back, once") {
  ActionQueue queue;
  queue.push(TG_ACTION_UPSTREAM_OPEN, 1);
  queue.push(TG_ACTION_UPSTREAM_OPEN, 2);
  CHECK(queue.withdraw_open(1));
  CHECK_FALSE(queue.withdraw_open(1));
  CHECK(queue.pop().upstream == 2);
}

TEST_CASE("a client that left gets nothing, upstream and record stay") {
  ActionQueue queue;
  queue.push(TG_ACTION_CLIENT_HEAD);
  queue.push(TG_ACTION_UPSTREAM_CANCEL, 1);
  queue.push(TG_ACTION_CLIENT_BODY);
  queue.push(TG_ACTION_RECORD);
  queue.push(TG_ACTION_CLIENT_END);
  queue.withdraw_client();
  CHECK(queue.pop().kind == TG_ACTION_UPSTREAM_CANCEL);
  CHECK(queue.pop().kind == TG_ACTION_RECORD);
  CHECK(queue.empty());
}

}  // namespace
}  // namespace tollgate::exchange
