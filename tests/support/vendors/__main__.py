#!/usr/bin/env python3
"""Scripted providers of other dialects than Anthropic's, for tests; each refuses what the real one
refuses.

Run it as `python3 tests/support/vendors --scenarios DIR --journal FILE`; it prints
`listening on http://127.0.0.1:PORT`. The path decides the wire; a key SCENARIO in
sk-ant-sim.SCENARIO.ANYTHING decides the answers, in the short form of tests/support/simulator.
"""

import argparse
import base64
import json
import socketserver
import sys
import time
import os
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, _HERE)
sys.path.insert(1, os.path.join(os.path.dirname(_HERE), "simulator"))

import delivery  # noqa: E402
import replies  # noqa: E402
import service as state  # noqa: E402
import wire_chat  # noqa: E402
import wire_converse  # noqa: E402
import wire_gemini  # noqa: E402
import wire_invoke  # noqa: E402
import wire_responses  # noqa: E402
from refusal import Refusal  # noqa: E402
from scenarios import Request, Scenarios  # noqa: E402

_WIRES = (wire_chat, wire_responses, wire_gemini, wire_converse, wire_invoke)
_KEY_PREFIX = "sk-ant-sim."


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 120

    def log_message(self, *_):
        pass

    def do_GET(self):
        self._handle()

    def do_POST(self):
        self._handle()

    def _handle(self):
        service = self.server.service
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        path = urlsplit(self.path).path
        self.number = service.next_number()
        service.counters.add("requests")
        self.entry = state.request_entry(self.number, self, raw)
        self.wire = delivery.Wire(self.connection)
        self.outcome, self.status = "complete", 0
        found = [(w, w.match(path)) for w in _WIRES if w.match(path) is not None]
        shape, route = found[0] if found else (wire_chat, {})
        try:
            self._answer(shape, route, raw, bool(found))
        except Refusal as refusal:
            service.counters.add("refused")
            self._send(refusal.status, delivery.json_bytes(shape.error(refusal)), refusal.headers)
        except delivery.ReaderGone:
            service.counters.add("cancelled")
            self.outcome, self.close_connection = "cancelled", True
        except delivery.Cut:
            self.outcome, self.close_connection = "cut", True
        finally:
            service.journal.write({
                "event": "end", "number": self.number, "status": self.status,
                "outcome": self.outcome, "started": 0, "time": time.time(),
                "response_b64": base64.b64encode(bytes(self.wire.sent)).decode()})

    def _answer(self, shape, route, raw, known):
        service = self.server.service
        try:
            if not known:
                raise Refusal(404, "Not found")
            body = json.loads(raw)
            key = shape.key(self.headers)
            scenario = key[len(_KEY_PREFIX):].split(".")[0] if key.startswith(_KEY_PREFIX) else ""
            if scenario not in service.scenarios.names():
                raise Refusal(401, "Incorrect API key provided.")
            self.entry.update(key=key, scenario=scenario)
            shape.check(body, route)
            reply = self._reply(shape, body, key, scenario)
        except Refusal as refusal:
            self.entry["refusal"] = refusal.message
            raise
        finally:
            service.journal.write(self.entry)
        body.setdefault("model", route.get("model"))
        fault = reply.get("fault", {})
        delivery.before_answer(fault, self.wire)
        rng = replies.generator(service.seed, self.number)
        blocks = replies.content(reply.get("blocks", []), rng)
        tokens = replies.tokens_of(raw.decode("utf-8"))
        if not shape.streams(body, route):
            self._send(200, delivery.json_bytes(shape.whole(reply, blocks, body, tokens, rng)))
            return
        self._head(200, shape.ANSWER_TYPE, {"Transfer-Encoding": "chunked"})
        cut = reply.get("cut")
        for count, event in enumerate(shape.stream(reply, blocks, body, tokens, rng)):
            if fault.get("cut_after") == count:
                raise delivery.Cut()
            self.wire.chunks(event, cut, rng)
        self.wire.end()

    def _reply(self, shape, body, key, scenario):
        as_messages = {"messages": shape.messages(body), "model": body.get("model"),
                       "stream": body.get("stream")}
        request = Request("/v1/messages", self.headers, as_messages)
        reply = self.server.service.scenarios.answer(scenario, key, request)
        self.entry.update(turn=request.turn)
        if reply is None:
            self.entry["unmatched"] = True
            raise Refusal(400, f"simulator: scenario {scenario} has no answer for turn "
                               f"{request.turn}: {request.last_text[-200:]}")
        return reply

    def _send(self, status, data, headers=None):
        self._head(status, "application/json", dict(headers or {},
                                                    **{"Content-Length": str(len(data))}))
        self.wire.sent += data
        self.wire.raw(data)

    def _head(self, status, kind, headers):
        self.status = status
        self.send_response(status)
        for name, value in {"Content-Type": kind, "x-request-id": f"sim-{self.number}",
                            **headers}.items():
            self.send_header(name, value)
        try:
            self.end_headers()
        except OSError:
            raise delivery.ReaderGone() from None


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 512


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--listen", default="127.0.0.1:0", help="HOST:PORT, port 0 picks one")
    parser.add_argument("--scenarios", required=True, help="folder of scenario files")
    parser.add_argument("--journal", help="file that gets a JSON line per request and per answer")
    options = parser.parse_args()
    host, port = options.listen.rsplit(":", 1)
    with Server((host, int(port)), Handler) as server:
        server.service = state.Service(Scenarios(options.scenarios), state.Journal(options.journal),
                                       None)
        print(f"listening on http://{host}:{server.server_address[1]}", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
