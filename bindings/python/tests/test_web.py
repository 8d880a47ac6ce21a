"""The ASGI application in real servers and frameworks, with real clients."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
import unittest
import urllib.error
import urllib.request

from support import CONFIG, ROOT, TOKEN, Upstream, body, lookup, wait_for
from tollgate import asgi

try:
    import uvicorn
except ImportError:
    uvicorn = None
try:
    import starlette.applications
    import starlette.responses
    import starlette.routing
except ImportError:
    starlette = None
try:
    import httpx
except ImportError:
    httpx = None

HERE = os.path.dirname(os.path.abspath(__file__))
# The python of an environment that has the official SDKs, and why there is none.
SDK_PYTHON = os.environ.get("TOLLGATE_SDK_PYTHON", "")
NO_SDK = os.environ.get("TOLLGATE_NO_SDK", "TOLLGATE_SDK_PYTHON names no environment")


@contextlib.contextmanager
def serving(app):
    """Runs uvicorn on a free port, in a thread."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="on"))
    server.install_signal_handlers = lambda: None
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
    thread.start()
    try:
        assert wait_for(lambda: server.started)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def post(url, asked, token=TOKEN):
    fields = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    return urllib.request.urlopen(
        urllib.request.Request(url + "/v1/messages", json.dumps(asked).encode(), fields), timeout=20)


class WithUpstream(unittest.TestCase):
    def setUp(self):
        self.records = []
        self.upstream = Upstream()
        self.addCleanup(self.upstream.close)

    def app(self, **options):
        return asgi.App(CONFIG, lookup=lookup(self.upstream.url), on_record=self.records.append,
                        **options)


@unittest.skipIf(uvicorn is None, "uvicorn is not installed")
class Uvicorn(WithUpstream):
    def test_answers(self):
        with serving(self.app()) as url:
            with urllib.request.urlopen(url + "/healthz") as answer:
                self.assertEqual(answer.status, 200)
            with post(url, body()) as answer:
                self.assertIn("You said hello", answer.read().decode())
            with post(url, body(stream=True)) as answer:
                self.assertEqual(answer.headers["content-type"],
                                 "text/event-stream; charset=utf-8")
                self.assertIn("message_stop", answer.read().decode())

    def test_pieces_come_at_once(self):
        with serving(self.app()) as url, post(url, body("endless", stream=True)) as answer:
            started = time.monotonic()
            seen = b""
            while seen.count(b"content_block_delta") < 4:
                seen += answer.readline()
            self.assertLess(time.monotonic() - started, 2)

    def test_a_client_that_leaves_cancels_upstream_within_a_second(self):
        with serving(self.app()) as url:
            with post(url, body("endless", stream=True)) as answer:
                answer.readline()
            self.assertTrue(self.upstream.cut.wait(1))
            self.assertTrue(wait_for(lambda: self.records))
            self.assertEqual(json.loads(self.records[0])["outcome"], "cancelled")

    def test_a_body_that_is_too_large_gets_its_answer(self):
        with serving(self.app()) as url:
            connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=20)
            connection.request("POST", "/v1/messages", b" " * (33 * 1024 * 1024),
                               {"x-api-key": TOKEN, "content-type": "application/json"})
            answer = connection.getresponse()
            self.assertEqual(answer.status, 413)
            self.assertIn("32 MB", answer.read().decode())
            connection.close()

    def test_many_at_once(self):
        with serving(self.app()) as url:
            texts = []

            def ask(number):
                with post(url, body(f"hello {number}", stream=True)) as answer:
                    texts.append(answer.read().decode().count("message_stop"))

            threads = [threading.Thread(target=ask, args=(n,)) for n in range(32)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            # The name stands in the event's line and in its data.
            self.assertEqual(texts, [2] * 32)

    @unittest.skipIf(starlette is None, "starlette is not installed")
    def test_mounted_in_starlette(self):
        routes = [starlette.routing.Mount("/gateway", app=self.app())]
        with serving(starlette.applications.Starlette(routes=routes)) as url:
            with post(url + "/gateway", body()) as answer:
                self.assertIn("You said hello", answer.read().decode())
            with urllib.request.urlopen(url + "/gateway/healthz") as answer:
                self.assertEqual(answer.status, 200)

    @unittest.skipIf(starlette is None, "starlette is not installed")
    def test_a_middleware_sees_a_client_that_leaves_and_no_failure(self):
        from starlette.middleware import Middleware
        from starlette.middleware.base import BaseHTTPMiddleware

        seen = []

        async def note(request, call_next):
            try:
                seen.append((await call_next(request)).status_code)
            except Exception as failure:
                seen.append(failure)
                raise
            return starlette.responses.Response()

        application = starlette.applications.Starlette(
            routes=[starlette.routing.Mount("/", app=self.app())],
            middleware=[Middleware(BaseHTTPMiddleware, dispatch=note)])
        with serving(application) as url:
            connection = http.client.HTTPConnection(url.removeprefix("http://"))
            connection.request("POST", "/v1/messages", json.dumps(body("silent")),
                               {"x-api-key": TOKEN})
            self.assertTrue(wait_for(lambda: self.upstream.requests))
            connection.close()
            self.assertTrue(wait_for(lambda: seen))
        self.assertEqual(seen, [499])

    @unittest.skipIf(httpx is None, "httpx is not installed")
    def test_upstream_calls_through_httpx(self):
        sys.path.insert(0, str(ROOT / "examples" / "python"))
        self.addCleanup(sys.path.remove, str(ROOT / "examples" / "python"))
        import httpx_host

        transport = httpx_host.HttpxTransport(httpx_host.new_client())
        with serving(self.app(transport=transport)) as url:
            with post(url, body(stream=True)) as answer:
                self.assertIn("message_stop", answer.read().decode())
            with post(url, body("endless", stream=True)) as answer:
                answer.readline()
            self.assertTrue(self.upstream.cut.wait(1))
            self.upstream.close()
            with self.assertRaises(urllib.error.HTTPError) as raised:
                post(url, body())
            self.assertEqual(raised.exception.code, 502)
            raised.exception.close()
        reasons = [json.loads(record)["outcome"] for record in self.records]
        self.assertEqual(reasons, ["ok", "cancelled", "failed"])


@unittest.skipIf(uvicorn is None, "uvicorn is not installed")
@unittest.skipIf(not SDK_PYTHON, f"official SDKs: {NO_SDK}")
class OfficialSdks(WithUpstream):
    def client(self, name, url):
        command = [SDK_PYTHON, os.path.join(HERE, "clients", name), url, TOKEN]
        env = {"PATH": os.environ["PATH"], "NO_PROXY": "127.0.0.1"}
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stderr[-2000:])
        return json.loads(done.stdout)

    def test_anthropic(self):
        with serving(self.app()) as url:
            out = self.client("anthropic_client.py", url)
        self.assertEqual(out, {"whole": "You said hello", "streamed": "You said hello",
                               "models": ["claude"], "refused": 400,
                               "unknown": 401})

    def test_openai(self):
        with serving(self.app()) as url:
            out = self.client("openai_client.py", url)
        self.assertEqual((out["models"], out["unknown"]), (["claude"], 401))
        self.assertEqual((out["whole"], out["streamed"]), ("You said hello", "You said hello"))
        self.assertEqual(out["responses"], {
            "whole": ["You said hello", "completed", 4],
            "first": "response.created",
            "numbers": True,
            "streamed": "You said hello",
            "last": ["response.completed", "You said hello", "completed", 9],
            "refused": 400,
        })


if __name__ == "__main__":
    unittest.main()
