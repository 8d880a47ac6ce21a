/**
 * tg_gateway: a loaded configuration and everything that exchanges share.
 *
 * Life: tg_gateway_create() → any number of exchanges → tg_gateway_free(). An exchange holds its
 * own reference, so the gateway may be freed first. Threads: every function that takes a `const
 * tg_gateway*` may be called from any thread at any time, also at once. tg_gateway_free() is called
 * once.
 *
 *     tg_gateway_options options = TG_GATEWAY_OPTIONS_INIT;
 *     tg_gateway* gateway = NULL;
 *     tg_status status = tg_gateway_create(yaml, &options, now, &gateway, &error);
 */
#ifndef TOLLGATE_GATEWAY_H
#define TOLLGATE_GATEWAY_H

#include "tollgate/abi.h"
#include "tollgate/error.h"
#include "tollgate/text.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tg_gateway tg_gateway;

/** What a configuration asks its host for. */
typedef enum tg_reference_kind {
  TG_REFERENCE_ENV = 1, /**< "${NAME}": an environment variable. */
  TG_REFERENCE_FILE = 2 /**< "file:PATH": a file's contents, without its final line break. */
} tg_reference_kind;

/**
 * Looks up what a configuration refers to. Called only within tg_gateway_create(),
 * tg_gateway_reload() and tg_config_check(), on the calling thread.
 *
 * @param kind   tg_reference_kind.
 * @param name   Borrowed. The variable's name or the file's path.
 * @param value  Receives bytes that stay valid until the next lookup or the end of the call.
 * @param user   tg_gateway_options.lookup_user.
 *
 * @return 1 when found, 0 when there is no such thing. NULL with a size counts as not found.
 */
typedef int32_t (*tg_lookup_fn)(int32_t kind, tg_bytes name, tg_bytes* value, void* user);

/**
 * Tells the host that an exchange can go on: call tg_exchange_tick() for the exchange with this
 * token soon. May be called on any thread that is inside a call of this library, with no lock held.
 * It may only schedule: calling back into the library from here is not allowed. The exchange may
 * have been freed meanwhile: look its token up.
 *
 * @param token  tg_exchange_options.wake_token of the exchange, or
 *               tg_gateway_options.background_wake_token.
 * @param user   tg_gateway_options.wake_user.
 */
typedef void (*tg_wake_fn)(uint64_t token, void* user);

/** Options of a gateway. Zero means the default everywhere. */
typedef struct tg_gateway_options {
  size_t struct_size;         /**< Set by TG_GATEWAY_OPTIONS_INIT. */
  tg_bytes config_name;       /**< Copied, up to 4,096 bytes. File name for diagnostics.
                                 Empty: "config". */
  uint64_t host_capabilities; /**< TG_CAPABILITY() bits of the action kinds the host performs.
                                 0: all kinds of ABI 1. */
  uint64_t seed_high;  /**< 128 bits of randomness for ids and draws. With both halves 0 ids */
  uint64_t seed_low;   /**< are derived from `now`: fine for tests, guessable elsewhere. */
  tg_lookup_fn lookup; /**< NULL: "${NAME}" reads the process environment, "file:" is refused. */
  void* lookup_user;
  tg_wake_fn wake; /**< NULL: exchanges that wait for each other or for a store, and the background
                      that keeps a journal, poll by deadline. */
  void* wake_user;
  uint64_t background_wake_token; /**< No exchange's. A wake that does not see to it makes requests
                                     under a budget wait for seconds where a journal is kept. */
  uint64_t body_bytes_in_flight_max; /**< Bodies of all exchanges. 0: 1 GiB. */
  uint32_t exchanges_max;            /**< Open exchanges. 0: 65,536. */
  uint32_t reserved_flags;           /**< Must be 0. */
} tg_gateway_options;

#define TG_GATEWAY_OPTIONS_INIT \
  { sizeof(tg_gateway_options), {NULL, 0}, 0, 0, 0, NULL, NULL, NULL, NULL, 0, 0, 0, 0 }

/**
 * Loads a configuration and makes a gateway.
 *
 * @param config   Borrowed YAML (so JSON too), one or more documents.
 * @param options  Borrowed. NULL for all defaults.
 * @param now      Host time; dates the configuration and checks expiries.
 * @param gateway  Receives the gateway, owned by the caller. NULL on failure.
 * @param error    Optional. On failure receives an error owned by the caller.
 *
 * @return TG_OK. TG_E_INVALID when the configuration has errors (all of them in the message, one a
 *         line as FILE:LINE:COLUMN: PATH: text; the first one's path in tg_error_path()) or an
 *         argument is NULL. TG_E_LIMIT when the text is larger than 16 MiB. TG_E_ABI for a newer
 *         options struct, or one whose struct_size was never set. TG_E_NOMEM.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_gateway_create(tg_bytes config, const tg_gateway_options* options, tg_time now,
                                   tg_gateway** gateway, tg_error** error);

/**
 * Swaps in another configuration, all of it or nothing. Running exchanges finish on the one they
 * started with; counters survive; a token that is gone authenticates no new exchange.
 *
 * @param gateway  Borrowed.
 * @param config   Borrowed YAML.
 * @param now      Host time.
 * @param error    Optional; as for tg_gateway_create().
 *
 * @return As tg_gateway_create(). On failure the old configuration stays in force.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_gateway_reload(const tg_gateway* gateway, tg_bytes config, tg_time now,
                                   tg_error** error);

/**
 * Describes the configuration in force as JSON: `policy_version`, `models` (name, account,
 * integration, model_id, display_name, type), `virtual_models` (name, slug), `principals` (counts
 * only), `server` (the tollgate-server document as read, defaults filled in) and `diagnostics`
 * (what tg_config_check() says of it: the warnings). Never a secret.
 *
 * @param gateway  Borrowed.
 * @param text     Receives the JSON, owned by the caller.
 * @param error    Optional.
 *
 * @return TG_OK. TG_E_INVALID for a NULL argument. TG_E_NOMEM.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_gateway_describe(const tg_gateway* gateway, tg_text** text, tg_error** error);

/**
 * Gives the metrics in Prometheus text format, as `GET /metrics` answers them.
 *
 * @param gateway  Borrowed.
 * @param text     Receives the text, owned by the caller.
 * @param error    Optional.
 *
 * @return TG_OK. TG_E_INVALID for a NULL argument. TG_E_NOMEM.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_gateway_metrics(const tg_gateway* gateway, tg_text** text, tg_error** error);

/**
 * Corrects what is spent in a budget: a refund, or a charge made by hand. One entry of the ledger,
 * made once; callers see it in `GET /v1/usage/me` at once.
 *
 * @param gateway   Borrowed.
 * @param id        Borrowed; 1 to 128 bytes. A second correction of this id is refused, in every
 *                  process that shares the store.
 * @param budget    Borrowed; as the configuration names it.
 * @param subject   Borrowed; whose counter of the budget, by the name alone ("ann@corp.example",
 *                  not "user:ann@corp.example"); empty for a budget of all together.
 * @param nano_usd  Added to what is spent, in every limit of the budget; negative for a refund,
 *                  which takes nothing below zero.
 * @param wall_ms   When it was spent, 0 for now; not later than `now`. Windows that are over are
 *                  left out.
 * @param note      Borrowed; kept with the entry. At most 4,096 bytes.
 * @param now       Host time.
 * @param error     Optional.
 *
 * @return TG_OK. TG_E_STATE when the id was used before. TG_E_INVALID for a NULL argument, a bad
 *         id, time or note, or a budget, user, virtual account or provider account that the
 *         configuration does not have (users may come through an identity provider: with one, any
 *         name is taken). TG_E_LIMIT. TG_E_NOMEM.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_gateway_correct(const tg_gateway* gateway, tg_bytes id, tg_bytes budget,
                                    tg_bytes subject, int64_t nano_usd, int64_t wall_ms,
                                    tg_bytes note, tg_time now, tg_error** error);

/**
 * Prices recorded requests anew, by the prices of the configuration in force, and books the
 * differences in the budgets that the requests are in: one correction, made once.
 *
 * @param gateway       Borrowed.
 * @param id            Borrowed; of the correction, as in tg_gateway_correct().
 * @param records       Borrowed; records as TG_ACTION_RECORD gave them, one a line. Those without
 *                      usage, or with more than one attempt, are counted as skipped.
 * @param from_wall_ms  Requests from then on.
 * @param to_wall_ms    Requests before then.
 * @param now           Host time.
 * @param report        Receives a JSON object, owned by the caller: requests, repriced, skipped,
 *                      difference_nano_usd, counters.
 * @param error         Optional.
 *
 * @return TG_OK. TG_E_STATE when the id was used before. TG_E_INVALID for a NULL argument, a bad id
 *         or a line that is no record: nothing is booked then. TG_E_LIMIT when more than 255
 *         counters are concerned. TG_E_NOMEM.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_gateway_reprice(const tg_gateway* gateway, tg_bytes id, tg_bytes records,
                                    int64_t from_wall_ms, int64_t to_wall_ms, tg_time now,
                                    tg_text** report, tg_error** error);

/**
 * Sets whether the gateway takes new work. While draining, `/readyz` answers 503, new requests are
 * refused with 503 and `retry-after`, and running exchanges go on.
 *
 * @param gateway   Borrowed. NULL is ignored.
 * @param draining  1 to drain, 0 to take work again.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API void tg_gateway_set_draining(const tg_gateway* gateway, int32_t draining);

/** The number of exchanges that were made and not freed yet. 0 for NULL. Since: 0.1 (ABI 1). */
TG_API uint64_t tg_gateway_open_exchanges(const tg_gateway* gateway);

/** Releases the caller's hold; shared state goes when the last exchange does. NULL is allowed.
 * Since: 0.1 (ABI 1). */
TG_API void tg_gateway_free(tg_gateway* gateway);

#ifdef __cplusplus
}
#endif

#endif
