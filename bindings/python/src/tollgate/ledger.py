"""The money alone: scopes with limits, and reservations that are settled or voided once."""

from __future__ import annotations

from ctypes import byref, c_uint64, sizeof
from dataclasses import dataclass
from types import TracebackType
from typing import Callable, Optional, Sequence, Type

from . import _ffi
from ._ffi import core
from ._ffi.constants import TG_LEDGER_UNLIMITED, TG_NO_DEADLINE
from ._support import Closing, Handle, bytes_in, call, make, number_in, time_of
from .clock import Clock, SystemClock


@dataclass(frozen=True)
class Balance:
    """Where a scope stands, in 10⁻⁹ USD. `limit` is None when there is none."""

    limit: Optional[int]
    settled: int
    reserved: int
    overrun: int


class Reservation:
    """Money set aside. As a context manager it is given back unless it was settled inside."""

    def __init__(self, ledger: "Ledger", number: int) -> None:
        self._ledger = ledger
        self._number = number
        self._open = True

    def settle(self, cost_nano_usd: int) -> None:
        """Books the true cost; what exceeds the reservation is booked as overrun."""
        self._resolve(core.tg_ledger_settle, number_in(cost_nano_usd, "cost_nano_usd", 63))

    def void(self) -> None:
        """Gives it back unused."""
        self._resolve(core.tg_ledger_void)

    def _resolve(self, function: Callable[..., int], *arguments: int) -> None:
        with self._ledger._handle as address:
            call(function, address, self._number, *arguments, time_of(self._ledger.clock))
        self._open = False

    def __enter__(self) -> "Reservation":
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        value: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        if self._open:
            self.void()


class Ledger(Closing):
    """In memory, usable from any thread at once. Settled + reserved never exceed a scope's limit.

    Amounts are integers of 10⁻⁹ USD.
    """

    def __init__(self, *, clock: Optional[Clock] = None) -> None:
        self.clock: Clock = clock if clock is not None else SystemClock()
        self._handle = Handle(make(core.tg_ledger_create), core.tg_ledger_free, "ledger")

    def set_limit(self, scope: str, limit_nano_usd: Optional[int]) -> None:
        """Sets or changes a scope's limit; None for none. A lower one undoes nothing."""
        limit = TG_LEDGER_UNLIMITED
        if limit_nano_usd is not None:
            limit = number_in(limit_nano_usd, "limit_nano_usd", 63)
        with self._handle as address:
            call(core.tg_ledger_limit_set, address, bytes_in(scope), limit)

    def reserve(
        self,
        scopes: Sequence[str],
        amount_nano_usd: int,
        *,
        expires_in_s: Optional[float] = None,
    ) -> Reservation:
        """Reserves in all scopes or in none. Raises LimitError, whose path names the first scope
        that has no room. A reservation that expires counts as settled in full."""
        if isinstance(scopes, (str, bytes)):
            raise TypeError("scopes is a sequence of names: a text would be one of letters")
        amount = number_in(amount_nano_usd, "amount_nano_usd", 63)
        names = (_ffi.BytesIn * len(scopes))(*(bytes_in(scope) for scope in scopes))
        now = time_of(self.clock)
        expires = TG_NO_DEADLINE
        if expires_in_s is not None:
            expires = number_in(now.mono_ns + round(expires_in_s * 1e9), "expires_in_s", 64)
        number = c_uint64()
        with self._handle as address:
            call(
                core.tg_ledger_reserve,
                address,
                names,
                len(scopes),
                amount,
                expires,
                now,
                byref(number),
            )
        return Reservation(self, number.value)

    def balance(self, scope: str) -> Balance:
        found = _ffi.LedgerBalance(struct_size=sizeof(_ffi.LedgerBalance))
        with self._handle as address:
            call(
                core.tg_ledger_balance_get,
                address,
                bytes_in(scope),
                time_of(self.clock),
                byref(found),
            )
        limit = found.limit_nano_usd
        return Balance(
            None if limit == TG_LEDGER_UNLIMITED else limit,
            found.settled_nano_usd,
            found.reserved_nano_usd,
            found.overrun_nano_usd,
        )

    def close(self) -> None:
        self._handle.close()
