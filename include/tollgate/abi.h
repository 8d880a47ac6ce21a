/**
 * Versions, export marks and the small value types that every other header uses.
 *
 * Nothing here has a life of its own: tg_bytes and tg_time are plain values. Every function
 * declared in this header may be called from any thread at any time.
 *
 *     if (tg_abi_version() != TG_ABI_VERSION) return refuse_to_start();
 */
#ifndef TOLLGATE_ABI_H
#define TOLLGATE_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TG_VERSION_MAJOR 0
#define TG_VERSION_MINOR 1
#define TG_VERSION_PATCH 0
/** Grows when an existing caller would break; added functions and fields do not move it. */
#define TG_ABI_VERSION 1

#if defined(TG_STATIC)
#define TG_API
#elif defined(_WIN32) && defined(TG_BUILDING)
#define TG_API __declspec(dllexport)
#elif defined(_WIN32)
#define TG_API __declspec(dllimport)
#else
#define TG_API __attribute__((visibility("default")))
#endif

/** Borrowed bytes: not NUL-terminated, not freed by the receiver. data may be NULL if size is 0. */
typedef struct tg_bytes {
  const uint8_t* data;
  size_t size;
} tg_bytes;

/** A point in time as the host sees it. The library never reads a clock. */
typedef struct tg_time {
  uint64_t mono_ns; /**< Monotonic; orders events and drives deadlines. Never goes back. */
  int64_t wall_ms;  /**< Unix time; picks budget windows, checks expiry and dates the record. */
} tg_time;

/** What a call came to. TG_OK or a negative TG_E_ value; the numbers are for life. */
typedef int32_t tg_status;

enum {
  TG_OK = 0,
  TG_E_INVALID = -1,  /**< An argument or configuration value is not allowed; see the path. */
  TG_E_STATE = -2,    /**< The call is not allowed in this state of the object. */
  TG_E_NOMEM = -3,    /**< Memory ran out. The object may only be freed. */
  TG_E_LIMIT = -4,    /**< A configured limit was reached. */
  TG_E_ABI = -5,      /**< A struct or ABI number is newer than this library understands. */
  TG_E_INTERNAL = -99 /**< A bug in tollgate. Please report it with the error's message. */
};

/** The library's TG_ABI_VERSION. Bindings compare it before their first real call. Since: 0.1. */
TG_API uint32_t tg_abi_version(void);

/** "MAJOR.MINOR.PATCH", NUL-terminated, valid for the life of the process. Since: 0.1 (ABI 1). */
TG_API const char* tg_version_string(void);

/**
 * Gives the size the library has for a transparent struct, so that a binding can check its mirror.
 *
 * @param name  Borrowed NUL-terminated name, as "tg_action". NULL is allowed.
 *
 * @return sizeof the struct, or 0 for a name the library does not know.
 *
 * Since: 0.1 (ABI 1).
 */
TG_API size_t tg_struct_size(const char* name);

#ifdef __cplusplus
}
#endif

#endif
