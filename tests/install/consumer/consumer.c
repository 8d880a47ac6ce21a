#include <stdio.h>
#include <string.h>

#include "tollgate/tollgate.h"

static tg_bytes bytes_of(const char* text) {
  tg_bytes bytes = {(const uint8_t*)text, strlen(text)};
  return bytes;
}

int main(void) {
  if (tg_abi_version() != TG_ABI_VERSION) return 1;

  char hash[TG_TOKEN_HASH_SIZE];
  if (tg_token_hash(bytes_of("secret"), hash) != TG_OK || strlen(hash) != 64) return 2;

  const char* config =
      "type: provider-account/anthropic\n"
      "name: main\n"
      "auth_data: {type: api-key, api_key: key}\n"
      "integrations:\n"
      "  - {name: sonnet, model_id: sonnet, type: integration/model/anthropic}\n";
  const tg_time now = {1000000000, 1700000000000};
  tg_gateway* gateway = NULL;
  tg_error* error = NULL;
  if (tg_gateway_create(bytes_of(config), NULL, now, &gateway, &error) != TG_OK) {
    tg_bytes message = tg_error_message(error);
    fprintf(stderr, "%.*s\n", (int)message.size, (const char*)message.data);
    tg_error_free(error);
    return 3;
  }
  tg_gateway_free(gateway);
  printf("tollgate %s\n", tg_version_string());
  return 0;
}
