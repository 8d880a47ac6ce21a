/* policy.h. */
#include "capi/check.h"
#include "capi/suites.h"

static void check_decision(const tg_policy* policy, const char* token, const char* model,
                           const char* const expected[]) {
  const tg_bytes headers[] = {bytes("authorization"), bytes(token)};
  char request[200];
  snprintf(request, sizeof request, "{\"model\":\"%s\",\"max_tokens\":1,\"messages\":[]}", model);
  tg_text* decision = NULL;
  CHECK_OK(tg_policy_explain(policy, headers, 1, bytes(request), now, &decision, NULL));
  for (size_t i = 0; expected[i] != NULL; ++i)
    CHECK(contains(tg_text_bytes(decision), expected[i]));
  tg_text_free(decision);
}

void policy_suite(void) {
  PHASE("a policy's arguments");
  tg_gateway* gateway = make_gateway(NULL);
  tg_policy* policy = NULL;
  tg_text* decision = NULL;
  tg_error* error = NULL;
  tg_policy_free(NULL);
  CHECK_STATUS(TG_E_INVALID, tg_policy_create(NULL, &policy, &error));
  check_error(error, TG_E_INVALID, "NULL");
  CHECK_STATUS(TG_E_INVALID, tg_policy_create(gateway, NULL, NULL));
  CHECK_OK(tg_policy_create(gateway, &policy, NULL));
  const tg_bytes request = bytes(TEST_REQUEST);
  const tg_bytes pair[] = {bytes("name"), bad_bytes};
  CHECK_STATUS(TG_E_INVALID, tg_policy_explain(NULL, NULL, 0, request, now, &decision, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_policy_explain(policy, NULL, 1, request, now, &decision, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_policy_explain(policy, pair, 1, request, now, &decision, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_policy_explain(policy, NULL, 0, request, now, NULL, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_policy_explain(policy, NULL, 0, bad_bytes, now, &decision, NULL));
  CHECK_STATUS(TG_E_INVALID, tg_policy_explain(policy, pair, 201, request, now, &decision, &error));
  check_error(error, TG_E_INVALID, "200");

  PHASE("decisions");
  const char* const yes[] = {"\"allowed\":true", "\"denial\":null", "\"principal\":\"user:ada\"",
                             "\"target\":\"main/claude\"", NULL};
  const char* const no[] = {"\"allowed\":false", "\"status\":400",
                            "\"principal\":\"virtualaccount:ci\"", NULL};
  const char* const who[] = {"\"allowed\":false", "\"status\":401", "\"principal\":\"anonymous\"",
                             NULL};
  check_decision(policy, "Bearer token-1", "claude", yes);
  check_decision(policy, "Bearer token-2", "claude", no);
  check_decision(policy, "Bearer token-3", "claude", who);

  PHASE("a policy outlives its gateway and keeps its configuration");
  CHECK_OK(tg_gateway_reload(gateway, bytes("type: team\nname: t\nmembers: []\n"), now, NULL));
  check_decision(policy, "Bearer token-1", "claude", yes);
  tg_gateway_free(gateway);
  check_decision(policy, "Bearer token-1", "claude", yes);
  CHECK_OK(tg_policy_explain(policy, NULL, 0, bytes("not JSON"), now, &decision, NULL));
  CHECK(contains(tg_text_bytes(decision), "\"allowed\":false"));
  tg_text_free(decision);
  tg_policy_free(policy);
}
