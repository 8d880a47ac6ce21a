/**
 * tg_waker: a ready-made tg_wake_fn for hosts with an event loop.
 *
 * tg_waker_wake() collects tokens and makes an eventfd readable; the loop watches the descriptor
 * and takes the tokens. Linux only.
 *
 * Life: tg_waker_create() → tg_waker_free(), after every gateway that uses it is gone.
 * Threads: tg_waker_wake() from any thread; the rest from one.
 *
 *     options.wake = tg_waker_wake;
 *     options.wake_user = waker;
 */
#ifndef TOLLGATE_WAKER_H
#define TOLLGATE_WAKER_H

#include "tollgate/abi.h"
#include "tollgate/error.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tg_waker tg_waker;

/** Makes a waker. TG_E_LIMIT when no descriptor is left, TG_E_INVALID for NULL, TG_E_NOMEM.
 * Since: 0.1 (ABI 1). */
TG_API tg_status tg_waker_create(tg_waker** waker, tg_error** error);

/** The descriptor to watch for reading; owned by the waker. -1 for NULL. Since: 0.1 (ABI 1). */
TG_API int32_t tg_waker_fd(const tg_waker* waker);

/** A tg_wake_fn; user is the tg_waker. Since: 0.1 (ABI 1). */
TG_API void tg_waker_wake(uint64_t token, void* user);

/**
 * Takes collected tokens and, when none are left, clears the descriptor.
 *
 * @param tokens    Array that receives up to capacity tokens, each once.
 * @param capacity  At least 1.
 *
 * @return How many were stored; call again while it equals capacity.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API uint32_t tg_waker_take(tg_waker* waker, uint64_t* tokens, uint32_t capacity);

/** Releases the waker and its descriptor. NULL is allowed. Since: 0.1 (ABI 1). */
TG_API void tg_waker_free(tg_waker* waker);

#ifdef __cplusplus
}
#endif

#endif
