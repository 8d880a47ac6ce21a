"""nginx with the module on a free port, and raw connections to it."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time

from configuration import nginx_configuration
from harness import gateway
from harness.process import check, free_port, wait_for

MODEL = f"{gateway.ACCOUNT}/claude-opus-4-8"
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/bin", "E2E_TOKEN": gateway.TOKEN,
               "E2E_UPSTREAM_KEY": "sk-ant-sim.patient.key"}


def _parent_of(process):
    """None when it has ended meanwhile."""
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as file:
            return int(file.read().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return None


class Nginx:
    """A master with workers, in a folder of its own."""

    def __init__(self, module, folder, upstream_url, *, workers=1, main="", http="",
                 server="", more=""):
        self.folder = folder
        self._forgiven = []
        self.port = free_port()
        self.records_path = os.path.join(folder, "records.jsonl")
        self.config_path = os.path.join(folder, "tollgate.yaml")
        self._place = os.path.join(folder, "nginx.conf")
        with open(self.config_path, "w", encoding="utf-8") as file:
            file.write(gateway.configuration(
                port=self.port, records=self.records_path, upstream=upstream_url, server=server,
                more=more,
                integrations=[gateway.integration("claude-opus-4-8")]))
        with open(self._place, "w", encoding="utf-8") as file:
            file.write(nginx_configuration(module, self.config_path, folder, workers=workers,
                                           main=main, http=http, daemon=True))
        # As a daemon it outlives its starter; close() ends it by the ids it has written down.
        done = self.run()
        check(done.returncode == 0, f"nginx does not start: {done.stdout}")
        wait_for(self._answers, 10, "nginx's start")
        # Its port is open before the last of them is there.
        wait_for(lambda: len(self.workers()) >= workers, 10, "nginx's workers")

    def run(self, *arguments):
        """Runs the program with this configuration: nothing more starts it, -t tests."""
        # A binary upgrade runs what the first word names, without a search.
        return subprocess.run(
            [shutil.which("nginx", path=ENVIRONMENT["PATH"]), "-p", self.folder, "-c", self._place, "-e",
             os.path.join(self.folder, "error.log"), *arguments],
            env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False, timeout=30)

    def _answers(self):
        try:
            with self.connect():
                return True
        except OSError:
            return False

    def master(self, old=False):
        with open(os.path.join(self.folder, "nginx.pid" + (".oldbin" if old else "")),
                  encoding="utf-8") as file:
            return int(file.read())

    def workers(self, master=None):
        """Its children, asked one by one: the kernel's list of them leaves out some while others end."""
        parent = master or self.master()
        return [int(name) for name in os.listdir("/proc")
                if name.isdigit() and _parent_of(name) == parent]

    def signal(self, number, master=None):
        os.kill(master or self.master(), number)

    def memory_kb(self):
        """Memory of the workers' own; not their programs, which others may have open or not."""
        total = 0
        for worker in self.workers():
            with open(f"/proc/{worker}/smaps_rollup", encoding="utf-8") as file:
                total += sum(int(line.split()[1]) for line in file 
                             if line.startswith("Private_Dirty"))
        return total

    def connect(self, receive_bytes=None):
        connection = socket.socket()
        if receive_bytes:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        connection.settimeout(10)
        connection.connect(("127.0.0.1", self.port))
        return connection

    def ask(self, data):
        """Sends bytes and returns all that comes until the server closes."""
        with self.connect() as connection:
            connection.sendall(data)
            return read_all(connection)

    def stream(self, prompt, **options):
        """A connection whose answer has begun."""
        connection = self.connect(**options)
        connection.sendall(request(prompt))
        return connection

    def records(self):
        with open(self.records_path, encoding="utf-8") as file:
            return [json.loads(line) for line in file if line.endswith("\n")]

    def log(self, name="error.log"):
        with open(os.path.join(self.folder, name), encoding="utf-8", errors="replace") as file:
            return file.read()

    def forgive(self, text):
        """Lines with this text in the log are what the test itself has brought about."""
        self._forgiven.append(text)

    def close(self):
        """Ends it, and tells what of its log no test may leave behind."""
        for old in (False, True):
            try:
                master = self.master(old)
                self.signal(signal.SIGTERM, master)
                wait_for(lambda: not os.path.exists(f"/proc/{master}"), 10, "nginx's end")
            except (FileNotFoundError, ProcessLookupError, ValueError):
                pass
        return [line for line in self.log().splitlines()
                if ("[alert]" in line or "exited on signal" in line)
                and not any(text in line for text in self._forgiven)]


def request(prompt, *, stream=True, model=MODEL, token=gateway.TOKEN, close=True, chunked=False):
    body = json.dumps({"model": model, "max_tokens": 50, "stream": stream,
                       "messages": [{"role": "user", "content": prompt}]}).encode()
    if chunked:
        pieces = [body[at:at + 7] for at in range(0, len(body), 7)]
        body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    framing = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body)}"
    head = (f"POST /v1/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
            f"anthropic-version: 2023-06-01\r\nContent-Type: application/json\r\n{framing}\r\n"
            f"{'Connection: close' if close else 'Connection: keep-alive'}\r\n\r\n")
    return head.encode() + body


def read_all(connection):
    data = b""
    while part := connection.recv(65536):
        data += part
    return data


def read_until(connection, wanted, seconds=10):
    data, deadline = b"", time.monotonic() + seconds
    while wanted not in data:
        check(time.monotonic() < deadline, f"{wanted!r} did not come: {data[-300:]!r}")
        part = connection.recv(65536)
        check(part, f"the connection ended before {wanted!r}: {data[-300:]!r}")
        data += part
    return data
