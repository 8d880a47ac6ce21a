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
 * @param headers     Borrowed. pair_count pairs, with the credential among them.
 * @param pair_count  At most 200.
 * @param request     Borrowed. The body of a POST /v1/messages.
 * @param now         Host time.
 * @param decision    Receives JSON, owned by the caller: `allowed`, `denial` (null, or status, type
 *                    and message), `principal`, `candidates` [{target, verdict, reason}],
 *                    `distribution` {target: count}, `reservations`, `notes`.
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

/** Releases the policy. NULL is allowed. Since: 0.1 (ABI 1). */
TG_API void tg_policy_free(tg_policy* policy);

#ifdef __cplusplus
}
#endif

#endif
