/**
 * tg_policy: the decision alone. May this principal call this model, where would it go, and what
 * could it cost, with no exchange and no upstream.
 *
 * Life: tg_policy_create() from a gateway → tg_policy_free(). It keeps the configuration that was
 * in force when it was made. Threads: functions taking `const tg_policy*` may run at once.
 *
 *     tg_text* decision = NULL;
 *     tg_policy_explain(policy, headers, 1, request_json, now, &decision, &error);
 */
#ifndef TOLLGATE_POLICY_H
#define TOLLGATE_POLICY_H

#include "tollgate/abi.h"
#include "tollgate/error.h"
#include "tollgate/gateway.h"
#include "tollgate/text.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tg_policy tg_policy;

/**
 * Takes the policy of the configuration in force.
 *
 * @param gateway  Borrowed; may be freed before the policy.
 * @param policy   Receives the policy, owned by the caller. NULL on failure.
 * @param error    Optional.
 *
 * @return TG_OK. TG_E_INVALID for a NULL argument. TG_E_NOMEM.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_policy_create(const tg_gateway* gateway, tg_policy** policy, tg_error** error);

/**
 * Decides about a request without sending it.
 *
 * @param policy      Borrowed.
 * @param headers     Borrowed. pair_count pairs, with the credential among them. A pair named
 *                    ":path" says where the body is posted to.
 * @param pair_count  At most 200.
 * @param request     Borrowed. The body of a POST to /v1/messages, /v1/chat/completions or
 *                    /v1/responses. Without ":path" its members tell which; a body that fits
 *                    Messages is taken for that.
 * @param now         Host time.
 * @param decision    Receives JSON, owned by the caller: `allowed`, `denial` (null, or status, type
 *                    and message), `principal`, `candidates` [{target, verdict, reason}],
 *                    `distribution` {target: count}, `reservations` [{rule, kind, entity,
 *                    limit_name, mode, need, spent, reserved, limit, fits}] of the chosen target
 *                    (money in USD with nine decimals; a budget that caps lets a request through
 *                    that does not fit, with fewer output tokens), `cost_bound`: the most the
 *                    request as it is may cost there, in USD, null where no target was looked at;
 *                    `notes`.
 * @param error       Optional.
 *
 * @return TG_OK also when the answer is no. TG_E_INVALID for a NULL argument or more than 200
 *         pairs. TG_E_NOMEM.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_policy_explain(const tg_policy* policy, const tg_bytes* headers,
                                   uint32_t pair_count, tg_bytes request, tg_time now,
                                   tg_text** decision, tg_error** error);

/**
 * The same, drawn many times: where would the requests of that many conversations go?
 *
 * @param seed      Of the first draw. 0: the draw a gateway in service makes for the request's own
 *                  conversation. The same seed gives the same decision.
 * @param draws     1 to 1,000,000. Each draw after the first is that of another conversation.
 * @param decision  Receives JSON as tg_policy_explain() gives it; `distribution` counts all draws,
 *                  the rest tells of the first.
 *
 * The other parameters and the statuses are those of tg_policy_explain(); TG_E_INVALID also for
 * draws out of range.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_policy_explain_draws(const tg_policy* policy, const tg_bytes* headers,
                                         uint32_t pair_count, tg_bytes request, tg_time now,
                                         uint64_t seed, uint32_t draws, tg_text** decision,
                                         tg_error** error);

/**
 * Runs policy tests: requests through a configuration with a clock of their own and scripted
 * upstreams. Nothing is sent. docs/operating/policy-tests.md describes the cases.
 *
 * @param cases    Borrowed YAML: `config` and `cases`.
 * @param config   Borrowed YAML of the configuration. Empty: the file that `config` of the cases
 *                 names, asked for through options->lookup as TG_REFERENCE_FILE.
 * @param options  Borrowed; config_name and lookup are used. NULL for all defaults.
 * @param now      Host time, for cases that do not say `at`.
 * @param report   Receives JSON, owned by the caller: `passed`, `failed` (counts) and `cases`
 *                 [{name, passed, problems [text], target, attempts, status, message}].
 * @param error    Optional. On failure receives an error owned by the caller.
 *
 * @return TG_OK also when cases fail. TG_E_INVALID when the cases or the configuration have errors
 *         (all of them in the message) or an argument is NULL. TG_E_LIMIT when a text is larger
 *         than 16 MiB. TG_E_ABI, TG_E_NOMEM as for tg_gateway_create().
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_policy_test(tg_bytes cases, tg_bytes config, const tg_gateway_options* options,
                                tg_time now, tg_text** report, tg_error** error);

/** Releases the policy. NULL is allowed. Since: 0.1 (ABI 1). */
TG_API void tg_policy_free(tg_policy* policy);

#ifdef __cplusplus
}
#endif

#endif
