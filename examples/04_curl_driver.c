/* The same exchange over the network: the bundled libcurl driver does the upstream's side, the host
 * says what to do with the answer. One thread per request.
 *
 *     04_curl_driver URL      URL of an upstream that speaks Anthropic Messages */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tollgate/curl.h"
#include "tollgate/tollgate.h"

/* The token is "tg_example"; the upstream's URL and key come by reference. */
static const char config[] =
    "type: provider-account/anthropic\n"
    "name: anthropic\n"
    "base_url: ${UPSTREAM_URL}\n"
    "auth_data: {type: api-key, api_key: \"${UPSTREAM_KEY}\"}\n"
    "integrations:\n"
    "  - {name: claude, model_id: claude-sonnet-4-5, type: integration/model/anthropic,\n"
    "     model_types: [chat]}\n"
    "---\n"
    "type: user\n"
    "name: ada@corp.example\n"
    "tokens: [{sha256: 849bcdf2697a91c638e19b84148f16dfc88df7d48e384922ea779360f0837bc4}]\n";

static const char request[] =
    "{\"model\": \"claude\", \"max_tokens\": 64, \"stream\": true,"
    " \"messages\": [{\"role\": \"user\", \"content\": \"Say hello\"}]}";

static tg_bytes bytes(const char* text) {
  return (tg_bytes){(const uint8_t*)text, strlen(text)};
}

static tg_time clock_now(void) {
  struct timespec mono;
  struct timespec wall;
  clock_gettime(CLOCK_MONOTONIC, &mono);
  clock_gettime(CLOCK_REALTIME, &wall);
  return (tg_time){(uint64_t)mono.tv_sec * 1000000000 + (uint64_t)mono.tv_nsec,
                   (int64_t)wall.tv_sec * 1000 + wall.tv_nsec / 1000000};
}

/* A configuration names its secrets; the host says what they are. */
static int32_t look_up(int32_t kind, tg_bytes name, tg_bytes* value, void* user) {
  if (kind != TG_REFERENCE_ENV) return 0;
  const int is_url = name.size == 12 && memcmp(name.data, "UPSTREAM_URL", 12) == 0;
  *value = bytes(is_url ? (const char*)user : "the-account-key");
  return 1;
}

static int32_t on_head(const tg_action* action, void* user) {
  (void)user;
  printf("%u\n", (unsigned)action->http_status);
  return TG_CURL_CLIENT_OK;
}

static int32_t on_body(tg_bytes body, int32_t more, void* user) {
  (void)user;
  (void)more; /* A host with a socket may hold back its flush while there is more. */
  fwrite(body.data, 1, body.size, stdout);
  return TG_CURL_CLIENT_OK;
}

static void on_end(int32_t aborted, void* user) {
  (void)user;
  printf("%s\n", aborted ? "aborted" : "end");
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  tg_gateway_options options = TG_GATEWAY_OPTIONS_INIT;
  options.lookup = look_up;
  options.lookup_user = argv[1];
  tg_gateway* gateway = NULL;
  tg_exchange* exchange = NULL;
  tg_curl* curl = NULL;
  tg_error* error = NULL;
  const tg_bytes headers[] = {bytes("x-api-key"), bytes("tg_example")};
  int ok = tg_gateway_create(bytes(config), &options, clock_now(), &gateway, &error) == TG_OK &&
           tg_curl_create(NULL, &curl, &error) == TG_OK &&
           tg_exchange_create(gateway, NULL, clock_now(), &exchange, &error) == TG_OK &&
           tg_exchange_client_head(exchange, bytes("POST"), bytes("/v1/messages"), headers, 1,
                                   clock_now(), &error) == TG_OK &&
           tg_exchange_client_body(exchange, bytes(request), clock_now(), &error) == TG_OK &&
           tg_exchange_client_end(exchange, clock_now(), &error) == TG_OK;
  if (ok) {
    tg_curl_client client = TG_CURL_CLIENT_INIT;
    client.on_head = on_head;
    client.on_body = on_body;
    client.on_end = on_end;
    ok = tg_curl_run(curl, exchange, &client, &error) == TG_OK; /* Returns at DONE. */
  }
  const tg_bytes message = tg_error_message(error);
  if (!ok) fprintf(stderr, "%.*s\n", (int)message.size, (const char*)message.data);
  tg_error_free(error);
  tg_exchange_free(exchange);
  tg_curl_free(curl);
  tg_gateway_free(gateway);
  return ok ? 0 : 1;
}
