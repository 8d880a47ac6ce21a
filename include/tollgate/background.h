/**
 * tg_background: the gateway's own work, which belongs to no client.
 *
 * Records of exchanges that were freed before DONE come out here, and the ledger's journal where it
 * is kept. This version makes no upstream calls of its own here: tokens, keys and notifications are
 * calls of exchanges. A host that has no road for such calls (tg_curl drives exchanges only)
 * answers an UPSTREAM_OPEN with tg_background_upstream_failed(), TG_FAILURE_HOST. A host opens one,
 * gives it to one thread, and treats it like an exchange: pull actions until WAIT, tick by the
 * deadline or when woken (tg_gateway_options.background_wake_token).
 *
 * Life: tg_background_open() → … → tg_background_close(). It holds its own reference to the
 * gateway. Threads: one thread at a time.
 *
 *     tg_action action = TG_ACTION_INIT;
 *     tg_background_tick(background, now, NULL);
 *     while (tg_background_next_action(background, &action, NULL) == TG_OK &&
 *            action.kind != TG_ACTION_WAIT)
 *       if (action.kind == TG_ACTION_RECORD) keep(action.body);
 */
#ifndef TOLLGATE_BACKGROUND_H
#define TOLLGATE_BACKGROUND_H

#include "tollgate/abi.h"
#include "tollgate/action.h"
#include "tollgate/error.h"
#include "tollgate/gateway.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tg_background tg_background;

/**
 * Opens the gateway's background work.
 *
 * @param gateway     Borrowed.
 * @param now         Host time.
 * @param background  Receives the handle, owned by the caller. NULL on failure.
 * @param error       Optional.
 *
 * @return TG_OK. TG_E_STATE when this gateway's background is open already. TG_E_INVALID for a NULL
 *         argument. TG_E_NOMEM.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_background_open(const tg_gateway* gateway, tg_time now,
                                    tg_background** background, tg_error** error);

/** Says what time it is. TG_OK, TG_E_INVALID for NULL, TG_E_NOMEM. Since: 0.1 (ABI 1). */
TG_API tg_status tg_background_tick(tg_background* background, tg_time now, tg_error** error);

/**
 * Gives the next thing to do: RECORD, JOURNAL, UPSTREAM_OPEN, UPSTREAM_CANCEL or WAIT; never DONE.
 * Returns as tg_exchange_next_action(). Pointers are valid until the next call on the handle.
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_background_next_action(tg_background* background, tg_action* action,
                                           tg_error** error);

/**
 * Has the ledger's journal kept: from now on no request reaches an upstream before its reservations
 * are in a store. TG_ACTION_JOURNAL then gives batches, one at a time; hand each to a store (as
 * tg_sqlite_apply()) and report with tg_background_journal_done() or
 * tg_background_journal_failed(). Call it before the first exchange.
 *
 * @param background  A handle of this gateway.
 * @param now         Host time.
 * @param error       Optional.
 *
 * @return TG_OK. TG_E_STATE when the journal is kept already. TG_E_INVALID for NULL. TG_E_NOMEM.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_background_journal_start(tg_background* background, tg_time now,
                                             tg_error** error);

/**
 * The store has applied the batch of the last TG_ACTION_JOURNAL.
 *
 * @param background  The handle that gave the batch.
 * @param reply       Borrowed; the store's answer, one JSON object.
 * @param now         Host time.
 * @param error       Optional.
 *
 * @return TG_OK; exchanges that waited for it are woken. TG_E_STATE when no batch is under way.
 *         TG_E_INVALID for NULL or an answer that is none: the batch then counts as failed.
 *         TG_E_NOMEM.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_background_journal_done(tg_background* background, tg_bytes reply, tg_time now,
                                            tg_error** error);

/**
 * The store could not be reached or written. The same batch comes again a little later; requests
 * wait for it up to five seconds and then fail with 503.
 *
 * @return TG_OK. TG_E_STATE when no batch is under way. TG_E_INVALID for NULL.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_background_journal_failed(tg_background* background, tg_time now,
                                              tg_error** error);

/** An answer's head to one of the background's own upstream calls, as tg_exchange_upstream_head().
 * An attempt the background does not have is ignored (TG_OK). Since: 0.1 (ABI 1). */
TG_API tg_status tg_background_upstream_head(tg_background* background, uint32_t attempt,
                                             uint32_t status, const tg_bytes* headers,
                                             uint32_t pair_count, tg_time now, tg_error** error);
/** As tg_exchange_upstream_body(), for the background's own calls. Since: 0.1 (ABI 1). */
TG_API tg_status tg_background_upstream_body(tg_background* background, uint32_t attempt,
                                             tg_bytes body, tg_time now, tg_error** error);
/** As tg_exchange_upstream_end(), for the background's own calls. Since: 0.1 (ABI 1). */
TG_API tg_status tg_background_upstream_end(tg_background* background, uint32_t attempt,
                                            tg_time now, tg_error** error);
/** As tg_exchange_upstream_failed(), for the background's own calls. Since: 0.1 (ABI 1). */
TG_API tg_status tg_background_upstream_failed(tg_background* background, uint32_t attempt,
                                               int32_t failure, tg_bytes detail, tg_time now,
                                               tg_error** error);

/** Closes the handle; records not pulled yet stay with the gateway for the next open. NULL is
 * allowed. Since: 0.1 (ABI 1). */
TG_API void tg_background_close(tg_background* background);

#ifdef __cplusplus
}
#endif

#endif
