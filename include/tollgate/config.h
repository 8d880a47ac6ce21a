/**
 * Configuration texts: checking one without making a gateway.
 *
 * Functions here have no state and may be called from any thread.
 *
 *     tg_text* diagnostics = NULL;
 *     if (tg_config_check(yaml, &options, now, &diagnostics, NULL) == TG_OK) print(diagnostics);
 */
#ifndef TOLLGATE_CONFIG_H
#define TOLLGATE_CONFIG_H

#include "tollgate/abi.h"
#include "tollgate/error.h"
#include "tollgate/gateway.h"
#include "tollgate/text.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Checks a configuration and reports everything there is to say about it.
 *
 * @param config       Borrowed YAML.
 * @param options      Borrowed; config_name and lookup are used. NULL for defaults.
 * @param now          Host time, for expiries.
 * @param diagnostics  Receives JSON, owned by the caller: {"errors": N, "warnings": N,
 *                     "diagnostics": [{"severity": "error"|"warning", "file", "line", "column",
 *                     "path", "message", "suggestion"}]}, in the order of the text.
 * @param error        Optional.
 *
 * @return TG_OK also when there are errors in the text: read the count. TG_E_INVALID for a NULL
 *         argument. TG_E_LIMIT when the text is larger than 16 MiB. TG_E_ABI as for
 *         tg_gateway_create(). TG_E_NOMEM.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_config_check(tg_bytes config, const tg_gateway_options* options, tg_time now,
                                 tg_text** diagnostics, tg_error** error);

#ifdef __cplusplus
}
#endif

#endif
