"""A TCP relay in front of the gateway that keeps the bytes of both directions."""

import json
import re
import socket
import threading


class Recorded:
    """One request and its answer, decoded from the bytes of a connection."""

    def __init__(self, method, path, request_headers, request, status, headers, response):
        self.method, self.path = method, path
        self.request_headers, self.request = request_headers, request
        self.status, self.headers, self.response = status, headers, response

    @property
    def body(self):
        return json.loads(self.request)


class Relay:
    def __init__(self, target_url):
        host, port = re.match(r"http://([^:/]+):(\d+)", target_url).groups()
        self._target = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._connections = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self._target)
            except OSError:
                client.close()  # as nobody there
                continue
            kept = (bytearray(), bytearray())
            self._connections.append(kept)
            for source, sink, copy in ((client, server, kept[0]), (server, client, kept[1])):
                source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=_pump, args=(source, sink, copy), daemon=True).start()

    def close(self):
        self._listener.close()

    def recorded(self):
        """All complete exchanges, in the order of their connections."""
        out = []
        for up, down in self._connections:
            requests = list(_messages(bytes(up), []))
            answers = list(_messages(bytes(down), [line.split(" ")[0] for line, _, _ in requests]))
            for (line, headers, body), (status, back, response) in zip(requests, answers):
                method, path, _ = line.split(" ")
                out.append(Recorded(method, path, headers, body, int(status.split(" ")[1]), back,
                                    response))
        return out


def _pump(source, sink, copy):
    try:
        while data := source.recv(65536):
            copy += data
            sink.sendall(data)
    except OSError:
        pass
    finally:
        try:
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def _messages(data, methods):
    """Yields (first line, headers, body) of each message on one side of a connection."""
    at = 0
    for count in range(len(data)):
        end = data.find(b"\r\n\r\n", at)
        if end < 0:
            return
        line, *fields = data[at:end].decode("latin-1").split("\r\n")
        headers = [tuple(field.split(": ", 1)) for field in fields]
        known = {name.lower(): value for name, value in headers}
        at = end + 4
        if methods and methods[min(count, len(methods) - 1)] == "HEAD":
            body = b""
        elif known.get("transfer-encoding", "") == "chunked":
            body, at = _dechunk(data, at)
        elif line.startswith("HTTP/") and "content-length" not in known:
            body, at = data[at:], len(data)
        else:
            size = int(known.get("content-length", "0"))
            body, at = data[at:at + size], at + size
        yield line, headers, body


def _dechunk(data, at):
    body = bytearray()
    while True:
        end = data.find(b"\r\n", at)
        if end < 0:
            return bytes(body), len(data)
        size = int(data[at:end].split(b";")[0], 16)
        body += data[end + 2:end + 2 + size]
        at = end + 2 + size + 2
        if size == 0:
            return bytes(body), at
