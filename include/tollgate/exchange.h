/**
 * tg_exchange: one client request, from its head to its record.
 *
 * Life: tg_exchange_create() → events in, actions out → TG_ACTION_DONE → tg_exchange_free().
 * Freeing earlier counts as "client gone": reservations are settled conservatively and the record
 * goes to the gateway's tg_background. Threads: an exchange belongs to one thread at a time and may
 * move between threads between calls.
 *
 * After TG_E_NOMEM or TG_E_INTERNAL every further call gives TG_E_STATE: free the exchange and
 * close the client's connection.
 *
 * After each event the host pulls actions until TG_ACTION_WAIT. It feeds one upstream chunk, pulls
 * to WAIT, and only then feeds the next: after WAIT the library holds no bytes for the client
 * beyond the bounded hold before the answer's first content. Events of an attempt that has ended or
 * was cancelled are ignored (TG_OK), because a driver cannot always call them back.
 *
 *     tg_exchange_client_head(exchange, method, target, headers, pair_count, now, &error);
 *     tg_exchange_client_body(exchange, chunk, now, &error);
 *     tg_exchange_client_end(exchange, now, &error);
 *     pump(exchange);  // perform actions until TG_ACTION_WAIT
 */
#ifndef TOLLGATE_EXCHANGE_H
#define TOLLGATE_EXCHANGE_H

#include "tollgate/abi.h"
#include "tollgate/action.h"
#include "tollgate/error.h"
#include "tollgate/gateway.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tg_exchange tg_exchange;

/** Options of one exchange. Zero means the default everywhere. */
typedef struct tg_exchange_options {
  size_t struct_size;      /**< Set by TG_EXCHANGE_OPTIONS_INIT. */
  tg_bytes request_id;     /**< Copied, at most 128 visible ASCII characters. Empty: one is made. */
  tg_bytes client_address; /**< Copied. The peer, for the record: up to 4,096 bytes. */
  uint64_t timeout_ns;     /**< Whole exchange. 0: one hour. */
  uint64_t wake_token;     /**< Given to tg_gateway_options.wake. */
  uint32_t attempts_max;   /**< Upstream attempts. 0: the route's own limit. */
  uint32_t reserved_flags; /**< Must be 0. */
} tg_exchange_options;

#define TG_EXCHANGE_OPTIONS_INIT \
  { sizeof(tg_exchange_options), {NULL, 0}, {NULL, 0}, 0, 0, 0, 0 }

/**
 * Makes an exchange on the configuration in force now.
 *
 * @param gateway   Borrowed; may be freed before the exchange.
 * @param options   Borrowed. NULL for all defaults.
 * @param now       Host time of the request's arrival.
 * @param exchange  Receives the exchange, owned by the caller. NULL on failure.
 * @param error     Optional.
 *
 * @return TG_OK. TG_E_INVALID for a NULL argument or an option that is not as said above. TG_E_ABI
 *         for a newer options struct. TG_E_LIMIT when exchanges_max are open: answer 503.
 *         TG_E_NOMEM.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_exchange_create(const tg_gateway* gateway, const tg_exchange_options* options,
                                    tg_time now, tg_exchange** exchange, tg_error** error);

/**
 * Feeds the head of the client's request. Once, first.
 *
 * @param exchange    Borrowed.
 * @param method      Borrowed. "POST".
 * @param target      Borrowed. The request target: path and query, as received. More than 64 KiB
 *                    are refused with 414.
 * @param headers     Borrowed. pair_count pairs: name, value, name, value… Names in any case.
 * @param pair_count  More than 200, or 64 KiB of names and values, are refused with 431.
 * @param now         Host time.
 * @param error       Optional.
 *
 * @return TG_OK; a request that is refused is still TG_OK, the refusal comes out as actions. It may
 *         come out at once (bad credential, body too large by its content-length): the host then
 *         need not read the body. tg_exchange_body_buffer() tells, without an action being pulled:
 *         TG_E_STATE. TG_E_STATE when a head was fed before. TG_E_INVALID for NULL
 *         pointers. TG_E_NOMEM, TG_E_INTERNAL: the exchange may only be freed.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_exchange_client_head(tg_exchange* exchange, tg_bytes method, tg_bytes target,
                                         const tg_bytes* headers, uint32_t pair_count, tg_time now,
                                         tg_error** error);

/**
 * Lends room at the end of the request body, so that a host can receive straight into it.
 *
 * @param exchange  Borrowed.
 * @param hint      Bytes the host would like, as from content-length. 0 is allowed.
 * @param data      Receives the room. Valid until the next call on the exchange.
 * @param capacity  Receives its size, at least 1, and perhaps less or more than hint. Hand the
 *                  received bytes to tg_exchange_client_body() with this pointer: they are then not
 *                  copied.
 * @param error     Optional.
 *
 * @return TG_OK. TG_E_STATE when no body is expected (before the head, after the end, or when the
 *         request was refused already). TG_E_LIMIT when the body is as large as it may be, or the
 *         bodies of all exchanges are: feed one more byte by tg_exchange_client_body() to get the
 *         refusal out. TG_E_NOMEM.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_exchange_body_buffer(tg_exchange* exchange, size_t hint, uint8_t** data,
                                         size_t* capacity, tg_error** error);

/**
 * Feeds bytes of the client's request body.
 *
 * @param exchange  Borrowed. Must not have seen tg_exchange_client_end() yet.
 * @param body      Borrowed for the call only; any split is allowed, also mid-character, and no
 *                  bytes at all. May lie anywhere in the room of tg_exchange_body_buffer().
 * @param now       Host time of the arrival.
 * @param error     Optional.
 *
 * @return TG_OK. A body the gateway refuses (too large, not JSON) is still TG_OK: the refusal comes
 *         out as actions; bytes fed after it are ignored. TG_E_STATE before the head or after the
 *         end. TG_E_INVALID for bytes that begin in the lent room and end behind it. TG_E_NOMEM,
 * TG_E_INTERNAL: the exchange may only be freed.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_exchange_client_body(tg_exchange* exchange, tg_bytes body, tg_time now,
                                         tg_error** error);

/** Ends the client's request. Also for requests without a body. Returns as
 * tg_exchange_client_body(). Since: 0.1 (ABI 1). */
TG_API tg_status tg_exchange_client_end(tg_exchange* exchange, tg_time now, tg_error** error);

/**
 * Says that the client has gone (closed, reset). Upstream is cancelled, costs are settled, the
 * record comes out, then DONE. May be called in any state and more than once.
 *
 * @return TG_OK. TG_E_NOMEM, TG_E_INTERNAL.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_exchange_client_gone(tg_exchange* exchange, tg_time now, tg_error** error);

/**
 * Says that the client does not take bytes for now. The host must not feed upstream chunks until
 * tg_exchange_client_unblocked(); upstream idle time does not run meanwhile, but a slow-reader
 * deadline does (60 s), after which the exchange is ended as if the client had gone. Saying it
 * again does no harm.
 *
 * @return TG_OK. TG_E_STATE before the answer began: before CLIENT_HEAD came out.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_exchange_client_blocked(tg_exchange* exchange, tg_time now, tg_error** error);

/** Says that the client takes bytes again. Returns as tg_exchange_client_blocked().
 * Since: 0.1 (ABI 1). */
TG_API tg_status tg_exchange_client_unblocked(tg_exchange* exchange, tg_time now, tg_error** error);

/**
 * Says that the whole body of an attempt has left the host's hands (it is in the kernel or in the
 * driver's own buffer). Optional: it lets the library free a request body as soon as content flows;
 * without it the body stays until the attempt ends.
 *
 * @param attempt  tg_action.upstream of the UPSTREAM_OPEN.
 *
 * @return TG_OK, also for an attempt that is not open any more.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_exchange_upstream_sent(tg_exchange* exchange, uint32_t attempt, tg_time now,
                                           tg_error** error);

/**
 * Feeds the head of an upstream's answer. Interim (1xx) heads are not fed.
 *
 * @param exchange    Borrowed.
 * @param attempt     tg_action.upstream of the UPSTREAM_OPEN.
 * @param status      HTTP status, 200 to 599.
 * @param headers     Borrowed. pair_count pairs.
 * @param pair_count  The first 200 count.
 * @param now         Host time.
 * @param error       Optional.
 *
 * @return TG_OK, also for an attempt that is not open any more. TG_E_STATE when its head was fed
 *         before. TG_E_INVALID for NULL pointers or another status. TG_E_NOMEM, TG_E_INTERNAL.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_exchange_upstream_head(tg_exchange* exchange, uint32_t attempt, uint32_t status,
                                           const tg_bytes* headers, uint32_t pair_count,
                                           tg_time now, tg_error** error);

/** Feeds bytes of an upstream's answer; any split. Borrowed for the call only. TG_E_STATE before
 * that attempt's head; otherwise as tg_exchange_upstream_head(). Since: 0.1 (ABI 1). */
TG_API tg_status tg_exchange_upstream_body(tg_exchange* exchange, uint32_t attempt, tg_bytes body,
                                           tg_time now, tg_error** error);

/** Says that an upstream's answer ended as HTTP says it should (length, last chunk, or close where
 * that is the framing). TG_E_STATE before that attempt's head. Since: 0.1 (ABI 1). */
TG_API tg_status tg_exchange_upstream_end(tg_exchange* exchange, uint32_t attempt, tg_time now,
                                          tg_error** error);

/**
 * Says that an attempt failed: no connection, or an answer that broke off.
 *
 * @param failure  tg_failure.
 * @param detail   Borrowed. A few words for the record ("Connection refused"). May be empty; never
 *                 shown to the client.
 *
 * @return TG_OK, also for an attempt that is not open any more. TG_E_NOMEM, TG_E_INTERNAL.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_exchange_upstream_failed(tg_exchange* exchange, uint32_t attempt,
                                             int32_t failure, tg_bytes detail, tg_time now,
                                             tg_error** error);

/** Says what time it is. Called by the deadline of TG_ACTION_WAIT or when woken; calling it more
 * often does no harm. TG_OK, TG_E_NOMEM, TG_E_INTERNAL. Since: 0.1 (ABI 1). */
TG_API tg_status tg_exchange_tick(tg_exchange* exchange, tg_time now, tg_error** error);

/**
 * Gives the next thing to do.
 *
 * @param exchange  Borrowed.
 * @param action    Filled in up to its struct_size, which TG_ACTION_INIT sets.
 * @param error     Optional.
 *
 * @return TG_OK. After TG_ACTION_DONE it keeps answering DONE. TG_E_ABI for a struct_size smaller
 *         than ABI 1's. TG_E_NOMEM, TG_E_INTERNAL: the exchange may only be freed.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_exchange_next_action(tg_exchange* exchange, tg_action* action,
                                         tg_error** error);

/**
 * Gives several actions at once, for bindings where a call is dear. Stops after WAIT or DONE; at
 * most one CLIENT_BODY and one RECORD are in a batch. All of the batch's pointers stay valid until
 * the next call on the exchange.
 *
 * @param actions   Array of capacity actions; each must have its struct_size set.
 * @param capacity  At least 1.
 * @param count     Receives how many were filled in.
 *
 * @return As tg_exchange_next_action(). TG_E_INVALID for a capacity of 0.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_exchange_next_actions(tg_exchange* exchange, tg_action* actions,
                                          uint32_t capacity, uint32_t* count, tg_error** error);

/** Releases the exchange. NULL is allowed. Before DONE it counts as "client gone": the host stops
 * the exchange's open attempts itself, and first, since their bytes go with it.
 * Since: 0.1 (ABI 1). */
TG_API void tg_exchange_free(tg_exchange* exchange);

#ifdef __cplusplus
}
#endif

#endif
