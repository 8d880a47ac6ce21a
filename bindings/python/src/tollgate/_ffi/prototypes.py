"""Every function of the C headers: what it returns and what it takes.

The tests compare the names with the library's symbol list, and each parameter with the headers.
"""

from __future__ import annotations

from ctypes import (
    POINTER,
    c_char,
    c_char_p,
    c_int32,
    c_int64,
    c_size_t,
    c_uint32,
    c_uint64,
    c_void_p,
)
from typing import Any, Dict, Tuple

from .structs import (
    Action,
    Bytes,
    BytesIn,
    CurlClient,
    CurlOptions,
    ExchangeOptions,
    GatewayOptions,
    LedgerBalance,
    Time,
)

Prototype = Tuple[Any, Tuple[Any, ...]]

_STATUS = c_int32
# Handles are addresses; each kind is opaque.
_HANDLE = c_void_p
_NEW = POINTER(c_void_p)
_ERROR = POINTER(c_void_p)
_PAIRS = POINTER(BytesIn)

_SHARED: Dict[str, Prototype] = {
    "tg_abi_version": (c_uint32, ()),
    "tg_version_string": (c_char_p, ()),
    "tg_struct_size": (c_size_t, (c_char_p,)),
    "tg_config_check": (_STATUS, (BytesIn, POINTER(GatewayOptions), Time, _NEW, _ERROR)),
    "tg_error_create": (_HANDLE, (_STATUS, BytesIn, BytesIn)),
    "tg_error_free": (None, (_HANDLE,)),
    "tg_error_message": (Bytes, (_HANDLE,)),
    "tg_error_path": (Bytes, (_HANDLE,)),
    "tg_error_status": (_STATUS, (_HANDLE,)),
    "tg_gateway_correct": (
        _STATUS,
        (_HANDLE, BytesIn, BytesIn, BytesIn, c_int64, c_int64, BytesIn, Time, _ERROR),
    ),
    "tg_gateway_create": (_STATUS, (BytesIn, POINTER(GatewayOptions), Time, _NEW, _ERROR)),
    "tg_gateway_describe": (_STATUS, (_HANDLE, _NEW, _ERROR)),
    "tg_gateway_free": (None, (_HANDLE,)),
    "tg_gateway_metrics": (_STATUS, (_HANDLE, _NEW, _ERROR)),
    "tg_gateway_open_exchanges": (c_uint64, (_HANDLE,)),
    "tg_gateway_reprice": (
        _STATUS,
        (_HANDLE, BytesIn, BytesIn, c_int64, c_int64, Time, _NEW, _ERROR),
    ),
    "tg_gateway_reload": (_STATUS, (_HANDLE, BytesIn, Time, _ERROR)),
    "tg_gateway_set_draining": (None, (_HANDLE, c_int32)),
    "tg_policy_create": (_STATUS, (_HANDLE, _NEW, _ERROR)),
    "tg_policy_explain": (_STATUS, (_HANDLE, _PAIRS, c_uint32, BytesIn, Time, _NEW, _ERROR)),
    "tg_policy_explain_draws": (
        _STATUS,
        (_HANDLE, _PAIRS, c_uint32, BytesIn, Time, c_uint64, c_uint32, _NEW, _ERROR),
    ),
    "tg_policy_free": (None, (_HANDLE,)),
    "tg_policy_test": (
        _STATUS,
        (BytesIn, BytesIn, POINTER(GatewayOptions), Time, _NEW, _ERROR),
    ),
    "tg_text_bytes": (Bytes, (_HANDLE,)),
    "tg_text_free": (None, (_HANDLE,)),
    "tg_token_hash": (_STATUS, (BytesIn, POINTER(c_char))),
}

_EXCHANGE: Dict[str, Prototype] = {
    "tg_exchange_body_buffer": (
        _STATUS,
        (_HANDLE, c_size_t, POINTER(c_void_p), POINTER(c_size_t), _ERROR),
    ),
    "tg_exchange_client_blocked": (_STATUS, (_HANDLE, Time, _ERROR)),
    "tg_exchange_client_body": (_STATUS, (_HANDLE, BytesIn, Time, _ERROR)),
    "tg_exchange_client_end": (_STATUS, (_HANDLE, Time, _ERROR)),
    "tg_exchange_client_gone": (_STATUS, (_HANDLE, Time, _ERROR)),
    "tg_exchange_client_head": (
        _STATUS,
        (_HANDLE, BytesIn, BytesIn, _PAIRS, c_uint32, Time, _ERROR),
    ),
    "tg_exchange_client_unblocked": (_STATUS, (_HANDLE, Time, _ERROR)),
    "tg_exchange_create": (_STATUS, (_HANDLE, POINTER(ExchangeOptions), Time, _NEW, _ERROR)),
    "tg_exchange_free": (None, (_HANDLE,)),
    "tg_exchange_next_action": (_STATUS, (_HANDLE, POINTER(Action), _ERROR)),
    "tg_exchange_next_actions": (
        _STATUS,
        (_HANDLE, POINTER(Action), c_uint32, POINTER(c_uint32), _ERROR),
    ),
    "tg_exchange_tick": (_STATUS, (_HANDLE, Time, _ERROR)),
    "tg_exchange_upstream_body": (_STATUS, (_HANDLE, c_uint32, BytesIn, Time, _ERROR)),
    "tg_exchange_upstream_end": (_STATUS, (_HANDLE, c_uint32, Time, _ERROR)),
    "tg_exchange_upstream_failed": (
        _STATUS,
        (_HANDLE, c_uint32, c_int32, BytesIn, Time, _ERROR),
    ),
    "tg_exchange_upstream_head": (
        _STATUS,
        (_HANDLE, c_uint32, c_uint32, _PAIRS, c_uint32, Time, _ERROR),
    ),
    "tg_exchange_upstream_sent": (_STATUS, (_HANDLE, c_uint32, Time, _ERROR)),
}

_BACKGROUND: Dict[str, Prototype] = {
    "tg_background_close": (None, (_HANDLE,)),
    "tg_background_journal_done": (_STATUS, (_HANDLE, BytesIn, Time, _ERROR)),
    "tg_background_journal_failed": (_STATUS, (_HANDLE, Time, _ERROR)),
    "tg_background_journal_start": (_STATUS, (_HANDLE, Time, _ERROR)),
    "tg_background_next_action": (_STATUS, (_HANDLE, POINTER(Action), _ERROR)),
    "tg_background_open": (_STATUS, (_HANDLE, Time, _NEW, _ERROR)),
    "tg_background_tick": (_STATUS, (_HANDLE, Time, _ERROR)),
    "tg_background_upstream_body": (_STATUS, (_HANDLE, c_uint32, BytesIn, Time, _ERROR)),
    "tg_background_upstream_end": (_STATUS, (_HANDLE, c_uint32, Time, _ERROR)),
    "tg_background_upstream_failed": (
        _STATUS,
        (_HANDLE, c_uint32, c_int32, BytesIn, Time, _ERROR),
    ),
    "tg_background_upstream_head": (
        _STATUS,
        (_HANDLE, c_uint32, c_uint32, _PAIRS, c_uint32, Time, _ERROR),
    ),
}

_LEDGER: Dict[str, Prototype] = {
    "tg_ledger_balance_get": (_STATUS, (_HANDLE, BytesIn, Time, POINTER(LedgerBalance), _ERROR)),
    "tg_ledger_create": (_STATUS, (_NEW, _ERROR)),
    "tg_ledger_free": (None, (_HANDLE,)),
    "tg_ledger_limit_set": (_STATUS, (_HANDLE, BytesIn, c_int64, _ERROR)),
    "tg_ledger_reserve": (
        _STATUS,
        (_HANDLE, _PAIRS, c_uint32, c_int64, c_uint64, Time, POINTER(c_uint64), _ERROR),
    ),
    "tg_ledger_settle": (_STATUS, (_HANDLE, c_uint64, c_int64, Time, _ERROR)),
    "tg_ledger_void": (_STATUS, (_HANDLE, c_uint64, Time, _ERROR)),
}

_WAKER: Dict[str, Prototype] = {
    "tg_waker_create": (_STATUS, (_NEW, _ERROR)),
    "tg_waker_fd": (c_int32, (_HANDLE,)),
    "tg_waker_free": (None, (_HANDLE,)),
    "tg_waker_take": (c_uint32, (_HANDLE, POINTER(c_uint64), c_uint32)),
    "tg_waker_wake": (None, (c_uint64, c_void_p)),
}

CORE: Dict[str, Prototype] = {**_SHARED, **_EXCHANGE, **_BACKGROUND, **_LEDGER, **_WAKER}

CURL: Dict[str, Prototype] = {
    "tg_curl_create": (_STATUS, (POINTER(CurlOptions), _NEW, _ERROR)),
    "tg_curl_free": (None, (_HANDLE,)),
    "tg_curl_loop_client_gone": (None, (_HANDLE, c_uint64)),
    "tg_curl_loop_create": (_STATUS, (_HANDLE, _NEW, _ERROR)),
    "tg_curl_loop_create_hosted": (_STATUS, (_HANDLE, _NEW, _ERROR)),
    "tg_curl_loop_fd": (c_int32, (_HANDLE,)),
    "tg_curl_loop_free": (None, (_HANDLE,)),
    "tg_curl_loop_step": (c_uint64, (_HANDLE,)),
    "tg_curl_loop_submit": (_STATUS, (_HANDLE, _HANDLE, c_uint64, POINTER(CurlClient), _ERROR)),
    "tg_curl_loop_unblock": (None, (_HANDLE, c_uint64)),
    "tg_curl_run": (_STATUS, (_HANDLE, _HANDLE, POINTER(CurlClient), _ERROR)),
    "tg_curl_wake": (None, (c_uint64, c_void_p)),
}

SQLITE: Dict[str, Prototype] = {
    "tg_sqlite_apply": (_STATUS, (_HANDLE, BytesIn, POINTER(Bytes), _ERROR)),
    "tg_sqlite_close": (None, (_HANDLE,)),
    "tg_sqlite_open": (_STATUS, (BytesIn, c_int32, c_int64, _NEW, _ERROR)),
}

REDIS: Dict[str, Prototype] = {
    "tg_redis_apply": (_STATUS, (_HANDLE, BytesIn, POINTER(Bytes), _ERROR)),
    "tg_redis_close": (None, (_HANDLE,)),
    "tg_redis_open": (_STATUS, (BytesIn, _NEW, _ERROR)),
}
