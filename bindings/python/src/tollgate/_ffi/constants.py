"""The constants of the C headers under their own names; the tests compare every one."""

from __future__ import annotations

from typing import Final

TG_ABI_VERSION: Final = 1

TG_OK: Final = 0
TG_E_INVALID: Final = -1
TG_E_STATE: Final = -2
TG_E_NOMEM: Final = -3
TG_E_LIMIT: Final = -4
TG_E_ABI: Final = -5
TG_E_INTERNAL: Final = -99

TG_ACTION_WAIT: Final = 0
TG_ACTION_UPSTREAM_OPEN: Final = 1
TG_ACTION_UPSTREAM_CANCEL: Final = 2
TG_ACTION_CLIENT_HEAD: Final = 3
TG_ACTION_CLIENT_BODY: Final = 4
TG_ACTION_CLIENT_END: Final = 5
TG_ACTION_RECORD: Final = 6
TG_ACTION_DONE: Final = 7
TG_ACTION_CLIENT_ABORT: Final = 8
TG_ACTION_JOURNAL: Final = 9

TG_FLAG_DENY_PRIVATE: Final = 1 << 0
TG_FLAG_AUXILIARY: Final = 1 << 1
TG_FLAG_TLS_UNVERIFIED: Final = 1 << 2
TG_FLAG_CLOSE: Final = 1 << 3

TG_SIZE_UNKNOWN: Final = 2**64 - 1
TG_NO_DEADLINE: Final = 2**64 - 1

TG_FAILURE_OTHER: Final = 0
TG_FAILURE_RESOLVE: Final = 1
TG_FAILURE_CONNECT: Final = 2
TG_FAILURE_TLS: Final = 3
TG_FAILURE_PROXY: Final = 4
TG_FAILURE_RESET: Final = 5
TG_FAILURE_PROTOCOL: Final = 6
TG_FAILURE_DENIED: Final = 7
TG_FAILURE_HOST: Final = 8

TG_REFERENCE_ENV: Final = 1
TG_REFERENCE_FILE: Final = 2

TG_TOKEN_HASH_SIZE: Final = 65
TG_LEDGER_UNLIMITED: Final = 2**63 - 1

TG_CURL_CLIENT_OK: Final = 0
TG_CURL_CLIENT_GONE: Final = 1
TG_CURL_CLIENT_BLOCKED: Final = 2

TG_SQLITE_POWER_LOSS: Final = 0
TG_SQLITE_PROCESS: Final = 1
