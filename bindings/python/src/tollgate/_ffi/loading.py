"""Finds the shared libraries, loads them, and refuses those that do not match these mirrors."""

from __future__ import annotations

import ctypes
import os
import threading
from typing import Dict, List

from .constants import TG_ABI_VERSION
from .prototypes import CORE, CURL, REDIS, SQLITE, Prototype
from .structs import STRUCTS

_BUNDLED = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "_lib")
_CORE_NAME = f"libtollgate.so.{TG_ABI_VERSION}"


def _places(name: str) -> List[str]:
    """Where to look for a library, in order; the last one leaves it to the system."""
    override = os.environ.get("TOLLGATE_LIBRARY")
    if override:
        # A file names the core; the driver stands beside it.
        folder = override if os.path.isdir(override) else os.path.dirname(override)
        if name == _CORE_NAME and not os.path.isdir(override):
            return [override]
        return [os.path.join(folder, name)]
    bundled = os.path.join(_BUNDLED, name)
    return [bundled, name] if os.path.exists(bundled) else [name]


def _load(name: str, functions: Dict[str, Prototype]) -> ctypes.CDLL:
    # CDLL, not PyDLL: the interpreter's lock is released for the length of each call.
    failures = []
    for place in _places(name):
        try:
            library = ctypes.CDLL(place)
        except OSError as failure:
            failures.append(str(failure))
            continue
        for function, (returns, takes) in functions.items():
            try:
                entry = getattr(library, function)
            except AttributeError:
                raise ImportError(f"{place} has no {function}: it is older than this package")
            entry.restype, entry.argtypes = returns, takes
        return library
    raise ImportError(f"cannot load {name} (TOLLGATE_LIBRARY names another): " + "; ".join(failures))


def _load_core() -> ctypes.CDLL:
    library = _load(_CORE_NAME, CORE)
    found = library.tg_abi_version()
    if found != TG_ABI_VERSION:
        raise ImportError(f"the library has ABI {found}, this package {TG_ABI_VERSION}")
    for name, struct in STRUCTS.items():
        size = library.tg_struct_size(name.encode())
        # Zero: a struct of a driver, which the core does not know.
        if size and size < ctypes.sizeof(struct):
            raise ImportError(f"{name} has {size} bytes in the library: it is older than this package")
    return library


core = _load_core()

_drivers: Dict[str, ctypes.CDLL] = {}
_drivers_lock = threading.Lock()


def _driver(word: str, functions: Dict[str, Prototype]) -> ctypes.CDLL:
    """A driver's library, loaded when it is first needed: policies and tests do without."""
    with _drivers_lock:
        if word not in _drivers:
            _drivers[word] = _load(f"libtollgate_{word}.so.{TG_ABI_VERSION}", functions)
        return _drivers[word]


def curl() -> ctypes.CDLL:
    """The libcurl driver."""
    return _driver("curl", CURL)


def sqlite() -> ctypes.CDLL:
    """The ledger's store in a SQLite file."""
    return _driver("sqlite", SQLITE)


def redis() -> ctypes.CDLL:
    """The ledger's store in Redis."""
    return _driver("redis", REDIS)
