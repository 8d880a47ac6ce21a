"""What a scripted upstream answers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple, Union
from urllib.parse import urlsplit

from ..actions import Failure, RawHeaders, UpstreamOpen


@dataclass(frozen=True)
class Call:
    """A request that arrived at a scripted upstream."""

    open: UpstreamOpen

    @property
    def attempt(self) -> int:
        return self.open.attempt

    @property
    def url(self) -> str:
        return self.open.url

    @property
    def host(self) -> str:
        return urlsplit(self.open.url).netloc

    @property
    def path(self) -> str:
        return urlsplit(self.open.url).path

    def header(self, name: str) -> str:
        wanted = name.lower().encode()
        found = [v.decode("latin-1") for n, v in self.open.headers if n.lower() == wanted]
        return ", ".join(found)

    def json(self) -> Any:
        return json.loads(self.open.body)

    @property
    def model(self) -> str:
        """The model of the body, or of the path where it stands there."""
        try:
            named = self.json().get("model", "")
        except (ValueError, AttributeError):
            named = ""
        if not named and "/models/" in self.path:
            named = self.path.split("/models/", 1)[1].split(":")[0].split("/")[0]
        return str(named)


@dataclass(frozen=True)
class Reply:
    """An answer in pieces, each after its pause in seconds; or a failure; or nothing at all."""

    status: int = 200
    headers: Tuple[Tuple[str, str], ...] = ()
    pieces: Tuple[Tuple[float, bytes], ...] = ()
    latency_s: float = 0.1
    failure: Optional[Failure] = None
    silent: bool = False

    def raw_headers(self) -> RawHeaders:
        return [(n.encode("latin-1"), v.encode("latin-1")) for n, v in self.headers]


Script = Union[Reply, Callable[[Call], Reply]]


def raw(
    status: int = 200,
    body: Union[bytes, Sequence[bytes]] = b"",
    *,
    headers: Optional[Mapping[str, str]] = None,
    latency_s: float = 0.1,
    pause_s: float = 0.0,
) -> Reply:
    """These bytes, in these pieces."""
    pieces = [body] if isinstance(body, bytes) else list(body)
    fields = dict(headers or {"content-type": "application/json"})
    return Reply(
        status, tuple(fields.items()), tuple((pause_s, p) for p in pieces), latency_s=latency_s
    )


def error(
    status: int,
    message: str = "scripted",
    *,
    kind: Optional[str] = None,
    retry_after: Optional[int] = None,
    latency_s: float = 0.1,
) -> Reply:
    """An error answer, in the form that Anthropic gives it."""
    kinds = {
        400: "invalid_request_error",
        401: "authentication_error",
        403: "permission_error",
        404: "not_found_error",
        429: "rate_limit_error",
        529: "overloaded_error",
    }
    body = {
        "type": "error",
        "error": {"type": kind or kinds.get(status, "api_error"), "message": message},
    }
    headers = {"content-type": "application/json"}
    if retry_after is not None:
        headers["retry-after"] = str(retry_after)
    return raw(status, json.dumps(body).encode(), headers=headers, latency_s=latency_s)


def failure(reason: Failure = Failure.CONNECT, *, latency_s: float = 0.1) -> Reply:
    """No answer: the connection failed."""
    return Reply(failure=reason, latency_s=latency_s)


def silence() -> Reply:
    """The upstream takes the request and never answers: for tests of timeouts."""
    return Reply(silent=True)


def message(
    text: str = "ok",
    *,
    input_tokens: int = 10,
    output_tokens: int = 5,
    cache_read_input_tokens: int = 0,
    stop_reason: str = "end_turn",
    latency_s: float = 0.1,
    pause_s: float = 0.0,
) -> Callable[[Call], Reply]:
    """An answer with this text and usage, as a stream where one was asked for.

    In the form of Anthropic Messages; for upstreams of other dialects use `raw()`.
    """
    usage = {
        "input_tokens": input_tokens,
        "cache_read_input_tokens": cache_read_input_tokens,
        "cache_creation_input_tokens": 0,
        "output_tokens": output_tokens,
    }

    def reply(call: Call) -> Reply:
        whole = {
            "id": f"msg_{call.attempt:04}",
            "type": "message",
            "role": "assistant",
            "model": call.model,
            "content": [{"type": "text", "text": text}],
            "stop_reason": stop_reason,
            "stop_sequence": None,
            "usage": usage,
        }
        if not call.json().get("stream"):
            return raw(body=json.dumps(whole).encode(), latency_s=latency_s)
        return raw(
            body=[_sse(event) for event in _stream(whole, text, stop_reason, usage)],
            headers={"content-type": "text/event-stream; charset=utf-8"},
            latency_s=latency_s,
            pause_s=pause_s,
        )

    return reply


def _stream(
    whole: Mapping[str, Any], text: str, stop_reason: str, usage: Mapping[str, int]
) -> List[Dict[str, Any]]:
    start: Dict[str, Any] = {**whole, "content": [], "stop_reason": None, "usage": {**usage, "output_tokens": 1}}
    half = len(text) // 2
    deltas = [part for part in (text[:half], text[half:]) if part]
    return [
        {"type": "message_start", "message": start},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *(
            {
                "type": "content_block_delta",
                "index": 0,
                "delta": {"type": "text_delta", "text": part},
            }
            for part in deltas
        ),
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": stop_reason, "stop_sequence": None},
            "usage": {"output_tokens": usage["output_tokens"]},
        },
        {"type": "message_stop"},
    ]


def _sse(event: Mapping[str, Any]) -> bytes:
    return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()
