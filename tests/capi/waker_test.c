/* waker.h. */
#define _POSIX_C_SOURCE 200809L
#include <poll.h>
#include <sys/resource.h>

#include "capi/check.h"
#include "capi/suites.h"

static int readable(const tg_waker* waker) {
  struct pollfd watched = {tg_waker_fd(waker), POLLIN, 0};
  return poll(&watched, 1, 0);
}

void waker_suite(void) {
  PHASE("a waker's arguments");
  tg_waker* waker = NULL;
  tg_error* error = NULL;
  uint64_t tokens[4] = {0};
  tg_waker_free(NULL);
  CHECK(tg_waker_fd(NULL) == -1);
  tg_waker_wake(1, NULL);
  CHECK(tg_waker_take(NULL, tokens, 4) == 0);
  CHECK_STATUS(TG_E_INVALID, tg_waker_create(NULL, &error));
  check_error(error, TG_E_INVALID, "NULL");

  PHASE("tokens come once each, and the descriptor is readable until they are taken");
  CHECK_OK(tg_waker_create(&waker, NULL));
  CHECK(readable(waker) == 0);
  for (uint64_t token = 1; token <= 5; ++token)
    tg_waker_wake(token, waker);
  tg_waker_wake(3, waker);
  CHECK(readable(waker) == 1);
  CHECK(tg_waker_take(waker, NULL, 4) == 0);
  CHECK(tg_waker_take(waker, tokens, 0) == 0);
  CHECK(tg_waker_take(waker, tokens, 4) == 4);
  CHECK(readable(waker) == 1);
  uint64_t sum = tokens[0] + tokens[1] + tokens[2] + tokens[3];
  CHECK(tg_waker_take(waker, tokens, 4) == 1);
  CHECK(sum + tokens[0] == 15);
  CHECK(readable(waker) == 0);
  CHECK(tg_waker_take(waker, tokens, 4) == 0);

  PHASE("no descriptor left");
  struct rlimit limit;
  CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  const struct rlimit none = {0, limit.rlim_max};
  tg_waker* second = waker;
  CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
  const tg_status status = tg_waker_create(&second, &error);
  CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
  CHECK_STATUS(TG_E_LIMIT, status);
  check_error(error, TG_E_LIMIT, "descriptor");
  CHECK(second == NULL);
  tg_waker_free(waker);
}
