"""Where a configuration's references come from: "${NAME}" and "file:PATH"."""

from __future__ import annotations

import os
from typing import Callable, Mapping, Optional

# Gets "env" or "file" and the name; gives the value, or None when there is no such thing.
Lookup = Callable[[str, str], Optional[str]]

_FILE_BYTES_MAX = 1024 * 1024


def environment_and_files(kind: str, name: str) -> Optional[str]:
    """The process's environment, and files of up to 1 MiB less the line break at their end."""
    if kind == "env":
        return os.environ.get(name)
    try:
        with open(name, "rb") as file:
            data = file.read(_FILE_BYTES_MAX + 1)
        text = data.decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    if len(data) > _FILE_BYTES_MAX:
        return None
    for ending in ("\r\n", "\n"):
        if text.endswith(ending):
            return text[: -len(ending)]
    return text


def from_mapping(values: Mapping[str, str]) -> Lookup:
    """Only these variables, and no files: what tests want."""

    def look_up(kind: str, name: str) -> Optional[str]:
        return values.get(name) if kind == "env" else None

    return look_up
