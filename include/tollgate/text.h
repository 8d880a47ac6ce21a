/**
 * tg_text: text that the library made and the caller owns (JSON, metrics, diagnostics).
 *
 * Immutable: it may be read from any thread, and freed once.
 *
 *     tg_text* text = NULL;
 *     if (tg_gateway_describe(gateway, &text, NULL) == TG_OK) {
 *       tg_bytes json = tg_text_bytes(text);
 *       fwrite(json.data, 1, json.size, stdout);
 *       tg_text_free(text);
 *     }
 */
#ifndef TOLLGATE_TEXT_H
#define TOLLGATE_TEXT_H

#include "tollgate/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tg_text tg_text;

/** The text's bytes, UTF-8. Empty for NULL. Valid until tg_text_free(). Since: 0.1 (ABI 1). */
TG_API tg_bytes tg_text_bytes(const tg_text* text);

/** Releases the text. NULL is allowed. Since: 0.1 (ABI 1). */
TG_API void tg_text_free(tg_text* text);

#ifdef __cplusplus
}
#endif

#endif
