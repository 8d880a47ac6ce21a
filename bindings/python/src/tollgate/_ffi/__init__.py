"""The lowest floor: the C headers as they are. Everything above uses only this."""

from __future__ import annotations

from .loading import core, curl, redis, sqlite
from .structs import (
    Action,
    Bytes,
    BytesIn,
    CurlClient,
    CurlOptions,
    ExchangeOptions,
    GatewayOptions,
    LedgerBalance,
    LookupFn,
    OnBodyFn,
    OnDoneFn,
    OnEndFn,
    OnHeadFn,
    OnRecordFn,
    Time,
    WakeFn,
)

__all__ = [
    "Action",
    "Bytes",
    "BytesIn",
    "CurlClient",
    "CurlOptions",
    "ExchangeOptions",
    "GatewayOptions",
    "LedgerBalance",
    "LookupFn",
    "OnBodyFn",
    "OnDoneFn",
    "OnEndFn",
    "OnHeadFn",
    "OnRecordFn",
    "Time",
    "WakeFn",
    "core",
    "curl",
    "redis",
    "sqlite",
]
