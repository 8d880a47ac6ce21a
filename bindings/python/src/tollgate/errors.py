"""What calls raise: one class for each status of the library."""

from __future__ import annotations

from typing import Dict, Type

from ._ffi import constants as c


class TollgateError(Exception):
    """A call failed.

    `code` is the library's status (negative), `path` says where in the data ("integrations[2].cost")
    when the failure is about data, and is empty otherwise. The message holds no secrets.
    """

    code: int = c.TG_E_INTERNAL

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.path = path


class InvalidError(TollgateError):
    """An argument or a configuration is not allowed; `path` says where."""

    code = c.TG_E_INVALID


class StateError(TollgateError):
    """The call is not allowed in this state of the object."""

    code = c.TG_E_STATE


class OutOfMemoryError(TollgateError):
    """Memory ran out; the object may only be closed."""

    code = c.TG_E_NOMEM


class LimitError(TollgateError):
    """A configured limit was reached; `path` names it."""

    code = c.TG_E_LIMIT


class AbiError(TollgateError):
    """The library and this package do not understand each other."""

    code = c.TG_E_ABI


class InternalError(TollgateError):
    """A bug in tollgate. Please report it with its message."""

    code = c.TG_E_INTERNAL


class AnswerCutError(TollgateError):
    """The answer ended before it was complete; what came before was given out.

    Not a status of the library, so `code` is 0.
    """

    code = c.TG_OK


BY_CODE: Dict[int, Type[TollgateError]] = {
    kind.code: kind
    for kind in (InvalidError, StateError, OutOfMemoryError, LimitError, AbiError, InternalError)
}
