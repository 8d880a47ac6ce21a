"""Nothing stays behind: memory and objects after many exchanges."""

from __future__ import annotations

import asyncio
import gc
import json
import time
import unittest

from support import TOKEN, Upstream, answer_of, body, events_of, gateway, request, sse, wait_for
from tollgate import aio
from tollgate.actions import UpstreamOpen

# Of all kinds together; the whole file takes some seconds for each 100,000.
EXCHANGES = 100_000
# What the allocators may keep of their own accord.
GROWTH_MAX_KIB = 4096
OBJECTS_MAX = 200

REQUEST = json.dumps(body(stream=True)).encode()
ANSWER = [sse(event) for event in events_of("You said hello")]
HEADERS = {"x-api-key": TOKEN}


def resident_kib():
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4


def refused(made):
    with made.exchange() as exchange:
        exchange.client_head("POST", "/v1/messages", {"x-api-key": "tg_x"})
        exchange.actions()


def abandoned(made):
    exchange = made.exchange()
    exchange.client_head("POST", "/v1/messages", HEADERS)
    exchange.client_body(REQUEST)


def served(made):
    with made.exchange() as exchange:
        exchange.client_head("POST", "/v1/messages", HEADERS)
        exchange.client_body(REQUEST)
        exchange.client_end()
        call = next(a for a in exchange.actions() if isinstance(a, UpstreamOpen))
        exchange.upstream_head(call.attempt, 200, {"content-type": "text/event-stream"})
        for part in ANSWER:
            exchange.upstream_body(call.attempt, part)
            exchange.actions()
        exchange.upstream_end(call.attempt)
        exchange.actions()


def decided(made):
    made.explain(REQUEST, HEADERS)


# What, and how many hundredths of EXCHANGES.
KINDS = ((refused, 88), (abandoned, 4), (served, 4), (decided, 4))


class Leaks(unittest.TestCase):
    def check(self, made, work, warm, count):
        work(warm)
        gc.collect()
        memory, objects = resident_kib(), len(gc.get_objects())
        work(count)
        gc.collect()
        self.assertLess(len(gc.get_objects()) - objects, OBJECTS_MAX)
        self.assertLess(resident_kib() - memory, GROWTH_MAX_KIB)
        self.assertTrue(wait_for(lambda: made.open_exchanges == 0))

    def test_no_memory_is_kept_by_exchanges(self):
        with gateway() as made:
            # Whose exchanges end early leave records, which something has to take.
            made.start_background()
            for kind, hundredths in KINDS:
                with self.subTest(kind.__name__):
                    def work(count, kind=kind):
                        for _ in range(count):
                            kind(made)

                    self.check(made, work, 2000, EXCHANGES * hundredths // 100)

    def test_nor_by_the_driver(self):
        upstream = Upstream()
        self.addCleanup(upstream.close)
        with gateway(upstream.url) as made:
            def work(count):
                for _ in range(count):
                    list(made.send(request(stream=True)).events())
                upstream.requests.clear()
                time.sleep(0.05)

            self.check(made, work, 100, 1000)

    def test_nor_by_asyncio(self):
        class Transport:
            async def open(self, call):
                async def parts():
                    yield json.dumps(answer_of("hi")).encode()

                return aio.UpstreamAnswer(200, {"content-type": "application/json"}, parts())

        with gateway() as made:
            async def many(count):
                for _ in range(count):
                    response = await made.asend(request(), transport=Transport())
                    await response.read()

            self.check(made, lambda count: asyncio.run(many(count)), 200, 2000)


if __name__ == "__main__":
    unittest.main()
