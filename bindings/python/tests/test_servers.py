"""The ASGI and WSGI applications, called as a server would."""

from __future__ import annotations

import asyncio
import io
import json
import socketserver
import threading
import time
import unittest
import urllib.error
import urllib.request
import wsgiref.simple_server
import wsgiref.validate

import tollgate
from support import CONFIG, TOKEN, Upstream, body, gateway, lookup, wait_for
from tollgate import asgi, wsgi

AUTHORIZATION = (b"authorization", f"Bearer {TOKEN}".encode())


class Client:
    """One ASGI request: what the server would receive, and what it was sent."""

    def __init__(self, app, path="/v1/messages", *, method="POST", data=b"", headers=(),
                 chunks=1, root_path="", query=b"", raw_path=None):
        self.app = app
        self.scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
            "path": path, "root_path": root_path, "query_string": query, "client": ["10.0.0.7", 1],
            "headers": list(headers),
        }
        if raw_path is not None:
            self.scope["raw_path"] = raw_path
        size = max(1, -(-len(data) // chunks))
        parts = [data[i:i + size] for i in range(0, len(data), size)] or [b""]
        self.incoming = [{"type": "http.request", "body": part, "more_body": i + 1 < len(parts)}
                         for i, part in enumerate(parts)]
        self.left = asyncio.Event()
        self.sent = []
        self.got = asyncio.Event()

    async def receive(self):
        if self.incoming:
            return self.incoming.pop(0)
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message):
        self.sent.append(message)
        self.got.set()

    async def run(self):
        await asyncio.wait_for(self.app(self.scope, self.receive, self.send), 20)
        return self

    @property
    def status(self):
        return self.sent[0]["status"]

    @property
    def headers(self):
        return dict(self.sent[0]["headers"])

    @property
    def data(self):
        return b"".join(m.get("body", b"") for m in self.sent[1:])

    @property
    def complete(self):
        return not self.sent[-1].get("more_body", False)


class Asgi(unittest.TestCase):
    def setUp(self):
        self.records = []
        self.upstream = Upstream()
        self.addCleanup(self.upstream.close)
        self.app = asgi.App(CONFIG, lookup=lookup(self.upstream.url),
                            on_record=self.records.append)
        self.addCleanup(self.app.gateway.close)

    def ask(self, **options):
        async def work():
            return await Client(self.app, **options).run()

        return asyncio.run(work())

    def outcomes(self):
        return [json.loads(record)["outcome"] for record in self.records]

    def test_health(self):
        got = self.ask(path="/healthz", method="GET")
        self.assertEqual((got.status, got.complete), (200, True))
        self.assertEqual(int(got.headers[b"content-length"]), len(got.data))
        self.assertEqual(self.ask(path="/nowhere", method="GET").status, 404)

    def test_answers(self):
        for name, stream in (("whole", False), ("stream", True)):
            with self.subTest(name):
                data = json.dumps(body(stream=stream)).encode()
                got = self.ask(data=data, headers=[AUTHORIZATION], chunks=5)
                self.assertEqual((got.status, got.complete), (200, True))
                self.assertIn(b"You said hello" if not stream else b"message_stop", got.data)
                self.assertEqual(b"content-length" in got.headers, not stream)
                self.assertNotIn(b"transfer-encoding", got.headers)
        self.assertEqual(self.outcomes(), ["ok", "ok"])
        self.assertEqual(json.loads(self.records[0])["client_address"], "10.0.0.7")

    def test_a_refusal_does_not_wait_for_the_body(self):
        data = json.dumps(body()).encode()
        got = self.ask(data=data, headers=[(b"authorization", b"Bearer tg_x")], chunks=4)
        self.assertEqual((got.status, got.complete), (401, True))
        self.assertEqual(got.headers[b"connection"], b"close")
        self.assertEqual(self.upstream.requests, [])

    def test_a_broken_stream_is_not_completed(self):
        data = json.dumps(body("cut", stream=True)).encode()
        got = self.ask(data=data, headers=[AUTHORIZATION])
        self.assertIn(b"event: error", got.data)

    def test_a_client_that_leaves_cancels_upstream(self):
        async def work():
            data = json.dumps(body("endless", stream=True)).encode()
            client = Client(self.app, data=data, headers=[AUTHORIZATION])
            task = asyncio.ensure_future(client.run())
            while not any(b"content_block_delta" in m.get("body", b"") for m in client.sent):
                client.got.clear()
                await client.got.wait()
            client.left.set()
            await task
            self.assertFalse(client.complete)

        asyncio.run(work())
        self.assertTrue(self.upstream.cut.wait(5))
        self.assertTrue(wait_for(lambda: self.outcomes() == ["cancelled"]))
        self.assertTrue(wait_for(lambda: self.app.gateway.open_exchanges == 0))

    def test_a_client_that_leaves_in_its_body(self):
        async def work():
            client = Client(self.app, data=b'{"model":', headers=[AUTHORIZATION])
            client.incoming[0]["more_body"] = True
            client.left.set()
            await client.run()
            self.assertEqual((client.status, client.data, client.complete), (499, b"", True))

        asyncio.run(work())
        self.assertEqual(self.app.gateway.open_exchanges, 0)

    def test_a_client_that_leaves_before_the_head(self):
        async def work(send_fails):
            data = json.dumps(body("silent")).encode()
            client = Client(self.app, data=data, headers=[AUTHORIZATION])
            seen = len(self.upstream.requests)
            if send_fails:
                client.send = self.gone
            task = asyncio.ensure_future(client.run())
            while len(self.upstream.requests) == seen:
                await asyncio.sleep(0.01)
            client.left.set()
            await task
            if not send_fails:
                # A middleware in between may take no answer at all for a failure of ours.
                self.assertEqual((client.status, client.data, client.complete), (499, b"", True))

        asyncio.run(work(False))
        asyncio.run(work(True))
        self.assertTrue(wait_for(lambda: self.outcomes() == ["cancelled", "cancelled"]))

    async def gone(self, message):
        raise OSError("the connection is gone")

    def test_a_driver_that_is_closed_before_the_head(self):
        driver = tollgate.CurlDriver()
        self.addCleanup(driver.close)
        app = asgi.App(CONFIG, lookup=lookup(self.upstream.url), driver=driver)
        self.addCleanup(app.gateway.close)

        async def work():
            client = Client(app, data=json.dumps(body("silent")).encode(), headers=[AUTHORIZATION])
            task = asyncio.ensure_future(client.run())
            while not self.upstream.requests:
                await asyncio.sleep(0.01)
            await asyncio.get_running_loop().run_in_executor(None, driver.close)
            await task
            self.assertEqual((client.status, client.complete), (503, True))

        asyncio.run(work())

    def test_the_server_cancels(self):
        async def work():
            data = json.dumps(body("endless", stream=True)).encode()
            client = Client(self.app, data=data, headers=[AUTHORIZATION])
            task = asyncio.ensure_future(client.run())
            await client.got.wait()
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task

        asyncio.run(work())
        self.assertTrue(self.upstream.cut.wait(5))

    def test_targets(self):
        rows = (
            ("plain", {"path": "/v1/messages"}, b"/v1/messages"),
            ("query", {"path": "/v1/messages", "query": b"beta=true"}, b"/v1/messages?beta=true"),
            ("raw", {"path": "/v1/models/a b", "raw_path": b"/v1/models/a%20b"},
             b"/v1/models/a%20b"),
            ("raw with query", {"path": "/a", "raw_path": b"/a?x=1", "query": b"x=1"}, b"/a?x=1"),
            ("mounted, old", {"path": "/v1/messages", "root_path": "/gw"}, b"/v1/messages"),
            ("mounted, new", {"path": "/gw/v1/messages", "root_path": "/gw",
                              "raw_path": b"/gw/v1/messages"}, b"/v1/messages"),
            ("mount point itself", {"path": "/gw", "root_path": "/gw"}, b"/"),
            ("no prefix", {"path": "/gwx", "root_path": "/gw"}, b"/gwx"),
        )
        for name, options, wanted in rows:
            with self.subTest(name):
                async def make():
                    return asgi.target_of(Client(self.app, **options).scope)

                self.assertEqual(asyncio.run(make()), wanted)

    def test_lifespan(self):
        async def work():
            sent = []
            messages = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]

            async def receive():
                return messages.pop(0)

            async def send(message):
                sent.append(message["type"])

            await self.app({"type": "lifespan"}, receive, send)
            return sent

        self.assertEqual(asyncio.run(work()),
                         ["lifespan.startup.complete", "lifespan.shutdown.complete"])
        with self.assertRaises(tollgate.StateError):
            self.app.gateway.describe()

    def test_what_the_server_cuts_is_recorded_before_the_end(self):
        slow = []

        def on_record(record):
            time.sleep(0.2)  # On the driver's thread: a disk that takes its time.
            slow.append(json.loads(record)["outcome"])

        app = asgi.App(CONFIG, lookup=lookup(self.upstream.url), on_record=on_record)

        async def work():
            data = json.dumps(body("endless", stream=True)).encode()
            client = Client(app, data=data, headers=[AUTHORIZATION])
            task = asyncio.ensure_future(client.run())
            await client.got.wait()
            task.cancel()
            await app.aclose()
            self.assertEqual(slow, ["cancelled"])
            await app.aclose()  # Once more does no harm.
            await asyncio.gather(task, return_exceptions=True)

        asyncio.run(work())

    def test_too_many_at_once(self):
        with gateway(exchanges_max=1) as made, made.exchange():
            app = asgi.App(made)

            async def work():
                return await Client(app, path="/healthz", method="GET").run()

            self.assertEqual(asyncio.run(work()).status, 503)

    def test_errors_of_the_configuration(self):
        with self.assertRaises(tollgate.InvalidError):
            asgi.App("type: nothing\n")


class _ThreadingServer(socketserver.ThreadingMixIn, wsgiref.simple_server.WSGIServer):
    daemon_threads = True


class _Quiet(wsgiref.simple_server.WSGIRequestHandler):
    def log_message(self, *_):
        pass


class Wsgi(unittest.TestCase):
    def setUp(self):
        self.records = []
        self.upstream = Upstream()
        self.addCleanup(self.upstream.close)
        self.app = wsgi.App(CONFIG, lookup=lookup(self.upstream.url),
                            on_record=self.records.append)
        self.addCleanup(self.app.gateway.close)

    def serve(self):
        server = wsgiref.simple_server.make_server(
            "127.0.0.1", 0, self.app, _ThreadingServer, _Quiet)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"http://127.0.0.1:{server.server_port}"

    def post(self, url, asked, token=TOKEN):
        fields = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        return urllib.request.urlopen(
            urllib.request.Request(url, json.dumps(asked).encode(), fields), timeout=20)

    def test_through_a_server(self):
        url = self.serve()
        with urllib.request.urlopen(url + "/healthz") as answer:
            self.assertEqual(answer.status, 200)
        with self.post(url + "/v1/messages?beta=true", body()) as answer:
            self.assertIn("You said hello", answer.read().decode())
        with self.post(url + "/v1/messages", body(stream=True)) as answer:
            self.assertIn("message_stop", answer.read().decode())
        with self.assertRaises(urllib.error.HTTPError) as raised:
            self.post(url + "/v1/messages", body(), token="tg_x")
        self.assertEqual(raised.exception.code, 401)
        raised.exception.close()

    def test_a_client_that_leaves_cancels_upstream(self):
        with self.post(self.serve() + "/v1/messages", body("endless", stream=True)) as answer:
            self.assertIn(b"message_start", answer.readline())
        self.assertTrue(self.upstream.cut.wait(5))
        self.assertTrue(wait_for(lambda: self.records))
        self.assertEqual(json.loads(self.records[0])["outcome"], "cancelled")

    def call(self, environ_more, data=b"{}", app=None):
        environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/v1/messages", "SCRIPT_NAME": "",
                   "SERVER_NAME": "x", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
                   "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.errors": io.StringIO(),
                   "wsgi.input": io.BytesIO(data), "wsgi.multithread": True, "QUERY_STRING": "",
                   "wsgi.multiprocess": False, "wsgi.run_once": False,
                   "HTTP_X_API_KEY": TOKEN, "CONTENT_LENGTH": str(len(data)), **environ_more}
        started = []

        def start_response(status, headers, exc_info=None):
            started.append((status, headers))
            return lambda data: None

        result = (app or wsgiref.validate.validator(self.app))(environ, start_response)
        data = b"".join(result)
        if hasattr(result, "close"):
            result.close()
        return started[0][0], dict(started[0][1]), data

    def test_the_protocol_is_kept(self):
        status, headers, data = self.call({}, json.dumps(body()).encode())
        self.assertEqual(status, "200 OK")
        self.assertEqual(int(headers["content-length"]), len(data))
        self.assertEqual(self.call({}, b"not json")[0], "400 Bad Request")
        self.assertEqual(self.call({"CONTENT_LENGTH": "99999999"})[0][:3], "413")

    def test_a_body_that_is_too_short(self):
        self.assertEqual(self.call({"CONTENT_LENGTH": "100"})[0], "499 Client Closed Request")
        self.assertEqual(self.app.gateway.open_exchanges, 0)
        self.assertEqual(json.loads(self.records[0])["outcome"], "cancelled")

    def test_too_many_at_once(self):
        with gateway(exchanges_max=1) as made, made.exchange():
            app = wsgiref.validate.validator(wsgi.App(made))
            status, headers, data = self.call({}, app=app)
        self.assertEqual((status[:3], headers["retry-after"]), ("503", "1"))
        self.assertEqual(json.loads(data)["error"]["type"], "overloaded_error")

    def test_a_driver_that_is_closed_before_the_head(self):
        driver = tollgate.CurlDriver()
        app = wsgi.App(CONFIG, lookup=lookup(self.upstream.url), driver=driver)
        self.addCleanup(app.gateway.close)
        # Closed by a thread of its own, once the upstream has the request.
        threading.Thread(target=lambda: (wait_for(lambda: self.upstream.requests), driver.close()),
                         daemon=True).start()
        self.assertEqual(self.call({}, json.dumps(body("silent")).encode(), app)[0][:3], "503")

    def test_closing(self):
        with gateway() as given:
            wsgi.App(given).close()
            self.assertEqual(given.open_exchanges, 0)  # It stays the giver's.
        self.app.close()
        with self.assertRaises(tollgate.StateError):
            self.app.gateway.describe()

    def test_what_is_no_length_reads_nothing(self):
        for length in ("-5", "abc", "1_0", "+2", "\u0663"):
            with self.subTest(length):
                environ = {"CONTENT_LENGTH": length, "wsgi.input": None}
                # Not through the validator, which refuses some of these itself.
                self.assertEqual(self.call(environ, app=self.app)[0][:3], "400")


if __name__ == "__main__":
    unittest.main()
