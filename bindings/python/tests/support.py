"""What the tests share: a configuration, and an upstream in this process."""

from __future__ import annotations

import http.server
import json
import os
import pathlib
import threading
import time

import tollgate

TOKEN = "tg_example"
# More than the sockets between two programs take.
BIG = 32_000_000
# The repository, when the tests are run from it.
ROOT = pathlib.Path(os.path.abspath(__file__ + "/../../../.."))

CONFIG = """\
type: provider-account/anthropic
name: anthropic-main
base_url: "${UPSTREAM}"
auth_data: {type: api-key, api_key: "${KEY}"}
integrations:
  - {name: claude, model_id: claude-sonnet-4-5, type: integration/model/anthropic,
     model_types: [chat]}
---
type: user
name: ada@corp.example
tokens: [{sha256: 849bcdf2697a91c638e19b84148f16dfc88df7d48e384922ea779360f0837bc4}]
"""


def lookup(upstream="https://upstream.example"):
    return tollgate.from_mapping({"UPSTREAM": upstream, "KEY": "the-account-key"})


def gateway(upstream="https://upstream.example", **options):
    return tollgate.Gateway(CONFIG, lookup=lookup(upstream), **options)


def body(prompt="hello", *, stream=False, model="claude"):
    return {"model": model, "max_tokens": 64, "stream": stream,
            "messages": [{"role": "user", "content": prompt}]}


def request(prompt="hello", *, stream=False, token=TOKEN, model="claude"):
    return tollgate.Request.messages(body(prompt, stream=stream, model=model), token=token)


def wait_for(condition, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def answer_of(text, model="claude-sonnet-4-5"):
    return {"id": "msg_1", "type": "message", "role": "assistant", "model": model,
            "content": [{"type": "text", "text": text}], "stop_reason": "end_turn",
            "stop_sequence": None, "usage": {"input_tokens": 9, "output_tokens": 4}}


def events_of(text, deltas=3):
    start = {**answer_of(text), "content": [], "stop_reason": None}
    size = max(1, len(text) // deltas)
    yield {"type": "message_start", "message": start}
    yield {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    for at in range(0, len(text), size):
        yield {"type": "content_block_delta", "index": 0,
               "delta": {"type": "text_delta", "text": text[at:at + size]}}
    yield {"type": "content_block_stop", "index": 0}
    yield {"type": "message_delta", "delta": {"stop_reason": "end_turn"},
           "usage": {"output_tokens": 4}}
    yield {"type": "message_stop"}


def sse(event):
    return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()


class _Handler(http.server.BaseHTTPRequestHandler):
    """Answers by the last prompt: hello…, busy, cut, endless, big, silent."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        upstream = self.server.upstream
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with upstream.guard:
            upstream.requests.append((dict(self.headers.items()), asked))
        prompt = asked["messages"][-1]["content"]
        prompt = prompt if isinstance(prompt, str) else prompt[-1]["text"]
        if self.headers["x-api-key"] != "the-account-key":
            self.whole(401, {"type": "error", "error": {"type": "authentication_error",
                                                        "message": "not this key"}})
        elif prompt == "busy":
            self.whole(529, {"type": "error", "error": {"type": "overloaded_error",
                                                        "message": "Overloaded"}})
        elif prompt == "silent":
            self.close_connection = True
            self.connection.settimeout(20)
            self.rfile.read(1)  # Until the other side closes.
        elif asked.get("stream"):
            self.stream(prompt)
        else:
            self.whole(200, answer_of(f"You said {prompt}"))

    def whole(self, status, value):
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def stream(self, prompt):
        upstream = self.server.upstream
        self.send_response(200)
        self.send_header("content-type", "text/event-stream; charset=utf-8")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        with upstream.guard:
            upstream.open += 1
        try:
            self.stream_parts(prompt)
        except OSError:
            upstream.cut.set()
            self.close_connection = True
        finally:
            with upstream.guard:
                upstream.open -= 1

    def stream_parts(self, prompt):
        text = "x" * BIG if prompt == "big" else f"You said {prompt}"
        parts = list(events_of(text, 400 if prompt == "big" else 3))
        if prompt == "endless":
            for event in parts[:3]:
                self.chunk(sse(event))
            while True:
                time.sleep(0.01)
                self.chunk(sse(parts[2]))
        if prompt == "cut":
            for event in parts[:3]:
                self.chunk(sse(event))
            self.close_connection = True
            return
        for event in parts:
            self.chunk(sse(event))
        self.wfile.write(b"0\r\n\r\n")

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()
        self.server.upstream.sent += len(data)

    def log_message(self, *_):
        pass


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # Connections that break are what many of the tests are about.


class Upstream:
    """An Anthropic upstream on a free port of the loopback."""

    def __init__(self):
        self.guard = threading.Lock()
        self.requests = []
        self.open = 0
        self.sent = 0
        self.cut = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.upstream = self
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self):
        self._server.shutdown()
        self._server.server_close()
