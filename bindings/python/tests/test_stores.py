"""Budgets that outlive a gateway and are shared: SQLite, Redis, and a store of the host's own."""

from __future__ import annotations

import json
import os
import pathlib
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

import tollgate
from support import CONFIG, ROOT, Upstream, body, lookup, request, wait_for

BUDGET = """\
---
name: all
type: tenant-budget-config
when: {}
limits: {cost_per_day: 0.0036}
min_output_tokens: 1
on_insufficient: reject
"""
# What a request costs, and what it may cost: its 64 tokens of output and a bound of its input.
COST = 87_000
BOUND = 1_357_500
LIMIT = 3_600_000


class WithFolder(unittest.TestCase):
    def setUp(self):
        self.upstream = Upstream()
        self.addCleanup(self.upstream.close)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name) / "ledger.db"

    def gateway(self, store, **options):
        made = tollgate.Gateway(CONFIG + BUDGET, lookup=lookup(self.upstream.url), store=store,
                                **options)
        self.addCleanup(made.close)
        return made

    def spend(self, gateway, most=100):
        """(answers, statuses that were none) until the budget is gone."""
        served, refused = 0, []
        while not refused and served < most:
            with gateway.send(request()) as response:
                if response.status == 200:
                    response.read()
                    served += 1
                else:
                    refused.append((response.status, response.json()["error"]["type"]))
        return served, refused


class Sqlite(WithFolder):
    def test_spending_outlives_the_gateway(self):
        with tollgate.SqliteStore(self.path) as store:
            with self.gateway(store) as gateway:
                self.assertEqual(self.spend(gateway, most=2), (2, []))
        with tollgate.SqliteStore(self.path, durability="process") as store:
            with self.gateway(store) as gateway:
                served, refused = self.spend(gateway)
        self.assertEqual(refused, [(402, "billing_error")])
        self.assertGreater(served, 0)
        # Served as long as the spending of both left room for what one may cost.
        self.assertLessEqual((served + 1) * COST + BOUND, LIMIT)
        self.assertGreater((served + 2) * COST + BOUND, LIMIT)

    def test_a_decision_knows_what_was_spent_before(self):
        with tollgate.SqliteStore(self.path) as store, self.gateway(store) as gateway:
            spent, _ = self.spend(gateway)
            self.assertGreater(spent, 0)
        asked = request()
        with tollgate.SqliteStore(self.path) as store, self.gateway(store) as gateway:
            decision = gateway.explain(asked.body, asked.headers)
            self.assertEqual(decision.denial and decision.denial.status, 402)

    def test_what_is_no_store_is_refused_at_once(self):
        with self.assertRaisesRegex(TypeError, "apply"):
            self.gateway(self.path)

    def test_without_a_store_it_is_forgotten(self):
        for _ in range(2):
            with self.gateway(None) as gateway:
                self.assertEqual(self.spend(gateway, most=2), (2, []))

    def test_two_gateways_share_one_budget(self):
        with tollgate.SqliteStore(self.path) as one, tollgate.SqliteStore(self.path) as other:
            with self.gateway(one) as first, self.gateway(other) as second:
                results = []
                threads = [threading.Thread(target=lambda g=g: results.append(self.spend(g)))
                           for g in (first, second)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
        served = sum(count for count, _ in results)
        self.assertTrue(all(refused for _, refused in results), results)
        self.assertLessEqual(served * COST, LIMIT)
        self.assertEqual(len(self.upstream.requests), served)

    def test_what_is_wrong_with_a_file_is_said_at_once(self):
        self.path.write_bytes(b"x" * 4096)
        rows = ((self.path, "power_loss"), (self.path.parent / "no/ledger.db", "power_loss"),
                (self.path.parent / "fine.db", "never"))
        for path, durability in rows:
            with self.subTest(path.name), self.assertRaises(tollgate.InvalidError):
                tollgate.SqliteStore(path, durability=durability)

    def test_a_closed_store(self):
        store = tollgate.SqliteStore(self.path)
        store.close()
        store.close()
        with self.assertRaises(tollgate.StateError):
            store.apply(b"")

    @unittest.skipUnless(hasattr(os, "fork"), "no fork here")
    def test_a_forked_child_makes_its_own_gateway(self):
        store = tollgate.SqliteStore(self.path)
        self.addCleanup(store.close)
        gateway = self.gateway(store)
        self.spend(gateway, most=1)
        child = os.fork()
        if child == 0:
            status = 1
            try:
                try:
                    gateway.exchange()
                except tollgate.StateError:
                    own = tollgate.Gateway(CONFIG + BUDGET, lookup=lookup(self.upstream.url),
                                           store=store)
                    status = 0 if self.spend(own, most=1) == (1, []) else 2
                    own.close()
            finally:
                os._exit(status)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)
        self.assertEqual(self.spend(gateway, most=1), (1, []))


class OwnStore(WithFolder):
    """A host's own, which hands what it gets to another one, or fails."""

    def test_a_store_that_fails_is_asked_again(self):
        kept = tollgate.SqliteStore(self.path)
        self.addCleanup(kept.close)
        broken = threading.Event()
        broken.set()
        batches = []

        class Failing:
            def apply(self, batch):
                batches.append(batch)
                if broken.is_set():
                    raise OSError("no disk today")
                return kept.apply(batch)

        gateway = self.gateway(Failing())
        with self.assertLogs("tollgate", "ERROR") as logged:
            answers = []
            waiting = threading.Thread(target=lambda: answers.append(self.spend(gateway, most=1)))
            waiting.start()
            self.assertTrue(wait_for(lambda: len(batches) > 0))
            self.assertEqual(len(self.upstream.requests), 0)
            broken.clear()
            waiting.join()
            self.assertEqual(answers, [(1, [])])
        self.assertIn("no disk today", logged.output[0])
        self.assertIn("written again", logged.output[-1])

    def test_what_is_no_answer_is_a_failure(self):
        class Nonsense:
            def apply(self, batch):
                return b"thank you"

        gateway = self.gateway(Nonsense())
        with self.assertLogs("tollgate", "ERROR"):
            with gateway.send(request()) as response:
                self.assertEqual(response.status, 503)
        self.assertEqual(len(self.upstream.requests), 0)

    def test_a_store_that_forgets_to_answer_is_asked_again(self):
        kept = tollgate.SqliteStore(self.path)
        self.addCleanup(kept.close)
        forgotten = []

        class Forgetful:
            def apply(self, batch):
                reply = kept.apply(batch)
                if len(forgotten) < 2:
                    forgotten.append(reply)
                    return None
                return reply

        with self.assertLogs("tollgate", "ERROR") as logged:
            self.assertEqual(self.spend(self.gateway(Forgetful()), most=1), (1, []))
        self.assertIn("not NoneType", logged.output[0])


class WrittenFromTheDocs(WithFolder):
    """examples/python/file_store.py: the page "Writing a store", followed to the letter."""

    COUNTERS = (
        {"rule": "a", "entity": "", "measure": "money", "period": "lifetime"},
        {"rule": "a", "entity": "user:x", "measure": "tokens", "period": "day",
         "start": 1_795_305_600_000, "end": 1_795_392_000_000},
        {"rule": "b", "entity": "team:y", "measure": "requests", "period": "minute",
         "slides_ms": 60_000},
        {"rule": "c", "entity": "user:x", "measure": "slots", "period": "lifetime"},
    )

    def setUp(self):
        super().setUp()
        sys.path.insert(0, str(ROOT / "examples/python"))
        self.addCleanup(sys.path.pop, 0)
        from file_store import FileStore
        self.own = FileStore(str(self.path) + ".json")

    def batches(self, random, refunds):
        """What two gateways might write; reservations end once, some after they were refused.
        Refunds and overruns not beside each other: what is left of both is each store's to say."""
        now_ms, numbers, opened = 1_795_338_000_000, [0, 0], [[], []]
        for number in range(100):
            now_ms += random.choice((0, 5, 700, 4_000))
            who = number % 2  # Nobody is silent for so long that it is taken for dead.
            numbers[who] += 1
            entries = []
            for _ in range(random.randrange(4)):
                kind = random.choice(("reserve", "reserve", "settle", "release", "expire", "adjust"))
                stamp = {"kind": kind, "wall_ms": now_ms}
                if kind == "adjust":
                    entries.append({**stamp, **random.choice(self.COUNTERS[:2]), "note": "n",
                                    "amount": random.randrange(-40 if refunds else 0, 40)})
                elif kind == "reserve":
                    name = str(len(opened[who]) * 2 + who + 1)
                    chosen = random.sample(self.COUNTERS, random.randrange(1, 4))
                    opened[who].append((name, chosen))
                    limit = {} if random.random() < 0.1 else {"limit": random.choice((60, 100))}
                    entries += [{**stamp, **counter, **limit, "reservation": name,
                                 "amount": random.randrange(1, 40)} for counter in chosen]
                elif any(opened[who]):
                    place = random.randrange(len(opened[who]))
                    if opened[who][place] is None:
                        continue
                    (name, chosen), opened[who][place] = opened[who][place], None
                    entries += [{**stamp, **counter, "reservation": name,
                                 "amount": 0 if kind == "release" else random.randrange(50),
                                 **({"overrun": 3} if not refunds and random.random() < 0.2 else {})}
                                for counter in chosen]
            yield {"instance": f"gateway-{who}", "batch": numbers[who], "wall_ms": now_ms,
                   "counters": random.random() < 0.2, "entries": entries}

    def told(self, answer):
        """The counters by their names."""
        answer = json.loads(answer)
        counters = {(c["rule"], c["entity"], c["measure"], c["period"]):
                    (c["spent"], c["reserved"], c["room_ms"]) for c in answer["counters"]}
        return answer["batch"], answer["refused"], counters

    def test_it_answers_as_sqlite_does(self):
        refused = 0
        for seed in range(6):
            path = f"{self.path}.{seed}"
            with tollgate.SqliteStore(path, durability="process") as known:
                own = type(self.own)(path + ".json")
                for batch in self.batches(random.Random(seed), seed % 2 == 0):
                    text = json.dumps(batch).encode()
                    expected, found = self.told(known.apply(text)), self.told(own.apply(text))
                    self.assertEqual(found, expected, f"seed {seed}: {text.decode()}")
                    refused += len(found[1])
                self.assertEqual(self.told(own.apply(text)), self.told(known.apply(text)))
        self.assertGreater(refused, 50)

    def test_spending_outlives_the_gateway_and_is_shared(self):
        with self.gateway(self.own) as gateway:
            self.assertEqual(self.spend(gateway, most=2), (2, []))
        with self.gateway(self.own) as one, self.gateway(self.own) as other:
            served = [self.spend(gateway) for gateway in (one, other)]
        self.assertEqual([refused for _, refused in served], [[(402, "billing_error")]] * 2)
        total = 2 + sum(count for count, _ in served)
        self.assertLessEqual((total - 1) * COST + BOUND, LIMIT)
        self.assertGreater(total * COST + BOUND, LIMIT)

    def test_what_the_dead_held_counts_in_full(self):
        def entry(kind, amount, **more):
            return {"kind": kind, "reservation": "1", **self.COUNTERS[0], "wall_ms": 1_000,
                    "amount": amount, **more}

        def apply(instance, batch, wall_ms, *entries):
            return self.told(self.own.apply(json.dumps(
                {"instance": instance, "batch": batch, "wall_ms": wall_ms, "entries": entries}).encode()))

        key = ("a", "", "money", "lifetime")
        apply("dies", 1, 1_000, entry("reserve", 70, limit=100))
        self.assertEqual(apply("lives", 1, 30_000, entry("reserve", 20, limit=100))[2][key], (0, 70, 0))
        self.assertEqual(apply("lives", 2, 40_000, entry("reserve", 20, limit=100)),
                         (2, ["1"], {key: (70, 0, 0)}))
        # It was not dead after all: too late.
        self.assertEqual(apply("dies", 2, 41_000, entry("settle", 5))[2][key], (70, 20, 0))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Redis(WithFolder):
    def test_urls(self):
        for url in ("http://127.0.0.1", "redis://", "127.0.0.1:6379", "redis://h:port"):
            with self.subTest(url), self.assertRaises(tollgate.InvalidError):
                tollgate.RedisStore(url)

    @unittest.skipUnless(shutil.which("redis-server"), "redis-server is not installed")
    def test_spending_is_shared_and_outlives_the_gateway(self):
        port = free_port()
        server = subprocess.Popen(
            ["redis-server", "--port", str(port), "--save", "", "--bind", "127.0.0.1"],
            stdout=subprocess.DEVNULL, cwd=self.path.parent)
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)

        def answers():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        self.assertTrue(wait_for(answers))
        url = f"redis://127.0.0.1:{port}/0"
        served = 0
        for most in (2, 100):
            with tollgate.RedisStore(url) as store, self.gateway(store) as gateway:
                count, refused = self.spend(gateway, most)
                served += count
        self.assertEqual(refused, [(402, "billing_error")])
        self.assertLessEqual(served * COST, LIMIT)
        self.assertEqual(len(self.upstream.requests), served)


class Serving(WithFolder):
    def test_an_application_keeps_one(self):
        from tollgate import wsgi

        with tollgate.SqliteStore(self.path) as store:
            application = wsgi.App(CONFIG + BUDGET, lookup=lookup(self.upstream.url), store=store)
            self.addCleanup(application.gateway.close)
            with application.gateway.send(tollgate.Request.messages(body(), token="tg_example")) as r:
                self.assertEqual(r.status, 200)
                r.read()
            application.gateway.close()
        with tollgate.SqliteStore(self.path) as store, self.gateway(store) as gateway:
            asked = tollgate.Request("GET", "/v1/usage/me",
                                     headers={"authorization": "Bearer tg_example"})

            def used():
                with gateway.send(asked) as response:
                    (budget,) = response.json()["matched"]
                return budget["entities"][0]["periods"]["cost_per_day"]["used"]

            # The store tells of all its counters as soon as the gateway has begun.
            self.assertTrue(wait_for(lambda: used() == COST / 1e9), used())


if __name__ == "__main__":
    unittest.main()
