/**
 * Gateway tokens: the form in which a configuration stores them.
 *
 * Functions here have no state and may be called from any thread.
 */
#ifndef TOLLGATE_TOKEN_H
#define TOLLGATE_TOKEN_H

#include "tollgate/abi.h"
#include "tollgate/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes that tg_token_hash() writes, the closing NUL included. */
#define TG_TOKEN_HASH_SIZE 65

/**
 * Gives the SHA-256 of a token in hexadecimal, as `tokens: [{sha256: …}]` wants it.
 *
 * @param token  Borrowed; not kept.
 * @param hex    Receives 64 lower-case hexadecimal digits and a NUL.
 *
 * @return TG_OK. TG_E_INVALID for an empty token or NULL. TG_E_INTERNAL when the crypto library
 *         refuses.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_token_hash(tg_bytes token, char hex[TG_TOKEN_HASH_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
