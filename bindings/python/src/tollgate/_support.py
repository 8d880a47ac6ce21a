"""Small things that every object of the package needs: bytes, errors, handles."""

from __future__ import annotations

import ctypes
import operator
import threading
from types import TracebackType
from typing import Any, Callable, Iterable, List, Mapping, Optional, Tuple, Type, TypeVar, Union

from ._ffi import Bytes, BytesIn, Time, core
from ._ffi.constants import TG_E_NOMEM, TG_OK
from .clock import Clock
from .errors import BY_CODE, InternalError, InvalidError, StateError

Text = Union[str, bytes]
HeaderPairs = Union[Mapping[str, str], Iterable[Tuple[Text, Text]]]
Closed = TypeVar("Closed", bound="Closing")


def bytes_in(value: Text, encoding: str = "utf-8") -> BytesIn:
    """Lends a text or bytes to one call; the struct keeps them alive."""
    if isinstance(value, str):
        data = value.encode(encoding)
    elif isinstance(value, (bytes, bytearray, memoryview)):
        data = bytes(value)
    else:
        # bytes() would make zeros of a number, and of a mapping what it can.
        raise TypeError(f"str or bytes wanted, not {type(value).__name__}")
    return BytesIn(data, len(data))


def number_in(value: int, what: str, bits: int, least: int = 0) -> int:
    """A number that fits into the library's; ctypes would cut it silently."""
    number = operator.index(value)
    most = 2**bits - 1
    if not least <= number <= most:
        raise InvalidError(f"{what} is from {least} to {most}, not {number}", what)
    return number


def bytes_out(value: Bytes) -> bytes:
    """Copies bytes out of the library."""
    return ctypes.string_at(value.data, value.size) if value.data and value.size else b""


def text_out(value: Bytes) -> str:
    return bytes_out(value).decode("utf-8", "replace")


def pairs_in(headers: HeaderPairs) -> Tuple[Any, int]:
    """Header pairs as the C array of name, value, name, value… and the number of pairs."""
    given: Iterable[Tuple[Text, Text]]
    given = headers.items() if isinstance(headers, Mapping) else headers
    flat: List[BytesIn] = []
    for name, value in given:
        flat.append(bytes_in(name, "latin-1"))
        flat.append(bytes_in(value, "latin-1" if _is_latin1(value) else "utf-8"))
    return (BytesIn * len(flat))(*flat), len(flat) // 2


def _is_latin1(value: Text) -> bool:
    return not isinstance(value, str) or value.isascii() or max(value) <= "\xff"


def pairs_out(headers: Any, count: int) -> List[Tuple[bytes, bytes]]:
    return [
        (bytes_out(headers[2 * i]), bytes_out(headers[2 * i + 1])) for i in range(count)
    ]


def time_of(clock: Clock) -> Time:
    return Time(clock.mono_ns(), clock.wall_ms())


def raise_error(status: int, error: Optional[ctypes.c_void_p]) -> None:
    """Raises what a failing call says, and releases its error object."""
    message, path = "", ""
    if error:
        message = text_out(core.tg_error_message(error))
        path = text_out(core.tg_error_path(error))
        core.tg_error_free(error)
    if not message:
        message = "memory ran out" if status == TG_E_NOMEM else f"status {status}"
    raise BY_CODE.get(status, InternalError)(message, path)


def call(function: Callable[..., int], *arguments: Any) -> None:
    """Calls a function whose last parameter is tg_error**, and raises when it fails."""
    error = ctypes.c_void_p()
    status = function(*arguments, ctypes.byref(error))
    if status != TG_OK:
        raise_error(status, error)


def make(function: Callable[..., int], *arguments: Any) -> int:
    """Calls a function that gives a new object before tg_error**; returns its address."""
    made = ctypes.c_void_p()
    call(function, *arguments, ctypes.byref(made))
    assert made.value is not None
    return made.value


def take_text(function: Callable[..., int], *arguments: Any) -> bytes:
    """Calls a function that gives a tg_text, and returns its bytes."""
    text = make(function, *arguments)
    try:
        return bytes_out(core.tg_text_bytes(text))
    finally:
        core.tg_text_free(text)


class Single:
    """What is there once: a copy of it would close what it shares with the first."""

    def __reduce__(self) -> Any:
        name = type(self).__name__
        raise TypeError(f"{name} is neither copied nor pickled; each process makes its own")


class Closing(Single):
    """What `with` closes at its end."""

    def close(self) -> None:
        raise NotImplementedError

    def __enter__(self: Closed) -> Closed:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        value: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.close()


class Handle:
    """An object of the library that is released once, and never while a call on it runs.

    Calls run without the interpreter's lock, so that another thread may close the object in the
    middle of one: it is then released when the last of them returns.
    """

    def __init__(self, address: int, free: Callable[[int], None], what: str) -> None:
        self._address: Optional[int] = address
        self._free = free
        self._what = what
        self._users = 0
        self._closed = False
        self._guard = threading.Lock()

    def __enter__(self) -> int:
        with self._guard:
            if self._closed or self._address is None:
                raise StateError(f"the {self._what} is closed")
            self._users += 1
            return self._address

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        value: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        with self._guard:
            self._users -= 1
            address = self._to_free()
        if address is not None:
            self._free(address)

    def _to_free(self) -> Optional[int]:
        if not self._closed or self._users > 0:
            return None
        address, self._address = self._address, None
        return address

    def close(self) -> None:
        with self._guard:
            self._closed = True
            address = self._to_free()
        if address is not None:
            self._free(address)

    def forget(self) -> int:
        """Gives the object up without releasing it; it is now the caller's."""
        address, self._address = self._address, None
        self._closed = True
        if address is None:
            raise StateError(f"the {self._what} is closed")
        return address

    @property
    def closed(self) -> bool:
        return self._closed

    def __del__(self) -> None:
        # Nobody else can hold it now; at interpreter exit the library may be gone already.
        address = getattr(self, "_address", None)
        if address is not None and self._free is not None:
            self._address = None
            self._free(address)
