/* The layout of every transparent struct and the number of every constant, as ABI 1 has them on
 * 64-bit machines. A line here never changes: fields are added at the end of a struct, with lines
 * of their own and a larger SIZE. abi_check.py sees to it that no field and no constant is missing.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "tollgate/curl.h"
#include "tollgate/sqlite.h"
#include "tollgate/tollgate.h"

#define SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), "size of " #type " moved")
#define AT(type, field, offset) \
  _Static_assert(offsetof(type, field) == (offset), #type "." #field " moved")
#define VALUE(name, number) _Static_assert((name) == (number), #name " changed")

#if UINTPTR_MAX == UINT64_MAX

SIZE(tg_bytes, 16);
AT(tg_bytes, data, 0);
AT(tg_bytes, size, 8);

SIZE(tg_time, 16);
AT(tg_time, mono_ns, 0);
AT(tg_time, wall_ms, 8);

SIZE(tg_action, 176);
AT(tg_action, struct_size, 0);
AT(tg_action, kind, 8);
AT(tg_action, upstream, 12);
AT(tg_action, http_status, 16);
AT(tg_action, flags, 20);
AT(tg_action, headers, 24);
AT(tg_action, header_count, 32);
AT(tg_action, body_span_count, 36);
AT(tg_action, body_spans, 40);
AT(tg_action, body_size, 48);
AT(tg_action, body, 56);
AT(tg_action, method, 72);
AT(tg_action, url, 88);
AT(tg_action, ca_file, 104);
AT(tg_action, client_cert_file, 120);
AT(tg_action, client_key_file, 136);
AT(tg_action, proxy, 152);
AT(tg_action, deadline_ns, 168);

SIZE(tg_exchange_options, 64);
AT(tg_exchange_options, struct_size, 0);
AT(tg_exchange_options, request_id, 8);
AT(tg_exchange_options, client_address, 24);
AT(tg_exchange_options, timeout_ns, 40);
AT(tg_exchange_options, wake_token, 48);
AT(tg_exchange_options, attempts_max, 56);
AT(tg_exchange_options, reserved_flags, 60);

SIZE(tg_gateway_options, 104);
AT(tg_gateway_options, struct_size, 0);
AT(tg_gateway_options, config_name, 8);
AT(tg_gateway_options, host_capabilities, 24);
AT(tg_gateway_options, seed_high, 32);
AT(tg_gateway_options, seed_low, 40);
AT(tg_gateway_options, lookup, 48);
AT(tg_gateway_options, lookup_user, 56);
AT(tg_gateway_options, wake, 64);
AT(tg_gateway_options, wake_user, 72);
AT(tg_gateway_options, background_wake_token, 80);
AT(tg_gateway_options, body_bytes_in_flight_max, 88);
AT(tg_gateway_options, exchanges_max, 96);
AT(tg_gateway_options, reserved_flags, 100);

SIZE(tg_ledger_balance, 40);
AT(tg_ledger_balance, struct_size, 0);
AT(tg_ledger_balance, limit_nano_usd, 8);
AT(tg_ledger_balance, settled_nano_usd, 16);
AT(tg_ledger_balance, reserved_nano_usd, 24);
AT(tg_ledger_balance, overrun_nano_usd, 32);

SIZE(tg_curl_options, 64);
AT(tg_curl_options, struct_size, 0);
AT(tg_curl_options, ca_file, 8);
AT(tg_curl_options, proxy, 24);
AT(tg_curl_options, connect_timeout_ns, 40);
AT(tg_curl_options, idle_connections_max, 48);
AT(tg_curl_options, idle_handles_max, 52);
AT(tg_curl_options, reserved_flags, 56);

SIZE(tg_curl_client, 72);
AT(tg_curl_client, struct_size, 0);
AT(tg_curl_client, on_head, 8);
AT(tg_curl_client, on_body, 16);
AT(tg_curl_client, on_end, 24);
AT(tg_curl_client, on_record, 32);
AT(tg_curl_client, on_done, 40);
AT(tg_curl_client, client_fd, 48);
AT(tg_curl_client, reserved_flags, 52);
AT(tg_curl_client, user, 56);
AT(tg_curl_client, wake_token, 64);

#endif

VALUE(TG_OK, 0);
VALUE(TG_E_INVALID, -1);
VALUE(TG_E_STATE, -2);
VALUE(TG_E_NOMEM, -3);
VALUE(TG_E_LIMIT, -4);
VALUE(TG_E_ABI, -5);
VALUE(TG_E_INTERNAL, -99);

VALUE(TG_ACTION_WAIT, 0);
VALUE(TG_ACTION_UPSTREAM_OPEN, 1);
VALUE(TG_ACTION_UPSTREAM_CANCEL, 2);
VALUE(TG_ACTION_CLIENT_HEAD, 3);
VALUE(TG_ACTION_CLIENT_BODY, 4);
VALUE(TG_ACTION_CLIENT_END, 5);
VALUE(TG_ACTION_RECORD, 6);
VALUE(TG_ACTION_DONE, 7);
VALUE(TG_ACTION_CLIENT_ABORT, 8);
VALUE(TG_ACTION_JOURNAL, 9);

VALUE(TG_FLAG_DENY_PRIVATE, 1 << 0);
VALUE(TG_FLAG_AUXILIARY, 1 << 1);
VALUE(TG_FLAG_TLS_UNVERIFIED, 1 << 2);
VALUE(TG_FLAG_CLOSE, 1 << 3);

VALUE(TG_FAILURE_OTHER, 0);
VALUE(TG_FAILURE_RESOLVE, 1);
VALUE(TG_FAILURE_CONNECT, 2);
VALUE(TG_FAILURE_TLS, 3);
VALUE(TG_FAILURE_PROXY, 4);
VALUE(TG_FAILURE_RESET, 5);
VALUE(TG_FAILURE_PROTOCOL, 6);
VALUE(TG_FAILURE_DENIED, 7);
VALUE(TG_FAILURE_HOST, 8);

VALUE(TG_CURL_CLIENT_OK, 0);
VALUE(TG_CURL_CLIENT_GONE, 1);
VALUE(TG_CURL_CLIENT_BLOCKED, 2);

VALUE(TG_SQLITE_POWER_LOSS, 0);
VALUE(TG_SQLITE_PROCESS, 1);

VALUE(TG_REFERENCE_ENV, 1);
VALUE(TG_REFERENCE_FILE, 2);

VALUE(TG_ABI_VERSION, 1);
VALUE(TG_TOKEN_HASH_SIZE, 65);
VALUE(TG_SIZE_UNKNOWN, UINT64_MAX);
VALUE(TG_NO_DEADLINE, UINT64_MAX);
VALUE(TG_LEDGER_UNLIMITED, INT64_MAX);

typedef struct known_struct {
  const char* name;
  size_t size;
} known_struct;

#define KNOWN(type) \
  { #type, sizeof(type) }

static const known_struct known[] = {
    KNOWN(tg_bytes),           KNOWN(tg_time),
    KNOWN(tg_action),          KNOWN(tg_exchange_options),
    KNOWN(tg_gateway_options), KNOWN(tg_ledger_balance),
};

/* The library must see the same structs as a C compiler does: bindings ask it for the sizes. */
int main(void) {
  int wrong = 0;
  for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
    const size_t told = tg_struct_size(known[i].name);
    if (told == known[i].size) continue;
    fprintf(stderr, "tg_struct_size(\"%s\") is %zu, not %zu\n", known[i].name, told, known[i].size);
    wrong++;
  }
  if (tg_struct_size("tg_no_such_struct") != 0 || tg_struct_size(NULL) != 0) {
    fprintf(stderr, "tg_struct_size knows a struct that does not exist\n");
    wrong++;
  }
  char version[32];
  snprintf(version, sizeof version, "%d.%d.%d", TG_VERSION_MAJOR, TG_VERSION_MINOR,
           TG_VERSION_PATCH);
  if (tg_abi_version() != TG_ABI_VERSION || strcmp(tg_version_string(), version) != 0) {
    fprintf(stderr, "the library is not the one of these headers\n");
    wrong++;
  }
  return wrong == 0 ? 0 : 1;
}
