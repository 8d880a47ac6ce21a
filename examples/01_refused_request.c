/* The smallest host: a request with an unknown token goes in, the refusal comes out. No network. */
#include <stdio.h>
#include <string.h>

#include "tollgate/tollgate.h"

static const char config[] =
    "type: provider-account/anthropic\n"
    "name: anthropic\n"
    "auth_data: {type: api-key, api_key: not-used-here}\n"
    "integrations:\n"
    "  - {name: claude, model_id: claude-sonnet-4-5, type: integration/model/anthropic,\n"
    "     model_types: [chat]}\n";

static tg_bytes bytes(const char* text) {
  return (tg_bytes){(const uint8_t*)text, strlen(text)};
}

int main(void) {
  const tg_time now = {1000000000, 1795338000000}; /* A real host asks its clock each time. */
  const tg_bytes headers[] = {bytes("authorization"), bytes("Bearer tg_nobody")};
  tg_gateway* gateway = NULL;
  tg_exchange* exchange = NULL;
  if (tg_gateway_create(bytes(config), NULL, now, &gateway, NULL) != TG_OK ||
      tg_exchange_create(gateway, NULL, now, &exchange, NULL) != TG_OK ||
      tg_exchange_client_head(exchange, bytes("POST"), bytes("/v1/messages"), headers, 1, now,
                              NULL) != TG_OK)
    return 1;
  tg_action action = TG_ACTION_INIT; /* Events in, actions out, until the library says DONE. */
  while (action.kind != TG_ACTION_DONE) {
    if (tg_exchange_next_action(exchange, &action, NULL) != TG_OK) return 1;
    if (action.kind == TG_ACTION_CLIENT_HEAD) printf("%u\n", (unsigned)action.http_status);
    if (action.kind == TG_ACTION_CLIENT_BODY)
      printf("%.*s\n", (int)action.body.size, (const char*)action.body.data);
  }
  tg_exchange_free(exchange);
  tg_gateway_free(gateway);
  return 0;
}
