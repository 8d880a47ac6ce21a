#!/usr/bin/env python3
"""A scripted provider of the Anthropic Messages API, for tests.

Run it as `python3 tests/support/simulator --scenarios DIR --journal FILE`; it prints
`listening on http://127.0.0.1:PORT` once it accepts connections.
"""

import argparse
import base64
import json
import os
import socket
import socketserver
import sys
import time
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import checks  # noqa: E402
import delivery  # noqa: E402
import models  # noqa: E402
import replies  # noqa: E402
import service as state  # noqa: E402
from refusal import Refusal  # noqa: E402
from scenarios import Request, Scenarios  # noqa: E402


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # A small answer after a large request must not wait for an acknowledgement.
    disable_nagle_algorithm = True
    timeout = 120

    def setup(self):
        super().setup()
        self.server.service.counters.add("connections")
        self.server.service.counters.add("open_connections")

    def finish(self):
        self.server.service.counters.add("open_connections", -1)
        super().finish()

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self._handle()

    def do_GET(self):
        self._handle()

    def do_POST(self):
        self._handle()

    def _handle(self):
        service = self.server.service
        raw = self._read_body()
        path = urlsplit(self.path).path
        if path.startswith("/__admin/"):
            self._admin(path, raw)
            return
        self.number = service.next_number()
        self.request_id = replies.new_id("req_", replies.generator(service.seed, self.number))
        service.counters.add("requests")
        self.entry = state.request_entry(self.number, self, raw)
        self.wire = delivery.Wire(self.connection)
        self.outcome, self.status, self.streaming = "complete", 0, False
        started = time.time()
        try:
            self._answer(path, raw)
        except Refusal as refusal:
            service.counters.add("refused")
            self.entry["refusal"] = refusal.message
            self._refuse(refusal)
        except delivery.ReaderGone:
            service.counters.add("cancelled")
            self.outcome, self.close_connection = "cancelled", True
        except delivery.Cut:
            self.outcome, self.close_connection = "cut", True
        finally:
            if self.streaming:
                service.counters.add("open_streams", -1)
            service.journal.write({
                "event": "end", "number": self.number, "status": self.status,
                "outcome": self.outcome, "started": started, "time": time.time(),
                "response_b64": base64.b64encode(bytes(self.wire.sent)).decode()})

    def _read_body(self):
        if "chunked" in (self.headers.get("transfer-encoding") or ""):
            parts = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("content-length") or 0))

    def _answer(self, path, raw):
        service = self.server.service
        try:
            if path == "/" and self.command in ("HEAD", "GET"):
                raise Refusal(404, "Not Found")
            key, scenario = service.authenticate(self.headers)
            self.entry.update(key=key, scenario=scenario)
            version = checks.version(self.headers)
            betas = checks.betas(self.headers)
            if self.command == "GET":
                answer = self._models(path)
            elif path == "/v1/messages":
                body = checks.decode(raw)
                checks.messages(body, version, betas)
                answer = None
            elif path == "/v1/messages/count_tokens":
                body = checks.decode(raw)
                checks.count_tokens(body, version, betas)
                answer = {"input_tokens": replies.tokens_of(raw.decode("utf-8"))}
            else:
                raise Refusal(404, "Not found")
            reply = None if self.command == "GET" else self._reply(path, key, scenario, body)
        except Refusal as refusal:
            self.entry["refusal"] = refusal.message
            raise
        finally:
            service.journal.write(self.entry)
        if reply:
            delivery.before_answer(reply.get("fault", {}), self.wire)
        if answer is not None:
            self._send_json(200, answer)
        else:
            self._message(key, body, reply)

    def _reply(self, path, key, scenario, body):
        request = Request(path, self.headers, body)
        reply = self.server.service.scenarios.answer(scenario, key, request)
        self.entry.update(turn=request.turn, agent=request.agent)
        if reply is None and path == "/v1/messages":
            self.entry["unmatched"] = True
            raise Refusal(400, f"simulator: scenario {scenario} has no answer for turn "
                               f"{request.turn}: {request.last_text[-200:]}")
        return reply

    def _models(self, path):
        query = parse_qs(urlsplit(self.path).query)
        if path == "/v1/models":
            limit = int(query.get("limit", ["20"])[0])
            if not 1 <= limit <= 1000:
                raise Refusal(400, "limit: Input should be less than or equal to 1000")
            data = models.catalogue()
            page = data[:limit]
            return {"data": page, "has_more": len(page) < len(data), "first_id": page[0]["id"],
                    "last_id": page[-1]["id"]}
        name = path.removeprefix("/v1/models/")
        model = models.find(name) if name != path else None
        if model is None:
            raise Refusal(404, f"model: {name}" if name != path else "Not found")
        return models.info(model)

    def _message(self, key, body, reply):
        service = self.server.service
        rng = replies.generator(service.seed, self.number)
        model = models.find(body["model"]).id
        usage = service.usage(key, body)
        odd = delivery.odd_success(reply.get("fault", {}))
        if odd:
            self._send(200, *odd)
            return
        blocks = replies.content(reply.get("blocks", []), rng)
        if not body.get("stream"):
            self._send_json(200, replies.message(reply, blocks, model, usage, rng),
                            reply.get("headers"))
            return
        self._head(200, "text/event-stream; charset=utf-8", reply.get("headers"),
                   {"Transfer-Encoding": "chunked", "Cache-Control": "no-cache"})
        service.counters.add("open_streams")
        self.streaming = True
        events = replies.stream(reply, blocks, model, usage, rng)
        delivery.stream(self.wire, events, reply, rng, service.gate, self.request_id)
        self.wire.end()

    def _refuse(self, refusal):
        try:
            self._send_json(refusal.status, {
                "type": "error", "error": {"type": refusal.kind, "message": refusal.message},
                "request_id": self.request_id}, refusal.headers)
        except delivery.ReaderGone:
            self.outcome, self.close_connection = "cancelled", True

    def _send_json(self, status, value, headers=None):
        self._send(status, "application/json", delivery.json_bytes(value), headers)

    def _send(self, status, kind, data, headers=None):
        self._head(status, kind, headers, {"Content-Length": str(len(data))})
        if self.command != "HEAD":
            self.wire.sent += data
            self.wire.raw(data)

    def _head(self, status, kind, headers, more):
        self.status = status
        self.send_response(status)
        fields = {"Content-Type": kind, "request-id": self.request_id,
                  "anthropic-organization-id": "00000000-0000-4000-8000-00000000cafe",
                  "anthropic-ratelimit-requests-limit": "4000",
                  "anthropic-ratelimit-requests-remaining": "3999"}
        for name, value in {**fields, **more, **(headers or {})}.items():
            self.send_header(name, value)
        try:
            self.end_headers()
        except OSError:
            raise delivery.ReaderGone() from None

    def _admin(self, path, raw):
        service = self.server.service
        if path == "/__admin/release":
            service.gate.set()
        elif path == "/__admin/hold":
            service.gate.clear()
        elif path == "/__admin/scenario":
            service.default_scenario = json.loads(raw)["name"]
        data = delivery.json_bytes(service.counters.snapshot())
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 512

    def handle_error(self, request, client_address):
        # A peer that goes away is an outcome of a test, not an error of the simulator.
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError, socket.timeout)):
            super().handle_error(request, client_address)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--listen", default="127.0.0.1:0", help="HOST:PORT, port 0 picks one")
    parser.add_argument("--scenarios", required=True, help="folder of scenario files")
    parser.add_argument("--scenario", help="the scenario of keys that begin sk-ant-sim.any")
    parser.add_argument("--journal", help="file that gets a JSON line per request and per answer")
    options = parser.parse_args()
    host, port = options.listen.rsplit(":", 1)
    scenarios = Scenarios(options.scenarios)
    with Server((host, int(port)), Handler) as server:
        server.service = state.Service(scenarios, state.Journal(options.journal), options.scenario)
        print(f"listening on http://{host}:{server.server_address[1]}", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
