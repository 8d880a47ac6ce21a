"""The blocking and the asyncio driver, with libcurl and with an HTTP client of the host's own."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import threading
import time
import types
import unittest
from concurrent.futures import ThreadPoolExecutor

import tollgate
from support import BIG, Upstream, answer_of, body, events_of, gateway, request, sse, wait_for
from tollgate import aio
from tollgate.actions import Failure

TEXT = "You said hello"


def text_of(events):
    return "".join(e.json()["delta"]["text"] for e in events if e.event == "content_block_delta")


class WithUpstream(unittest.TestCase):
    def setUp(self):
        self.records = []
        self.upstream = Upstream()
        self.addCleanup(self.upstream.close)
        self.gateway = gateway(self.upstream.url, on_record=self.records.append)
        self.addCleanup(self.gateway.close)

    def outcomes(self):
        return [json.loads(record)["outcome"] for record in self.records]


class Blocking(WithUpstream):
    def test_a_whole_answer(self):
        with self.gateway.send(request()) as response:
            self.assertEqual(response.status, 200)
            self.assertEqual(response.headers["Content-Type"], "application/json")
            self.assertEqual(response.headers["x-tollgate-resolved-model"],
                             "anthropic-main/claude")
            answer = response.json()
        self.assertEqual((answer["content"][0]["text"], answer["model"]), (TEXT, "claude"))
        self.assertEqual(response.record["usage"]["input_tokens"], 9)
        self.assertEqual(self.outcomes(), ["ok"])
        self.assertTrue(wait_for(lambda: self.gateway.open_exchanges == 0))

    def test_events(self):
        with self.gateway.send(request(stream=True)) as response:
            events = list(response.events())
        self.assertEqual(events[0].event, "message_start")
        self.assertEqual(events[-1].event, "message_stop")
        self.assertEqual(text_of(events), TEXT)

    def test_refusals_need_no_upstream(self):
        for name, asked, status in (("token", request(token="tg_x"), 401),
                                    ("model", request(model="gpt"), 400),
                                    ("path", tollgate.Request("GET", "/nowhere"), 404),
                                    ("health", tollgate.Request("GET", "/healthz"), 200)):
            with self.subTest(name):
                response = self.gateway.send(asked)
                self.assertEqual(response.status, status)
                response.read()
        self.assertEqual(self.upstream.requests, [])

    def test_an_error_of_the_upstream_passes(self):
        response = self.gateway.send(request("busy"))
        self.assertEqual(response.status, 529)
        self.assertEqual(response.json()["error"]["type"], "overloaded_error")

    def test_a_stream_that_breaks_off_does_not_look_whole(self):
        events = list(self.gateway.send(request("cut", stream=True)).events())
        self.assertEqual(events[-1].event, "error")
        self.assertTrue(wait_for(lambda: self.outcomes() == ["failed"]))

    def test_closing_cancels_upstream(self):
        with self.gateway.send(request("endless", stream=True)) as response:
            next(response.events())
        self.assertTrue(self.upstream.cut.wait(5))
        self.assertTrue(wait_for(lambda: self.outcomes() == ["cancelled"]))
        self.assertTrue(wait_for(lambda: self.gateway.open_exchanges == 0))

    def test_dropping_cancels_upstream(self):
        response = self.gateway.send(request("endless", stream=True))
        events = response.events()
        next(events)
        del response, events
        gc.collect()
        self.assertTrue(self.upstream.cut.wait(5))

    def test_a_slow_reader_holds_the_upstream_back(self):
        with self.gateway.send(request("big", stream=True)) as response:
            time.sleep(0.5)
            # The sockets on the way take some megabytes; the rest waits upstream.
            self.assertLess(response._delivery._waiting, 1_000_000)
            self.assertEqual(self.upstream.open, 1)
            events = list(response.events())
        self.assertEqual(len(text_of(events)), BIG)

    def test_threads_at_once(self):
        def ask(number):
            with self.gateway.send(request(f"hello {number}", stream=True)) as response:
                return text_of(response.events())

        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(ask, range(64)))
        self.assertEqual(found, [f"You said hello {n}" for n in range(64)])
        self.assertEqual(len(self.records), 64)

    def test_an_own_driver_ends_what_runs(self):
        driver = tollgate.CurlDriver()
        made = gateway(self.upstream.url, driver=driver)
        response = made.send(request("endless", stream=True))
        next(response.events())
        driver.close()
        with self.assertRaises(tollgate.AnswerCutError):
            response.read()
        with self.assertRaises(tollgate.StateError):
            made.send(request())
        self.assertEqual(made.open_exchanges, 0)

    def test_a_callback_that_raises_does_no_harm(self):
        def on_record(record):
            raise ZeroDivisionError

        with gateway(self.upstream.url, on_record=on_record) as made:
            with self.assertLogs("tollgate", "ERROR"):
                self.assertEqual(made.send(request()).read()[:1], b"{")

    def test_a_callback_cannot_wait_for_its_own_thread(self):
        raised = []
        driver = tollgate.CurlDriver()
        self.addCleanup(driver.close)

        def on_record(record):
            # Of what the first request left behind; the second one's own record is not looked at.
            for wait in () if raised else (lambda: made.send(request()), driver.close):
                try:
                    wait()
                except tollgate.StateError as error:
                    raised.append(error)

        made = gateway(self.upstream.url, driver=driver, on_record=on_record)
        self.addCleanup(made.close)
        asking = threading.Thread(target=lambda: made.send(request()).read(), daemon=True)
        asking.start()
        asking.join(10)
        self.assertFalse(asking.is_alive())
        self.assertEqual(len(raised), 2)
        self.assertEqual(made.send(request()).status, 200)

    def test_a_body_is_read_once(self):
        for stream in (False, True):
            with self.subTest(stream=stream), self.gateway.send(request(stream=stream)) as response:
                self.assertTrue(response.read())
                with self.assertRaises(tollgate.StateError):
                    response.read()

    def test_events_go_on_where_they_were_left(self):
        with self.gateway.send(request(stream=True)) as response:
            wait_for(lambda: self.records)  # So that all of it comes in one piece.
            names = [next(response.events()).event]
            names += [event.event for event in response.events()]
        self.assertEqual((names[0], names[-1], len(names)),
                         ("message_start", "message_stop", len(list(events_of(TEXT)))))

    @unittest.skipUnless(hasattr(os, "fork"), "no fork")
    def test_a_forked_child_does_not_wait_for_its_parent_s_answer(self):
        with self.gateway.send(request("endless", stream=True)) as response:
            child = os.fork()
            if child == 0:
                status = 1
                try:
                    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
                    signal.alarm(10)
                    response.read()
                except tollgate.StateError:
                    status = 0
                finally:
                    os._exit(status)
            self.assertEqual(os.waitpid(child, 0)[1], 0)
            self.assertEqual(next(response.events()).event, "message_start")

    @unittest.skipUnless(hasattr(os, "fork"), "no fork")
    def test_a_forked_child_makes_a_driver_of_its_own(self):
        self.gateway.send(request()).read()
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.close(reader)
                status = self.gateway.send(request()).status
                os.write(writer, str(status).encode())
            finally:
                os._exit(0)
        os.close(writer)
        self.assertEqual(os.read(reader, 16), b"200")
        os.waitpid(child, 0)
        os.close(reader)
        self.assertEqual(self.gateway.send(request()).status, 200)


class Scripted:
    """A transport that needs no network."""

    def __init__(self, parts=(), *, failure=None, forever=False):
        self.parts = parts
        self.failure = failure
        self.forever = forever
        self.calls = []
        self.cancelled = 0

    async def open(self, call):
        self.calls.append(call)
        if self.failure is not None:
            raise aio.UpstreamError(self.failure, "scripted")
        stream = json.loads(call.body).get("stream")
        kind = "text/event-stream" if stream else "application/json"
        return aio.UpstreamAnswer(200, {"content-type": kind}, self.body())

    async def body(self):
        try:
            for part in self.parts:
                yield part
                await asyncio.sleep(0)
            while self.forever:
                await asyncio.sleep(0.01)
                yield self.parts[-1]
        except (asyncio.CancelledError, GeneratorExit):
            self.cancelled += 1
            raise


class Asyncio(WithUpstream):
    def run_both(self, work):
        """With the bundled driver, and with a transport of our own."""
        parts = [sse(event) for event in events_of(TEXT)]
        for name, transport in (("driver", None), ("transport", Scripted(parts))):
            with self.subTest(name):
                asyncio.run(work(transport))

    def test_events(self):
        async def work(transport):
            response = await self.gateway.asend(request(stream=True), transport=transport)
            async with response:
                self.assertEqual(response.status, 200)
                events = [event async for event in response.events()]
            self.assertEqual(text_of(events), TEXT)
            self.assertEqual(response.record["outcome"], "ok")

        self.run_both(work)
        self.assertTrue(wait_for(lambda: self.gateway.open_exchanges == 0))

    def test_a_cancelled_step_loses_nothing(self):
        async def work(transport):
            response = await self.gateway.asend(request(stream=True), transport=transport)
            events, found = response.events(), []
            while True:
                step = asyncio.ensure_future(events.__anext__())
                await asyncio.sleep(0)  # It waits, or has its event.
                step.cancel()
                try:
                    found.append(await step)
                except asyncio.CancelledError:
                    await asyncio.sleep(0.001)
                except StopAsyncIteration:
                    break
            self.assertEqual((text_of(found), found[-1].event), (TEXT, "message_stop"))
            with self.assertRaises(tollgate.StateError):
                await response.read()

        self.run_both(work)

    def test_events_go_on_where_they_were_left(self):
        async def work(transport):
            response = await self.gateway.asend(request(stream=True), transport=transport)
            await asyncio.sleep(0.1)  # So that all of it comes in one piece.
            async for event in response.events():
                break
            names = [event.event] + [event.event async for event in response.events()]
            self.assertEqual(names, [event["type"] for event in events_of(TEXT)])

        self.run_both(work)

    def test_another_loop_is_told_so(self):
        async def make():
            return await self.gateway.asend(request(stream=True))

        async def read(response):
            await asyncio.wait_for(response.read(), 5)

        response = asyncio.run(make())
        with self.assertRaises(tollgate.StateError):
            asyncio.run(read(response))
        response.close()

    def test_a_whole_answer_by_transport(self):
        async def work():
            transport = Scripted([json.dumps(answer_of("hi")).encode()])
            response = await self.gateway.asend(request(), transport=transport)
            self.assertEqual((await response.json())["content"][0]["text"], "hi")
            self.assertEqual(transport.calls[0].method, "POST")

        asyncio.run(work())

    def test_failures_of_a_transport(self):
        async def work():
            for failure in (Failure.CONNECT, Failure.RESOLVE, Failure.TLS):
                response = await self.gateway.asend(request(), transport=Scripted(failure=failure))
                self.assertEqual(response.status, 502)
                await response.read()
                self.assertEqual(response.record["attempts"][0]["status"], 0)

        asyncio.run(work())

    def test_what_a_transport_may_do_wrong(self):
        async def cancelled(call):
            raise asyncio.CancelledError  # As when a scope of its own was cancelled.

        async def no_status(call):
            return aio.UpstreamAnswer(99999, [], Scripted([b"{}"]).body())

        async def no_header(call):
            return aio.UpstreamAnswer(200, [("bad\nname", "x")], Scripted([b"{}"]).body())

        async def nothing(call):
            return None

        async def work(open_call):
            transport = types.SimpleNamespace(open=open_call)
            response = await asyncio.wait_for(
                self.gateway.asend(request(), transport=transport), 10)
            self.assertEqual(response.status, 502)
            await response.read()
            self.assertEqual(response.record["outcome"], "failed")

        for open_call in (cancelled, no_status, no_header, nothing):
            with self.subTest(open_call.__name__):
                asyncio.run(work(open_call))
        self.assertTrue(wait_for(lambda: self.gateway.open_exchanges == 0))

    def test_the_loop_is_never_blocked(self):
        async def work():
            longest = 0.0

            async def beat():
                nonlocal longest
                while True:
                    before = time.monotonic()
                    await asyncio.sleep(0.001)
                    longest = max(longest, time.monotonic() - before)

            pulse = asyncio.ensure_future(beat())
            response = await self.gateway.asend(request("endless", stream=True))
            await asyncio.sleep(0.5)
            response.close()
            others = [self.gateway.asend(request(f"n{n}", stream=True)) for n in range(20)]
            for answer in await asyncio.gather(*others):
                await answer.read()
            pulse.cancel()
            return longest

        self.assertLess(asyncio.run(work()), 0.25)

    def test_cancelling_at_any_moment(self):
        async def work(transport):
            for step in range(40):
                task = asyncio.ensure_future(self.read_all(transport))
                for _ in range(step):
                    await asyncio.sleep(0)
                task.cancel()
                with self.assertRaises(asyncio.CancelledError):
                    await task
            await asyncio.sleep(0.05)

        async def with_driver():
            await work(None)

        async def with_transport():
            await work(Scripted([sse(e) for e in list(events_of(TEXT))[:3]], forever=True))

        asyncio.run(with_driver())
        asyncio.run(with_transport())
        self.assertTrue(wait_for(lambda: self.gateway.open_exchanges == 0))
        self.assertTrue(wait_for(lambda: self.upstream.open == 0))

    async def read_all(self, transport):
        async with await self.gateway.asend(request("endless", stream=True),
                                            transport=transport) as response:
            await response.read()

    def test_leaving_cancels_the_transport(self):
        transport = Scripted([sse(e) for e in list(events_of(TEXT))[:3]], forever=True)

        async def work():
            async with await self.gateway.asend(request(stream=True),
                                                transport=transport) as response:
                async for _ in response.events():
                    break
            await asyncio.sleep(0.05)

        asyncio.run(work())
        self.assertEqual(transport.cancelled, 1)
        self.assertEqual(self.outcomes(), ["cancelled"])

    def test_a_slow_reader_holds_a_transport_back(self):
        parts = list(events_of("x" * 4_000_000, 400))
        transport = Scripted([sse(event) for event in parts])

        async def work():
            async with await self.gateway.asend(request(stream=True),
                                                transport=transport) as response:
                await asyncio.sleep(0.3)
                self.assertLess(response._delivery._waiting, 600_000)
                events = [event async for event in response.events()]
            self.assertEqual(len(text_of(events)), 4_000_000)

        asyncio.run(work())

    def test_a_loop_that_ends_early(self):
        async def work():
            self.kept = await self.gateway.asend(request("endless", stream=True))

        asyncio.run(work())
        time.sleep(0.1)  # The driver goes on into a loop that is gone.
        self.kept.close()
        self.assertTrue(wait_for(lambda: self.gateway.open_exchanges == 0))


class Interpreter(unittest.TestCase):
    def test_it_ends_with_calls_running(self):
        import subprocess
        import sys

        upstream = Upstream()
        self.addCleanup(upstream.close)
        code = (
            "import sys; from support import *\n"
            f"made = gateway({upstream.url!r}, on_record=lambda r: print(r.decode()))\n"
            "kept = [made.send(request('endless', stream=True)) for _ in range(4)]\n"
            "next(kept[0].events())\n"
        )
        done = subprocess.run([sys.executable, "-X", "dev", "-c", code], capture_output=True,
                              text=True, timeout=30, check=False,
                              cwd=os.path.dirname(os.path.abspath(__file__)))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        outcomes = [json.loads(line)["outcome"] for line in done.stdout.splitlines()]
        self.assertEqual(outcomes, ["cancelled"] * 4)


class Threads(unittest.TestCase):
    def test_closing_while_others_call(self):
        for _ in range(20):
            made = gateway()
            asked = json.dumps(body()).encode()
            failures = []

            def work():
                try:
                    while True:
                        made.explain(asked, {})
                except tollgate.StateError:
                    pass
                except BaseException as failure:
                    failures.append(failure)

            threads = [threading.Thread(target=work) for _ in range(4)]
            for thread in threads:
                thread.start()
            time.sleep(0.005)
            made.close()
            for thread in threads:
                thread.join()
            self.assertEqual(failures, [])

    def test_reload_beside_decisions(self):
        with gateway() as made:
            from support import CONFIG, TOKEN

            asked = json.dumps(body()).encode()
            stop = threading.Event()
            wrong = []

            def decide():
                while not stop.is_set():
                    if not made.explain(asked, {"x-api-key": TOKEN}).allowed:
                        wrong.append(1)

            threads = [threading.Thread(target=decide) for _ in range(3)]
            for thread in threads:
                thread.start()
            for _ in range(50):
                made.reload(CONFIG)
            stop.set()
            for thread in threads:
                thread.join()
            self.assertEqual(wrong, [])

    def test_the_lock_is_free_during_calls(self):
        """A long call on one thread lets Python run on another."""
        big = json.dumps({**body(), "messages": [
            {"role": "user", "content": "x" * 1000} for _ in range(20_000)]}).encode()
        with gateway() as made:
            from support import TOKEN

            start = time.monotonic()
            made.explain(big, {"x-api-key": TOKEN})
            alone = time.monotonic() - start
            ticks = []
            stop = threading.Event()

            def tick():
                while not stop.is_set():
                    ticks.append(time.monotonic())
                    time.sleep(alone / 50)

            thread = threading.Thread(target=tick)
            thread.start()
            for _ in range(5):
                made.explain(big, {"x-api-key": TOKEN})
            stop.set()
            thread.join()
            self.assertGreater(len(ticks), 5)


if __name__ == "__main__":
    unittest.main()
