/**
 * tg_error: what went wrong with a call, for a person.
 *
 * Every function that can fail returns a tg_status and takes an optional `tg_error**` as its last
 * parameter. On failure the pointer receives an error that the caller owns; on success, and when
 * memory is out (TG_E_NOMEM), it is set to NULL. An error is immutable: it may be read from any
 * thread, and freed once.
 *
 * What holds everywhere, and is not repeated: an object or output that is NULL, and bytes of NULL
 * with a size, give TG_E_INVALID and change nothing, unless a comment says that NULL is allowed;
 * functions without a status do nothing then. A struct whose struct_size was not set gives
 * TG_E_ABI.
 *
 *     tg_error* error = NULL;
 *     if (tg_gateway_create(config, &options, now, &gateway, &error) != TG_OK) {
 *       tg_bytes text = tg_error_message(error);
 *       fprintf(stderr, "%.*s\n", (int)text.size, (const char*)text.data);
 *       tg_error_free(error);
 *     }
 */
#ifndef TOLLGATE_ERROR_H
#define TOLLGATE_ERROR_H

#include "tollgate/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tg_error tg_error;

/** The status that the failing call returned. NULL gives TG_OK. Since: 0.1 (ABI 1). */
TG_API tg_status tg_error_status(const tg_error* error);

/**
 * One line of English, no trailing stop, no secrets; several lines when a configuration has several
 * faults. NULL gives empty bytes. Valid until tg_error_free(). Since: 0.1 (ABI 1).
 */
TG_API tg_bytes tg_error_message(const tg_error* error);

/**
 * Where, when it is about data: "integrations[2].model_id". Empty when it is not, and for NULL.
 * Valid until tg_error_free(). Since: 0.1 (ABI 1).
 */
TG_API tg_bytes tg_error_path(const tg_error* error);

/**
 * Makes an error, for drivers and bindings that report failures of their own in the same form.
 *
 * @param status   A negative TG_E_ value; another number is taken as TG_E_INVALID.
 * @param message  Copied. One line of English without secrets.
 * @param path     Copied. Where, when it is about data; may be empty.
 *
 * @return The error, owned by the caller. NULL when memory is out.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_error* tg_error_create(tg_status status, tg_bytes message, tg_bytes path);

/** Releases an error. NULL is allowed. Since: 0.1 (ABI 1). */
TG_API void tg_error_free(tg_error* error);

#ifdef __cplusplus
}
#endif

#endif
