/**
 * tg_action: what the library wants its host to do next.
 *
 * The host asks with tg_exchange_next_action() (or tg_background_next_action()) until the answer is
 * TG_ACTION_WAIT or TG_ACTION_DONE, and performs each action before it asks for the next. Actions
 * are flat values without unions, so that any language can read them; a field that is not named
 * beside the action's kind is zero.
 *
 *     tg_action action = TG_ACTION_INIT;
 *     while (tg_exchange_next_action(exchange, &action, NULL) == TG_OK &&
 *            action.kind != TG_ACTION_WAIT && action.kind != TG_ACTION_DONE)
 *       host_perform(host, &action);
 */
#ifndef TOLLGATE_ACTION_H
#define TOLLGATE_ACTION_H

#include "tollgate/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What to do. A host ignores kinds it does not know; only kinds it declared are emitted. */
typedef enum tg_action_kind {
  TG_ACTION_WAIT = 0,            /**< Nothing to do until an event or deadline_ns. */
  TG_ACTION_UPSTREAM_OPEN = 1,   /**< Connect and send head and body as attempt `upstream`. */
  TG_ACTION_UPSTREAM_CANCEL = 2, /**< Stop that attempt now; later events of it are ignored. */
  TG_ACTION_CLIENT_HEAD = 3,     /**< Send status and headers to the client. */
  TG_ACTION_CLIENT_BODY = 4,     /**< Send bytes to the client and flush them. */
  TG_ACTION_CLIENT_END = 5,      /**< The answer is complete. */
  TG_ACTION_RECORD = 6,          /**< Keep this record: one JSON object without line breaks. */
  TG_ACTION_DONE = 7,            /**< Nothing will follow. Free the exchange. */
  TG_ACTION_CLIENT_ABORT = 8,    /**< End the client's connection without completing the answer. */
  TG_ACTION_JOURNAL = 9          /**< Background, after tg_background_journal_start(): have the
                                    store apply this batch, one JSON object, then report. */
} tg_action_kind;

/** The bit of an action kind in tg_gateway_options.host_capabilities. */
#define TG_CAPABILITY(kind) (1ULL << (kind))

/** Bits of tg_action.flags. */
enum {
  /** UPSTREAM_OPEN: refuse private, loopback and link-local addresses after name resolution. */
  TG_FLAG_DENY_PRIVATE = 1u << 0,
  /** UPSTREAM_OPEN: a call of the gateway itself (token, keys), not an attempt at the client's. */
  TG_FLAG_AUXILIARY = 1u << 1,
  /** UPSTREAM_OPEN: do not verify the server's certificate (the configuration asked for it). */
  TG_FLAG_TLS_UNVERIFIED = 1u << 2,
  /** CLIENT_HEAD, CLIENT_END: the request was not read to its end; close the connection after the
   * answer, lingering until the client has read it. */
  TG_FLAG_CLOSE = 1u << 3
};

/** body_size of an answer whose length is not known when its head goes out. */
#define TG_SIZE_UNKNOWN UINT64_MAX
/** deadline_ns when there is none. */
#define TG_NO_DEADLINE UINT64_MAX

/** One action. Filled by the library up to struct_size. */
typedef struct tg_action {
  size_t struct_size;         /**< Set by TG_ACTION_INIT. */
  int32_t kind;               /**< tg_action_kind; ignore values you do not know. */
  uint32_t upstream;          /**< UPSTREAM_*: attempt number, from 1; repeated in its events. */
  uint32_t http_status;       /**< CLIENT_HEAD. */
  uint32_t flags;             /**< TG_FLAG_ bits. */
  const tg_bytes* headers;    /**< UPSTREAM_OPEN, CLIENT_HEAD: name, value, name, value… */
  uint32_t header_count;      /**< Pairs in headers. */
  uint32_t body_span_count;   /**< UPSTREAM_OPEN: spans in body_spans. */
  const tg_bytes* body_spans; /**< UPSTREAM_OPEN: the body is these spans in order. */
  uint64_t body_size;         /**< UPSTREAM_OPEN: bytes in all spans. CLIENT_HEAD: bytes of the
                                 whole answer's body, or TG_SIZE_UNKNOWN when it streams. */
  tg_bytes body;              /**< CLIENT_BODY, RECORD, JOURNAL. */
  tg_bytes method;            /**< UPSTREAM_OPEN: "POST", "GET". */
  tg_bytes url;               /**< UPSTREAM_OPEN: absolute, http or https. */
  tg_bytes ca_file;           /**< UPSTREAM_OPEN: PEM file of trusted roots. Empty: the system's. */
  tg_bytes client_cert_file;  /**< UPSTREAM_OPEN: PEM file, empty for none. */
  tg_bytes client_key_file;   /**< UPSTREAM_OPEN: PEM file, empty for none. */
  tg_bytes proxy;             /**< UPSTREAM_OPEN: proxy URL, empty for none. */
  uint64_t deadline_ns;       /**< WAIT: call tg_exchange_tick() when mono_ns has reached it.
                                 UPSTREAM_OPEN: when the attempt would be cancelled at the latest;
                                 information only, the library cancels by itself. */
} tg_action;

/** Validity of an action's pointers: headers, spans, method, url and file names of UPSTREAM_OPEN
 * until that attempt has ended or was cancelled (the spans: until tg_exchange_upstream_sent(), when
 * the host calls it); everything else until the next call on the same object. */
#define TG_ACTION_INIT                                                                   \
  {                                                                                      \
    sizeof(tg_action), 0, 0, 0, 0, NULL, 0, 0, NULL, 0, {NULL, 0}, {NULL, 0}, {NULL, 0}, \
        {NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}, 0                                    \
  }

/** Why an attempt failed, as far as a driver can tell. Timeouts are not among them: they belong to
 * the library. Unknown values are taken as TG_FAILURE_OTHER. */
typedef enum tg_failure {
  TG_FAILURE_OTHER = 0,
  TG_FAILURE_RESOLVE = 1,  /**< The host name did not resolve. */
  TG_FAILURE_CONNECT = 2,  /**< Refused or unreachable; nothing was sent. */
  TG_FAILURE_TLS = 3,      /**< Handshake or certificate. */
  TG_FAILURE_PROXY = 4,    /**< The proxy refused or failed. */
  TG_FAILURE_RESET = 5,    /**< The connection broke after the request began to be sent. */
  TG_FAILURE_PROTOCOL = 6, /**< The answer was not valid HTTP. */
  TG_FAILURE_DENIED = 7,   /**< The address is private and TG_FLAG_DENY_PRIVATE was set. */
  TG_FAILURE_HOST = 8      /**< The host ran out of its own resources. */
} tg_failure;

#ifdef __cplusplus
}
#endif

#endif
