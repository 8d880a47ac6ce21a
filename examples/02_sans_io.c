/* A whole exchange without a socket: the host loop, and an upstream that stands in memory.
 *
 * The library never performs anything itself. It says what it wants (perform() does it) and is told
 * what happened (main() plays the client, the upstream and the clock). */
#include <stdio.h>
#include <string.h>

#include "tollgate/tollgate.h"

/* The hash is that of the token "tg_example"; tg_token_hash() makes it. */
static const char config[] =
    "type: provider-account/anthropic\n"
    "name: anthropic\n"
    "base_url: http://upstream.example\n"
    "auth_data: {type: api-key, api_key: the-account-key}\n"
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

/* What the upstream answers, in the pieces in which it arrives: any split is allowed. */
static const char* const answer[] = {
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\","
    "\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-sonnet-4-5\",\"content\":[],"
    "\"stop_reason\":null,\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}}\n\n",
    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,"
    "\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\nevent: content_block_de",
    "lta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
    "\"delta\":{\"type\":\"text_delta\",\"text\":\"Hello\"}}\n\n",
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n",
    "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"
    "\"end_turn\"},\"usage\":{\"output_tokens\":2}}\n\n",
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
};

static tg_bytes bytes(const char* text) {
  return (tg_bytes){(const uint8_t*)text, strlen(text)};
}

static void print(const char* label, tg_bytes text) {
  printf("%s%.*s\n", label, (int)text.size, (const char*)text.data);
}

/* The clock of this program; a real host reads CLOCK_MONOTONIC and CLOCK_REALTIME. */
static tg_time now = {1000000000, 1795338000000};

static uint32_t attempt; /* The upstream call that is open. */

static void perform(const tg_action* action) {
  switch (action->kind) {
    case TG_ACTION_UPSTREAM_OPEN: /* A real host connects and sends headers and body spans. */
      attempt = action->upstream;
      print("upstream: POST ", action->url);
      break;
    case TG_ACTION_CLIENT_HEAD:
      printf("client: %u\n", (unsigned)action->http_status);
      break;
    case TG_ACTION_CLIENT_BODY:
      print("client: ", action->body);
      break;
    case TG_ACTION_CLIENT_END:
      printf("client: end\n");
      break;
    case TG_ACTION_RECORD: /* One JSON object: who, which model, tokens, cost, timings. */
      printf("record: %s\n", action->body.size > 0 ? "kept" : "empty");
      break;
    default: /* A host ignores kinds it does not know. */
      break;
  }
}

/* The host loop: performs everything the library wants now. 1 at the end, 0 to wait, -1 failed. */
static int pump(tg_exchange* exchange) {
  tg_action action = TG_ACTION_INIT;
  while (tg_exchange_next_action(exchange, &action, NULL) == TG_OK) {
    if (action.kind == TG_ACTION_DONE) return 1;
    if (action.kind == TG_ACTION_WAIT) return 0; /* A real host arms a timer: deadline_ns. */
    perform(&action);
  }
  return -1;
}

int main(void) {
  tg_gateway* gateway = NULL;
  tg_exchange* exchange = NULL;
  tg_error* error = NULL;
  if (tg_gateway_create(bytes(config), NULL, now, &gateway, &error) != TG_OK) {
    print("config: ", tg_error_message(error));
    tg_error_free(error);
    return 1;
  }
  const tg_bytes headers[] = {bytes("x-api-key"), bytes("tg_example")};
  int ok = tg_exchange_create(gateway, NULL, now, &exchange, NULL) == TG_OK &&
           tg_exchange_client_head(exchange, bytes("POST"), bytes("/v1/messages"), headers, 1, now,
                                   NULL) == TG_OK &&
           tg_exchange_client_body(exchange, bytes(request), now, NULL) == TG_OK &&
           tg_exchange_client_end(exchange, now, NULL) == TG_OK && pump(exchange) == 0;

  const tg_bytes type[] = {bytes("content-type"), bytes("text/event-stream")};
  ok = ok && tg_exchange_upstream_head(exchange, attempt, 200, type, 1, now, NULL) == TG_OK &&
       pump(exchange) == 0;
  /* One chunk, then pump to WAIT, then the next: that is the whole of back-pressure. */
  for (size_t i = 0; ok && i < sizeof answer / sizeof *answer; ++i) {
    now.mono_ns += 20000000;
    now.wall_ms += 20;
    ok = tg_exchange_upstream_body(exchange, attempt, bytes(answer[i]), now, NULL) == TG_OK &&
         pump(exchange) >= 0;
  }
  ok = ok && tg_exchange_upstream_end(exchange, attempt, now, NULL) == TG_OK && pump(exchange) == 1;
  tg_exchange_free(exchange);
  tg_gateway_free(gateway);
  return ok ? 0 : 1;
}
