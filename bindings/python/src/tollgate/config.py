"""Checking a configuration without making a gateway, and the form in which it stores tokens."""

from __future__ import annotations

import json
from ctypes import byref, create_string_buffer, sizeof
from dataclasses import dataclass
from typing import Optional, Tuple

from . import _ffi
from ._ffi import core
from ._ffi.constants import TG_OK, TG_TOKEN_HASH_SIZE
from ._support import Text, bytes_in, raise_error, take_text, time_of
from .clock import Clock, SystemClock
from .gateway import References
from .lookup import Lookup, environment_and_files


@dataclass(frozen=True)
class Diagnostic:
    """Something to say about a configuration."""

    severity: str
    file: str
    line: int
    column: int
    path: str
    message: str
    suggestion: str

    def __str__(self) -> str:
        kind = "warning: " if self.severity == "warning" else ""
        hint = f" (did you mean {self.suggestion}?)" if self.suggestion else ""
        where = f"{self.path}: " if self.path else ""
        return f"{self.file}:{self.line}:{self.column}: {where}{kind}{self.message}{hint}"


def check(
    text: Text,
    *,
    name: str = "config",
    lookup: Optional[Lookup] = None,
    clock: Optional[Clock] = None,
) -> Tuple[Diagnostic, ...]:
    """Everything there is to say about a configuration, in the order of its text."""
    references = References(lookup if lookup is not None else environment_and_files)
    options = _ffi.GatewayOptions(
        struct_size=sizeof(_ffi.GatewayOptions),
        config_name=bytes_in(name),
        lookup=references.function,
    )
    now = time_of(clock if clock is not None else SystemClock())
    with references:
        found = take_text(core.tg_config_check, bytes_in(text), byref(options), now)
    return tuple(
        Diagnostic(
            d["severity"],
            d.get("file") or "",
            d.get("line") or 0,
            d.get("column") or 0,
            d.get("path") or "",
            d["message"],
            d.get("suggestion") or "",
        )
        for d in json.loads(found)["diagnostics"]
    )


def token_hash(token: Text) -> str:
    """The SHA-256 of a token in hexadecimal, as `tokens: [{sha256: …}]` wants it."""
    hexadecimal = create_string_buffer(TG_TOKEN_HASH_SIZE)
    status = core.tg_token_hash(bytes_in(token), hexadecimal)
    if status != TG_OK:
        raise_error(status, None)
    return hexadecimal.value.decode("ascii")
