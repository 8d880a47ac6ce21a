"""Requests and the heads of answers, as the drivers exchange them with their callers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Iterable, Iterator, List, Mapping, Optional, Tuple, Union

from ._support import HeaderPairs, Text
from .actions import RawHeaders


class Headers(Mapping[str, str]):
    """Header fields by name, in any case; several of one name are joined by ", "."""

    def __init__(self, raw: Iterable[Tuple[Text, Text]] = ()) -> None:
        self.raw: RawHeaders = [(_bytes(name), _bytes(value)) for name, value in raw]

    def get_all(self, name: str) -> List[str]:
        wanted = name.lower().encode("latin-1")
        return [v.decode("latin-1") for n, v in self.raw if n.lower() == wanted]

    def __getitem__(self, name: str) -> str:
        found = self.get_all(name)
        if not found:
            raise KeyError(name)
        return ", ".join(found)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(n.decode("latin-1").lower() for n, _ in self.raw))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return f"Headers({dict(self)!r})"


def _bytes(value: Text) -> bytes:
    return value.encode("latin-1") if isinstance(value, str) else value


@dataclass(frozen=True)
class Request:
    """A client's request, whole. Its repr() keeps the headers to itself: a credential is there."""

    method: str = "POST"
    target: str = "/v1/messages"
    headers: HeaderPairs = field(default_factory=lambda: {}, repr=False)
    body: bytes = field(default=b"", repr=False)

    @classmethod
    def messages(
        cls,
        body: Union[Mapping[str, Any], bytes],
        *,
        token: Optional[str] = None,
        headers: Optional[Mapping[str, str]] = None,
    ) -> "Request":
        """A `POST /v1/messages` with this body, and `token` as its credential."""
        fields = {"content-type": "application/json", "anthropic-version": "2023-06-01"}
        if token is not None:
            fields["authorization"] = f"Bearer {token}"
        fields.update(headers or {})
        data = body if isinstance(body, bytes) else json.dumps(body).encode("utf-8")
        return cls("POST", "/v1/messages", fields, data)
