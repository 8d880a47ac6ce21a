/**
 * tg_redis: the ledger's store in Redis, for gateways on several machines.
 *
 * It applies the batches of TG_ACTION_JOURNAL, each by one script that Redis runs whole: every
 * reservation is judged against what all gateways hold together. What a gateway held open that has
 * been silent for 30 seconds is booked in full.
 *
 * Amounts are exact up to 2^53 (9,007,199 US dollars in one counter's window). What survives
 * a crash of Redis is Redis's own setting; `appendonly yes` with `appendfsync always` loses
 * nothing.
 *
 * Life: tg_redis_open() → tg_redis_apply()… → tg_redis_close(). Calls block for the network: make
 * them on a thread that may wait (the background's).
 * Threads: one thread at a time for each handle. A handle does not survive fork().
 * In libtollgate_redis; it uses nothing but the public headers.
 *
 *     tg_redis* store = NULL;
 *     tg_redis_open(url, &store, &error);
 *     if (tg_redis_apply(store, action.body, &reply, &error) == TG_OK)
 *       tg_background_journal_done(background, reply, now, NULL);
 *     else
 *       tg_background_journal_failed(background, now, NULL);
 */
#ifndef TOLLGATE_REDIS_H
#define TOLLGATE_REDIS_H

#include "tollgate/abi.h"
#include "tollgate/error.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tg_redis tg_redis;

/**
 * Makes a store. It connects at the first batch, and again whenever the connection was lost.
 *
 * @param url    Borrowed: redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE], percent-encoded.
 * @param store  Receives the store, owned by the caller. NULL on failure.
 * @param error  Optional. It never shows the password.
 *
 * @return TG_OK. TG_E_INVALID for NULL, a URL of another form, or rediss:// (this driver has no
 *         TLS). TG_E_NOMEM.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_redis_open(tg_bytes url, tg_redis** store, tg_error** error);

/**
 * Applies one batch, whole or not at all. A batch that was applied before gives its first answer
 * again, also when only the answer was lost on the way.
 *
 * @param store  Borrowed.
 * @param batch  Borrowed; the body of a TG_ACTION_JOURNAL.
 * @param reply  Receives the answer for tg_background_journal_done(), valid until the next call on
 *               the store.
 * @param error  Optional.
 *
 * @return TG_OK. TG_E_INVALID for NULL or a batch that is none. TG_E_INTERNAL when Redis cannot be
 *         reached within two seconds or refuses. TG_E_NOMEM.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_redis_apply(tg_redis* store, tg_bytes batch, tg_bytes* reply, tg_error** error);

/** Closes the store. NULL is allowed. Since: 0.1 (ABI 1). */
TG_API void tg_redis_close(tg_redis* store);

#ifdef __cplusplus
}
#endif

#endif
