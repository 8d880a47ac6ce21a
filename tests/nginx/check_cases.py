"""Checks of upstreams: each worker makes them by itself."""

import http.server
import signal
import threading
import time

from cases import case
from harness.process import check, contains, equal, free_port, wait_for
from server import read_all, read_until, request

# Nobody listens here, until a case does.
PORT = free_port()
_DEAD_FIRST = f"""\
---
type: provider-account/anthropic
name: dead
base_url: http://127.0.0.1:{PORT}
health_check: {{interval_seconds: 5}}
auth_data: {{type: api-key, api_key: "${{E2E_UPSTREAM_KEY}}"}}
integrations: [{{name: m, model_id: claude-opus-4-8}}]
---
name: either
routing_config:
  type: priority-based-routing
  load_balance_targets:
    - {{target: dead/m, priority: 0}}
    - {{target: anthropic-main/claude-opus-4-8, priority: 1}}
"""


class _Counting(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


@case(workers=2, more=_DEAD_FIRST)
def workers_check_their_upstreams(nginx, upstream):
    time.sleep(7)  # Each worker at once and after five seconds: two failures make it unhealthy.
    for _ in range(10):
        nginx.ask(request("hi", stream=False, model="either"))
    wait_for(lambda: len(nginx.records()) == 10, 5, "records")
    for record in nginx.records():
        equal((record["outcome"], record["target"], len(record["attempts"])),
              ("ok", "anthropic-main/claude-opus-4-8", 1), "a request beside a dead upstream")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", PORT), _Counting)
    server.asked = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    wait_for(lambda: len(server.asked) >= 2, 8, "a check of each worker")
    time.sleep(1)
    equal(server.asked, ["/", "/"], "checks within five seconds")
    stream = nginx.stream("WAIT")
    read_until(stream, b"Before the gate, ")
    old = set(nginx.workers())
    nginx.signal(signal.SIGHUP)
    wait_for(lambda: len(set(nginx.workers()) - old) == 2, 5, "new workers")
    wait_for(lambda: len(server.asked) >= 4, 3, "checks of the new workers, at once")
    check(set(nginx.workers()) & old, "no old worker stayed for its stream")
    time.sleep(7)
    equal(len(server.asked), 6, "checks, of which a worker that only finishes makes none")
    upstream.release()
    contains(read_all(stream), b"event: message_stop", "the end of the stream")
    stream.close()
    wait_for(lambda: not set(nginx.workers()) & old, 5, "the end of the old workers")
    server.shutdown()
