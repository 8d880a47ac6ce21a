/* The decision without the call: may this caller use this model, where would it go, and what could
 * it cost? No exchange, no upstream, nothing reserved. For a host that has its own way to the
 * providers, and for tests of a configuration.
 *
 * What it could cost at most stands in `cost_bound`, in USD; in `reservations` stands for each
 * budget that the request is in what would be reserved there. */
#include <stdio.h>
#include <string.h>

#include "tollgate/tollgate.h"

/* The tokens are "tg_example" and "tg_program"; tg_token_hash() makes the hashes. */
static const char config[] =
    "type: provider-account/anthropic\n"
    "name: anthropic\n"
    "auth_data: {type: api-key, api_key: not-used-here}\n"
    "collaborators: [{subject: \"team:writers\", role_id: provider-account-access}]\n"
    "integrations:\n"
    "  - {name: claude, model_id: claude-sonnet-4-5, type: integration/model/anthropic,\n"
    "     model_types: [chat]}\n"
    "---\n"
    "type: user\n"
    "name: ada@corp.example\n"
    "tokens: [{sha256: 849bcdf2697a91c638e19b84148f16dfc88df7d48e384922ea779360f0837bc4}]\n"
    "---\n"
    "type: team\n"
    "name: writers\n"
    "members: [ada@corp.example]\n"
    "---\n"
    "type: tenant-budget-config\n"
    "name: writers-daily\n"
    "when: {subjects: {teams: {in: [writers]}}}\n"
    "limits: {cost_per_day: 10}\n"
    "---\n"
    "type: virtual-account\n"
    "name: ci-bot\n"
    "tokens: [{sha256: c8a47d58f52f753b6178d226833e90cb98f9493268a06e05452ec1ad83cb197e}]\n";

static tg_bytes bytes(const char* text) {
  return (tg_bytes){(const uint8_t*)text, strlen(text)};
}

/* Asks and prints; 0 when the library could not decide at all. */
static int ask(const tg_policy* policy, const char* token, const char* model) {
  const tg_time now = {1000000000, 1795338000000};
  const tg_bytes headers[] = {bytes("x-api-key"), bytes(token)};
  char request[128];
  snprintf(request, sizeof request, "{\"model\": \"%s\", \"max_tokens\": 800, \"messages\": []}",
           model);
  tg_text* decision = NULL;
  if (tg_policy_explain(policy, headers, 1, bytes(request), now, &decision, NULL) != TG_OK)
    return 0;
  const tg_bytes json = tg_text_bytes(decision);
  printf("%s, %s:\n%.*s\n", token, model, (int)json.size, (const char*)json.data);
  tg_text_free(decision);
  return 1;
}

int main(void) {
  const tg_time now = {1000000000, 1795338000000};
  tg_gateway* gateway = NULL;
  tg_policy* policy = NULL;
  if (tg_gateway_create(bytes(config), NULL, now, &gateway, NULL) != TG_OK ||
      tg_policy_create(gateway, &policy, NULL) != TG_OK)
    return 1;
  tg_gateway_free(gateway); /* The policy keeps what it needs. */
  const int ok = ask(policy, "tg_example", "claude") && ask(policy, "tg_program", "claude") &&
                 ask(policy, "tg_example", "claude-of-tomorrow") &&
                 ask(policy, "tg_nobody", "claude");
  tg_policy_free(policy);
  return ok ? 0 : 1;
}
