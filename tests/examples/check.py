#!/usr/bin/env python3
"""Runs an example and compares what it prints, line by line.

    check.py [--upstream] EXPECTED PROGRAM

In EXPECTED a `*` stands for whatever differs from run to run. With --upstream a small Anthropic
upstream is started on a free port and its URL is the program's argument.
"""

import difflib
import http.server
import pathlib
import re
import subprocess
import sys
import threading


class Upstream(http.server.BaseHTTPRequestHandler):
    """Streams one greeting, chunked."""

    protocol_version = "HTTP/1.1"
    EVENTS = [
        ("message_start", '{"type":"message_start","message":{"id":"msg_1","type":"message",'
         '"role":"assistant","model":"claude-sonnet-4-5","content":[],"stop_reason":null,'
         '"usage":{"input_tokens":9,"output_tokens":1}}}'),
        ("content_block_start", '{"type":"content_block_start","index":0,'
         '"content_block":{"type":"text","text":""}}'),
        ("content_block_delta", '{"type":"content_block_delta","index":0,'
         '"delta":{"type":"text_delta","text":"Hello from upstream"}}'),
        ("content_block_stop", '{"type":"content_block_stop","index":0}'),
        ("message_delta", '{"type":"message_delta","delta":{"stop_reason":"end_turn"},'
         '"usage":{"output_tokens":4}}'),
        ("message_stop", '{"type":"message_stop"}'),
    ]

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        known = self.path == "/v1/messages" and self.headers["x-api-key"] == "the-account-key"
        self.send_response(200 if known else 404)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for name, data in self.EVENTS if known else []:
            event = f"event: {name}\ndata: {data}\n\n".encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_):
        pass


def matches(expected, line):
    pattern = ".*".join(re.escape(part) for part in expected.split("*"))
    return re.fullmatch(pattern, line) is not None


def main(arguments):
    command = [arguments[-1]]
    if arguments[0] == "--upstream":
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        command.append(f"http://127.0.0.1:{server.server_port}")
    expected = pathlib.Path(arguments[-2]).read_text().splitlines()
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    printed = done.stdout.splitlines()
    if done.returncode != 0 or done.stderr:
        print(f"exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return 1
    if len(expected) == len(printed) and all(map(matches, expected, printed)):
        return 0
    print("\n".join(difflib.unified_diff(expected, printed, "expected", "printed", lineterm="")))
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
