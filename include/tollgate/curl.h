/**
 * tg_curl: the bundled HTTP driver, for hosts that do not want to write the upstream side.
 *
 * It performs UPSTREAM_OPEN and UPSTREAM_CANCEL with libcurl and feeds what happened back to the
 * exchange; the host handles the client's side in a few callbacks. Three ways to drive it:
 *
 * - tg_curl_run(): the calling thread drives one exchange to its end (a thread per request);
 * - tg_curl_loop_create() + tg_curl_loop_submit(): a thread of the driver's own serves any number
 *   of exchanges;
 * - tg_curl_loop_create_hosted() + tg_curl_loop_step(): the host's own event loop does, on its
 *   thread, beside its clients' sockets.
 *
 * The driver reads the clocks itself, CLOCK_MONOTONIC and CLOCK_REALTIME: the host takes the times
 * it feeds to the same exchanges and their gateway from these two.
 *
 * Life: tg_curl_create() → … → tg_curl_free(), after all runs and loops have ended.
 * Threads: functions taking `const tg_curl*` may be called from any thread at once.
 * In libtollgate_curl; it uses nothing but the public headers.
 *
 *     tg_curl* curl = NULL;
 *     tg_curl_create(NULL, &curl, &error);
 *     tg_curl_client client = TG_CURL_CLIENT_INIT;
 *     client.on_head = on_head;
 *     client.on_body = on_body;
 *     client.client_fd = fd;
 *     tg_curl_run(curl, exchange, &client, &error);
 */
#ifndef TOLLGATE_CURL_H
#define TOLLGATE_CURL_H

#include "tollgate/abi.h"
#include "tollgate/action.h"
#include "tollgate/error.h"
#include "tollgate/exchange.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tg_curl tg_curl;
typedef struct tg_curl_loop tg_curl_loop;

/** Options of a driver. Zero means the default everywhere. */
typedef struct tg_curl_options {
  size_t struct_size; /**< Set by TG_CURL_OPTIONS_INIT. */
  tg_bytes ca_file;   /**< Copied. PEM roots for actions without ca_file. Empty: system's. */
  tg_bytes proxy;     /**< Copied. Proxy URL for actions without one. Empty: none; the
                         proxy environment variables are not read. */
  uint64_t connect_timeout_ns;   /**< 0: 10 s. The library's own deadlines hold besides. */
  uint32_t idle_connections_max; /**< Kept per connection cache. 0: 256. */
  uint32_t idle_handles_max;     /**< Pooled handles kept for tg_curl_run(). 0: 1,024. */
  uint32_t reserved_flags;       /**< Must be 0. */
} tg_curl_options;

#define TG_CURL_OPTIONS_INIT \
  { sizeof(tg_curl_options), {NULL, 0}, {NULL, 0}, 0, 0, 0, 0 }

/** What a client callback says about its client. */
enum {
  TG_CURL_CLIENT_OK = 0,     /**< Taken. */
  TG_CURL_CLIENT_GONE = 1,   /**< The client has left; the exchange is told. */
  TG_CURL_CLIENT_BLOCKED = 2 /**< Taken, but no more for now (loop only): call
                                tg_curl_loop_unblock() when the client takes bytes again. */
};

/** The client's side of one exchange. Every callback may be NULL. Called on the driving thread;
 * they must not call into the exchange. Returns are TG_CURL_CLIENT_ values, others are taken as
 * TG_CURL_CLIENT_OK. After the client has gone, by whatever way, only on_record and on_done come.
 */
typedef struct tg_curl_client {
  size_t struct_size; /**< Set by TG_CURL_CLIENT_INIT. */
  /** CLIENT_HEAD. The action is borrowed for the call. Its TG_FLAG_CLOSE is the whole answer's. */
  int32_t (*on_head)(const tg_action* action, void* user);
  /** CLIENT_BODY: send and flush. `more` is 1 when another action for the client follows at once.
   */
  int32_t (*on_body)(tg_bytes body, int32_t more, void* user);
  /** CLIENT_END (aborted 0) or CLIENT_ABORT (aborted 1). */
  void (*on_end)(int32_t aborted, void* user);
  /** RECORD: one JSON object. */
  void (*on_record)(tg_bytes record, void* user);
  /** DONE (loop only): the exchange is still the host's to free, from now on. */
  void (*on_done)(tg_exchange* exchange, void* user);
  /** A socket of the client to watch for hang-up while waiting, or -1. Not read from. A host that
   * watches the socket itself leaves -1 and calls tg_curl_loop_client_gone(). */
  int32_t client_fd;
  uint32_t reserved_flags; /**< Must be 0. */
  void* user;
  /** tg_curl_run() only: the exchange's wake_token. 0: the run wakes for every token, which is
   * right for any exchange and costs a look at each. */
  uint64_t wake_token;
} tg_curl_client;

#define TG_CURL_CLIENT_INIT \
  { sizeof(tg_curl_client), NULL, NULL, NULL, NULL, NULL, -1, 0, NULL, 0 }

/**
 * Makes a driver: a shared certificate store, a cache of names and TLS sessions, pooled handles.
 *
 * @param options  Borrowed. NULL for all defaults.
 * @param curl     Receives the driver, owned by the caller. NULL on failure.
 * @param error    Optional.
 *
 * @return TG_OK. TG_E_INVALID when the CA file cannot be read (its path in the message) or an
 *         argument is NULL. TG_E_ABI. TG_E_NOMEM. TG_E_INTERNAL when libcurl does not start.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_curl_create(const tg_curl_options* options, tg_curl** curl, tg_error** error);

/**
 * Drives an exchange to DONE on the calling thread. The request must have been fed up to
 * tg_exchange_client_end(), or have been refused before (tg_curl_loop_submit() says how to tell).
 *
 * @param curl      Borrowed.
 * @param exchange  Borrowed; the driver's alone until the call returns.
 * @param client    Borrowed for the call.
 * @param error     Optional.
 *
 * @return TG_OK when DONE was reached, whatever the answer was. TG_E_NOMEM or TG_E_INTERNAL when
 * the exchange failed: free it and close the client's connection.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_curl_run(const tg_curl* curl, tg_exchange* exchange,
                             const tg_curl_client* client, tg_error** error);

/**
 * Wakes a tg_curl_run() or loop that waits for the exchange with this token; a tg_wake_fn, user is
 * the tg_curl. The exchange's wake_token must be unique among those the driver runs. Other tokens
 * are ignored, background_wake_token too: a host with a journal gives a wake of its own, which
 * keeps that one and hands the others on to this. The descriptor of a hosted loop becomes readable.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API void tg_curl_wake(uint64_t token, void* user);

/** Starts a thread that serves exchanges over one curl_multi. TG_E_LIMIT when no thread or
 * descriptor is left; otherwise as tg_curl_create(). Since: 0.1 (ABI 1). */
TG_API tg_status tg_curl_loop_create(const tg_curl* curl, tg_curl_loop** loop, tg_error** error);

/**
 * As tg_curl_loop_create(), but without a thread: the host's own event loop drives it with
 * tg_curl_loop_step(), on one thread, on which the callbacks of its clients run.
 *
 *     struct pollfd ready = {tg_curl_loop_fd(loop), POLLIN, 0};
 *     uint64_t until = tg_curl_loop_step(loop);
 *     poll(&ready, 1, until == TG_NO_DEADLINE ? -1 : ms_from_now(until));
 *     until = tg_curl_loop_step(loop);
 *
 * @return As tg_curl_loop_create().
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_curl_loop_create_hosted(const tg_curl* curl, tg_curl_loop** loop,
                                            tg_error** error);

/**
 * A descriptor that is readable when tg_curl_loop_step() has something to do, for the host's poll
 * or epoll, level-triggered. The loop's own: never read from or closed by the host, nor to be
 * watched any more when the loop is freed.
 *
 * @return -1 for a loop with a thread, and for NULL.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API int32_t tg_curl_loop_fd(const tg_curl_loop* loop);

/**
 * Does everything that can be done now in a loop of tg_curl_loop_create_hosted(), without waiting.
 * Call it when tg_curl_loop_fd() is readable, at the time that the last call returned, and once
 * before waiting after tg_curl_loop_submit(), _unblock() or _client_gone() on the same thread:
 * there these only leave a note, which costs no system call. (Called in a callback, they are seen
 * to without further ado; other threads make the descriptor readable.) Always on the same thread,
 * and not from within a callback.
 *
 * @return When to call it again at the latest, as mono_ns (CLOCK_MONOTONIC): a time that has
 * passed, as 0, for at once; TG_NO_DEADLINE when the descriptor alone will say so. A loop with a
 *         thread: TG_NO_DEADLINE, and nothing is done.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API uint64_t tg_curl_loop_step(tg_curl_loop* loop);

/**
 * Hands an exchange to the loop, from any thread.
 *
 * Until then the host feeds it: head, body, end. It pulls no actions meanwhile, since the loop
 * would miss them; tg_exchange_body_buffer() tells by TG_E_STATE that the request was refused and
 * that the exchange can be handed over at once. When a client stops sending, tg_exchange_tick()
 * 30 seconds after its last byte makes it such a refusal.
 *
 * @param exchange    Must not be touched until client->on_done.
 * @param wake_token  The exchange's wake_token.
 * @param client      Borrowed for the call; its callbacks run on the loop's thread, or within
 *                    tg_curl_loop_step().
 *
 * @return TG_OK. TG_E_STATE when the loop is being freed. TG_E_NOMEM.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API tg_status tg_curl_loop_submit(tg_curl_loop* loop, tg_exchange* exchange, uint64_t wake_token,
                                     const tg_curl_client* client, tg_error** error);

/** Says, from any thread, that the client of the exchange with this token takes bytes again. A
 * token that is not there is ignored. Since: 0.1 (ABI 1). */
TG_API void tg_curl_loop_unblock(tg_curl_loop* loop, uint64_t wake_token);

/** Says, from any thread, that the client of the exchange with this token has gone. A token that is
 * not there is ignored. Since: 0.1 (ABI 1). */
TG_API void tg_curl_loop_client_gone(tg_curl_loop* loop, uint64_t wake_token);

/** Ends the loop: exchanges still in it are told that their client has gone, and on_done is called
 * for each; returns when its thread has ended. A loop without a thread is freed on the thread that
 * steps it, not from within a callback; the call drives it and waits until its exchanges are done,
 * for 5 seconds at most. NULL is allowed. Since: 0.1 (ABI 1). */
TG_API void tg_curl_loop_free(tg_curl_loop* loop);

/** Releases the driver. NULL is allowed. Since: 0.1 (ABI 1). */
TG_API void tg_curl_free(tg_curl* curl);

#ifdef __cplusplus
}
#endif

#endif
