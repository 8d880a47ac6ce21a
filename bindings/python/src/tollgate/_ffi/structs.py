"""The transparent structs of the C headers, field for field.

The tests compare every size and offset here with the ABI's frozen layout.
"""

from __future__ import annotations

import ctypes
from ctypes import c_char_p, c_int32, c_int64, c_size_t, c_uint32, c_uint64, c_void_p
from typing import Any, Optional


class Bytes(ctypes.Structure):
    """tg_bytes as the library gives it: an address that is not read further than `size`."""

    _fields_ = [("data", c_void_p), ("size", c_size_t)]
    data: Optional[int]
    size: int


class BytesIn(ctypes.Structure):
    """tg_bytes as we give it: made of a bytes object, which it keeps alive."""

    _fields_ = [("data", c_char_p), ("size", c_size_t)]
    data: Optional[bytes]
    size: int


class Time(ctypes.Structure):
    """tg_time."""

    _fields_ = [("mono_ns", c_uint64), ("wall_ms", c_int64)]
    mono_ns: int
    wall_ms: int


class Action(ctypes.Structure):
    """tg_action."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("kind", c_int32),
        ("upstream", c_uint32),
        ("http_status", c_uint32),
        ("flags", c_uint32),
        ("headers", ctypes.POINTER(Bytes)),
        ("header_count", c_uint32),
        ("body_span_count", c_uint32),
        ("body_spans", ctypes.POINTER(Bytes)),
        ("body_size", c_uint64),
        ("body", Bytes),
        ("method", Bytes),
        ("url", Bytes),
        ("ca_file", Bytes),
        ("client_cert_file", Bytes),
        ("client_key_file", Bytes),
        ("proxy", Bytes),
        ("deadline_ns", c_uint64),
    ]
    struct_size: int
    kind: int
    upstream: int
    http_status: int
    flags: int
    headers: Any
    header_count: int
    body_span_count: int
    body_spans: Any
    body_size: int
    body: Bytes
    method: Bytes
    url: Bytes
    ca_file: Bytes
    client_cert_file: Bytes
    client_key_file: Bytes
    proxy: Bytes
    deadline_ns: int


# int32_t lookup(int32_t kind, tg_bytes name, tg_bytes* value, void* user)
LookupFn = ctypes.CFUNCTYPE(c_int32, c_int32, Bytes, ctypes.POINTER(BytesIn), c_void_p)
# void wake(uint64_t token, void* user)
WakeFn = ctypes.CFUNCTYPE(None, c_uint64, c_void_p)


class GatewayOptions(ctypes.Structure):
    """tg_gateway_options."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("config_name", BytesIn),
        ("host_capabilities", c_uint64),
        ("seed_high", c_uint64),
        ("seed_low", c_uint64),
        ("lookup", LookupFn),
        ("lookup_user", c_void_p),
        ("wake", WakeFn),
        ("wake_user", c_void_p),
        ("background_wake_token", c_uint64),
        ("body_bytes_in_flight_max", c_uint64),
        ("exchanges_max", c_uint32),
        ("reserved_flags", c_uint32),
    ]
    struct_size: int
    config_name: BytesIn
    host_capabilities: int
    seed_high: int
    seed_low: int
    lookup: Any
    lookup_user: Optional[int]
    wake: Any
    wake_user: Optional[int]
    background_wake_token: int
    body_bytes_in_flight_max: int
    exchanges_max: int
    reserved_flags: int


class ExchangeOptions(ctypes.Structure):
    """tg_exchange_options."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("request_id", BytesIn),
        ("client_address", BytesIn),
        ("timeout_ns", c_uint64),
        ("wake_token", c_uint64),
        ("attempts_max", c_uint32),
        ("reserved_flags", c_uint32),
    ]
    struct_size: int
    request_id: BytesIn
    client_address: BytesIn
    timeout_ns: int
    wake_token: int
    attempts_max: int
    reserved_flags: int


class LedgerBalance(ctypes.Structure):
    """tg_ledger_balance."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("limit_nano_usd", c_int64),
        ("settled_nano_usd", c_int64),
        ("reserved_nano_usd", c_int64),
        ("overrun_nano_usd", c_int64),
    ]
    struct_size: int
    limit_nano_usd: int
    settled_nano_usd: int
    reserved_nano_usd: int
    overrun_nano_usd: int


class CurlOptions(ctypes.Structure):
    """tg_curl_options."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("ca_file", BytesIn),
        ("proxy", BytesIn),
        ("connect_timeout_ns", c_uint64),
        ("idle_connections_max", c_uint32),
        ("idle_handles_max", c_uint32),
        ("reserved_flags", c_uint32),
    ]
    struct_size: int
    ca_file: BytesIn
    proxy: BytesIn
    connect_timeout_ns: int
    idle_connections_max: int
    idle_handles_max: int
    reserved_flags: int


# The callbacks of tg_curl_client, in its order.
OnHeadFn = ctypes.CFUNCTYPE(c_int32, ctypes.POINTER(Action), c_void_p)
OnBodyFn = ctypes.CFUNCTYPE(c_int32, Bytes, c_int32, c_void_p)
OnEndFn = ctypes.CFUNCTYPE(None, c_int32, c_void_p)
OnRecordFn = ctypes.CFUNCTYPE(None, Bytes, c_void_p)
OnDoneFn = ctypes.CFUNCTYPE(None, c_void_p, c_void_p)


class CurlClient(ctypes.Structure):
    """tg_curl_client."""

    _fields_ = [
        ("struct_size", c_size_t),
        ("on_head", OnHeadFn),
        ("on_body", OnBodyFn),
        ("on_end", OnEndFn),
        ("on_record", OnRecordFn),
        ("on_done", OnDoneFn),
        ("client_fd", c_int32),
        ("reserved_flags", c_uint32),
        ("user", c_void_p),
        ("wake_token", c_uint64),
    ]
    struct_size: int
    on_head: Any
    on_body: Any
    on_end: Any
    on_record: Any
    on_done: Any
    client_fd: int
    reserved_flags: int
    user: Optional[int]
    wake_token: int


# The C name of each, as tg_struct_size() and the frozen layout know it.
STRUCTS = {
    "tg_bytes": Bytes,
    "tg_time": Time,
    "tg_action": Action,
    "tg_gateway_options": GatewayOptions,
    "tg_exchange_options": ExchangeOptions,
    "tg_ledger_balance": LedgerBalance,
    "tg_curl_options": CurlOptions,
    "tg_curl_client": CurlClient,
}
