/**
 * tg_ledger: the money alone. Scopes with limits, and reservations that are settled or voided once.
 *
 * The promise: settled + reserved <= limit holds for every admission in every scope, whatever runs
 * at the same time. What a provider bills above its reservation is booked as overrun and closes the
 * scope. Amounts are integer nano-USD.
 *
 * Life: tg_ledger_create() → tg_ledger_free(). In memory; nothing is written anywhere.
 * Threads: functions taking `const tg_ledger*` may run at once.
 *
 *     tg_bytes scope = {(const uint8_t*)"team:platform", 13};
 *     tg_ledger_limit_set(ledger, scope, 5000000000, NULL);  // 5 USD
 *     tg_ledger_reserve(ledger, &scope, 1, 20000000, expires_ns, now, &reservation, &error);
 *     tg_ledger_settle(ledger, reservation, 17000000, now, NULL);
 */
#ifndef TOLLGATE_LEDGER_H
#define TOLLGATE_LEDGER_H

#include "tollgate/abi.h"
#include "tollgate/error.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tg_ledger tg_ledger;

/** limit_nano_usd of a scope without a limit. */
#define TG_LEDGER_UNLIMITED INT64_MAX

/** Where a scope stands. */
typedef struct tg_ledger_balance {
  size_t struct_size;        /**< Set by TG_LEDGER_BALANCE_INIT. */
  int64_t limit_nano_usd;    /**< TG_LEDGER_UNLIMITED when there is none. */
  int64_t settled_nano_usd;  /**< Spent, within reservations. */
  int64_t reserved_nano_usd; /**< Held by open reservations. */
  int64_t overrun_nano_usd;  /**< Spent above reservations. Sums stop at INT64_MAX. */
} tg_ledger_balance;

#define TG_LEDGER_BALANCE_INIT \
  { sizeof(tg_ledger_balance), 0, 0, 0, 0 }

/** Makes an empty ledger. TG_E_INVALID for NULL, TG_E_NOMEM. Since: 0.1 (ABI 1). */
TG_API tg_status tg_ledger_create(tg_ledger** ledger, tg_error** error);

/**
 * Sets or changes a scope's limit. A lower limit closes admission; it undoes nothing.
 *
 * @param scope           Borrowed name, 1 to 256 bytes.
 * @param limit_nano_usd  0 or more; TG_LEDGER_UNLIMITED for none.
 *
 * @return TG_OK. TG_E_INVALID for a bad name or a negative limit. TG_E_LIMIT above 1,000,000
 * scopes. TG_E_NOMEM.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_ledger_limit_set(const tg_ledger* ledger, tg_bytes scope,
                                     int64_t limit_nano_usd, tg_error** error);

/**
 * Reserves an amount in all scopes at once, or in none.
 *
 * @param scopes           Borrowed names, 1 to 256; a scope never seen before has no limit. One
 * that is named twice counts once.
 * @param scope_count      Their number.
 * @param amount_nano_usd  The upper bound of the cost, 0 or more.
 * @param expires_mono_ns  From then on the reservation counts as settled in full. TG_NO_DEADLINE
 *                         (UINT64_MAX): never.
 * @param now              Host time.
 * @param reservation      Receives its id, never 0.
 *
 * @return TG_OK. TG_E_LIMIT when it does not fit: tg_error_path() names the first such scope, the
 *         message says what is left; also above 1,048,576 open reservations or 1,000,000 scopes,
 *         and when the reservations open in an unlimited scope would exceed INT64_MAX. TG_E_INVALID
 * for NULL, a bad name or a negative amount. TG_E_NOMEM.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_ledger_reserve(const tg_ledger* ledger, const tg_bytes* scopes,
                                   uint32_t scope_count, int64_t amount_nano_usd,
                                   uint64_t expires_mono_ns, tg_time now, uint64_t* reservation,
                                   tg_error** error);

/**
 * Settles a reservation with its true cost. What exceeds the reservation is booked as overrun.
 *
 * @return TG_OK. TG_E_STATE when it was settled, voided or has expired before. TG_E_INVALID for a
 *         negative cost.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_ledger_settle(const tg_ledger* ledger, uint64_t reservation,
                                  int64_t cost_nano_usd, tg_time now, tg_error** error);

/** Gives a reservation back unused. Returns as tg_ledger_settle(). Since: 0.1 (ABI 1). */
TG_API tg_status tg_ledger_void(const tg_ledger* ledger, uint64_t reservation, tg_time now,
                                tg_error** error);

/** Tells where a scope stands; a scope never seen is unlimited and empty. TG_E_INVALID for NULL.
 * Since: 0.1 (ABI 1). */
TG_API tg_status tg_ledger_balance_get(const tg_ledger* ledger, tg_bytes scope, tg_time now,
                                       tg_ledger_balance* balance, tg_error** error);

/** Releases the ledger. NULL is allowed. Since: 0.1 (ABI 1). */
TG_API void tg_ledger_free(tg_ledger* ledger);

#ifdef __cplusplus
}
#endif

#endif
