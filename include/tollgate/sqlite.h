/**
 * tg_sqlite: the ledger's store in one SQLite file, for one machine.
 *
 * It applies the batches of TG_ACTION_JOURNAL. Several processes may open the same file: each
 * batch's reservations are judged against what all of them hold together, so that a budget is kept
 * by all as one. What a process held open when it was killed is booked in full.
 *
 * Life: tg_sqlite_open() → tg_sqlite_apply()… → tg_sqlite_close(). Calls block while the file is
 * written: make them on a thread that may wait (the background's).
 * Threads: one thread at a time for each handle. A handle does not survive fork().
 * In libtollgate_sqlite; it uses nothing but the public headers.
 *
 *     if (action.kind == TG_ACTION_JOURNAL) {
 *       if (tg_sqlite_apply(store, action.body, &reply, &error) == TG_OK)
 *         tg_background_journal_done(background, reply, now, NULL);
 *       else
 *         tg_background_journal_failed(background, now, NULL);
 *     }
 */
#ifndef TOLLGATE_SQLITE_H
#define TOLLGATE_SQLITE_H

#include "tollgate/abi.h"
#include "tollgate/error.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tg_sqlite tg_sqlite;

/** What a batch that was applied survives. */
typedef enum tg_sqlite_durability {
  TG_SQLITE_POWER_LOSS = 0, /**< The machine losing power: one fsync a batch. */
  TG_SQLITE_PROCESS = 1     /**< The process being killed; power loss may take the last seconds. */
} tg_sqlite_durability;

/**
 * Opens a store and makes the file when there is none. What processes left open that no longer run
 * is booked in full.
 *
 * @param path        Borrowed file name, up to 4,096 bytes. Its folder must exist; beside the file
 *                    SQLite keeps two more, with "-wal" and "-shm" behind the name.
 * @param durability  tg_sqlite_durability.
 * @param wall_ms     Unix time in milliseconds.
 * @param store       Receives the store, owned by the caller. NULL on failure.
 * @param error       Optional.
 *
 * @return TG_OK. TG_E_INVALID for NULL, an unknown durability, a file that cannot be opened, is no
 *         ledger of tollgate's, or was written by a newer version. TG_E_NOMEM. TG_E_INTERNAL when
 *         the file cannot be written.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_sqlite_open(tg_bytes path, int32_t durability, int64_t wall_ms,
                                tg_sqlite** store, tg_error** error);

/**
 * Applies one batch, whole or not at all. A batch that was applied before gives its first answer
 * again.
 *
 * @param store  Borrowed.
 * @param batch  Borrowed; the body of a TG_ACTION_JOURNAL.
 * @param reply  Receives the answer for tg_background_journal_done(), valid until the next call on
 *               the store.
 * @param error  Optional.
 *
 * @return TG_OK. TG_E_INVALID for NULL or a batch that is none. TG_E_NOMEM. TG_E_INTERNAL when the
 *         file cannot be written (disk full, locked for more than five seconds): nothing was
 *         applied.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_sqlite_apply(tg_sqlite* store, tg_bytes batch, tg_bytes* reply,
                                 tg_error** error);

/** Closes the store. NULL is allowed. Since: 0.1 (ABI 1). */
TG_API void tg_sqlite_close(tg_sqlite* store);

#ifdef __cplusplus
}
#endif

#endif
