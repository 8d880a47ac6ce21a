/* What the C tests share: named phases, checks that say where, and one configuration. */
#ifndef TOLLGATE_TESTS_CAPI_CHECK_H
#define TOLLGATE_TESTS_CAPI_CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tollgate/tollgate.h"

extern const char* phase;
#define PHASE(name) (phase = (name))

#define CHECK(condition)                                                                 \
  do {                                                                                   \
    if (!(condition)) {                                                                  \
      fprintf(stderr, "%s:%d: %s: not so: %s\n", __FILE__, __LINE__, phase, #condition); \
      exit(1);                                                                           \
    }                                                                                    \
  } while (0)

#define CHECK_STATUS(expected, call)                                               \
  do {                                                                             \
    const tg_status check_status = (call);                                         \
    if (check_status != (expected)) {                                              \
      fprintf(stderr, "%s:%d: %s: status %d from %s\n", __FILE__, __LINE__, phase, \
              (int)check_status, #call);                                           \
      exit(1);                                                                     \
    }                                                                              \
  } while (0)

#define CHECK_OK(call) CHECK_STATUS(TG_OK, call)

/* A struct of a caller who is newer than the library: `tail` bytes are unknown to it. */
#define NEWER(type) \
  struct {          \
    type known;     \
    uint64_t tail;  \
  }

static const tg_time now = {1000000000, 1795338000000};

static inline tg_bytes bytes(const char* text) {
  return (tg_bytes){(const uint8_t*)text, strlen(text)};
}

static const tg_bytes bad_bytes = {NULL, 1};

static inline int contains(tg_bytes text, const char* part) {
  const size_t size = strlen(part);
  for (size_t i = 0; i + size <= text.size; ++i) {
    if (memcmp(text.data + i, part, size) == 0) return 1;
  }
  return 0;
}

/* The error says what the status says; consumes it. */
static inline void check_error(tg_error* error, tg_status status, const char* message) {
  CHECK(error != NULL);
  CHECK(tg_error_status(error) == status);
  CHECK(contains(tg_error_message(error), message));
  tg_error_free(error);
}

/* Tokens: "token-1" is a user's who may use the model "claude", "token-2" a program's. */
#define TEST_CONFIG                                                                        \
  "type: provider-account/anthropic\n"                                                     \
  "name: main\n"                                                                           \
  "base_url: http://127.0.0.1:9\n"                                                         \
  "auth_data: {type: api-key, api_key: upstream-key}\n"                                    \
  "collaborators: [{subject: \"user:ada\", role_id: provider-account-access}]\n"           \
  "integrations:\n"                                                                        \
  "  - {name: claude, model_id: claude, type: integration/model/anthropic, model_types: "  \
  "[chat]}\n"                                                                              \
  "---\n"                                                                                  \
  "type: user\n"                                                                           \
  "name: ada\n"                                                                            \
  "tokens: [{sha256: 3f08aace122ee2368432c1ca23a049bc640bafbf00fdf33a52429f38ba12dbf9}]\n" \
  "---\n"                                                                                  \
  "type: virtual-account\n"                                                                \
  "name: ci\n"                                                                             \
  "tokens: [{sha256: 0f6bffa9661cb5dd2f3f7b2929f33061f58a7ba7fdd689530b1a306f8ed8f3ec}]\n"

#define TEST_REQUEST "{\"model\":\"claude\",\"max_tokens\":8,\"messages\":[]}"
#define TEST_ANSWER                                                                     \
  "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude\"," \
  "\"content\":[],"                                                                     \
  "\"stop_reason\":\"end_turn\",\"usage\":{\"input_tokens\":3,\"output_tokens\":4}}"

static inline tg_gateway* make_gateway(const tg_gateway_options* options) {
  tg_gateway* gateway = NULL;
  CHECK_OK(tg_gateway_create(bytes(TEST_CONFIG), options, now, &gateway, NULL));
  CHECK(gateway != NULL);
  return gateway;
}

static inline tg_exchange* make_exchange(const tg_gateway* gateway) {
  tg_exchange* exchange = NULL;
  CHECK_OK(tg_exchange_create(gateway, NULL, now, &exchange, NULL));
  CHECK(exchange != NULL);
  return exchange;
}

/* Feeds the head of a POST /v1/messages of token-1. */
static inline void feed_head(tg_exchange* exchange) {
  const tg_bytes headers[] = {bytes("X-Api-Key"), bytes("token-1")};
  CHECK_OK(tg_exchange_client_head(exchange, bytes("POST"), bytes("/v1/messages"), headers, 1, now,
                                   NULL));
}

static inline void feed_request(tg_exchange* exchange) {
  feed_head(exchange);
  CHECK_OK(tg_exchange_client_body(exchange, bytes(TEST_REQUEST), now, NULL));
  CHECK_OK(tg_exchange_client_end(exchange, now, NULL));
}

/* Pulls one action and checks its kind. */
static inline tg_action expect(tg_exchange* exchange, tg_action_kind kind) {
  tg_action action = TG_ACTION_INIT;
  CHECK_OK(tg_exchange_next_action(exchange, &action, NULL));
  CHECK(action.struct_size == sizeof action);
  CHECK(action.kind == (int32_t)kind);
  return action;
}

/* Pulls to DONE and gives the status the client was sent, 0 for none. */
static inline uint32_t run_to_done(tg_exchange* exchange) {
  tg_action action = TG_ACTION_INIT;
  uint32_t status = 0;
  for (int i = 0; i < 100; ++i) {
    CHECK_OK(tg_exchange_next_action(exchange, &action, NULL));
    if (action.kind == TG_ACTION_CLIENT_HEAD) status = action.http_status;
    if (action.kind == TG_ACTION_DONE) return status;
    CHECK(action.kind != TG_ACTION_WAIT);
  }
  CHECK(action.kind == TG_ACTION_DONE);
  return 0;
}

#endif
