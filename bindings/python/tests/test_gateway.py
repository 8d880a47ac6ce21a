"""The object API: configuration, decisions, exchanges, money."""

from __future__ import annotations

import asyncio
import copy
import json
import pickle
import threading
import unittest

import tollgate
from support import CONFIG, TOKEN, body, gateway, lookup, request
from tollgate.actions import (
    ClientBody,
    ClientEnd,
    ClientHead,
    Done,
    Record,
    UpstreamCancel,
    UpstreamOpen,
    Wait,
)
from tollgate.testing import FakeClock

REQUEST = json.dumps(body()).encode()
HEADERS = {"Authorization": f"Bearer {TOKEN}", "content-type": "application/json"}

SHARED = CONFIG + """\
---
type: provider-account/anthropic
name: spare
base_url: "${UPSTREAM}"
auth_data: {type: api-key, api_key: "${KEY}"}
integrations: [{name: claude, model_id: claude-sonnet-4-5}]
---
name: claude
routing_config:
  type: weight-based-routing
  load_balance_targets:
    - {target: anthropic-main/claude, weight: 75}
    - {target: spare/claude, weight: 25}
"""


class Configuration(unittest.TestCase):
    def test_an_error_has_code_path_and_every_line(self):
        broken = CONFIG.replace("model_types", "modeltypes").replace("name: ada", "nam: ada")
        with self.assertRaises(tollgate.InvalidError) as raised:
            tollgate.Gateway(broken, name="team.yaml", lookup=lookup())
        error = raised.exception
        self.assertEqual(error.code, -1)
        self.assertEqual(error.path, "integrations[0].modeltypes")
        self.assertIn("did you mean model_types?", str(error))
        self.assertGreater(len(str(error).splitlines()), 1)
        self.assertTrue(all(line.startswith("team.yaml:") for line in str(error).splitlines()))

    def test_a_variable_that_is_not_set_is_named(self):
        with self.assertRaises(tollgate.InvalidError) as raised:
            tollgate.Gateway(CONFIG, lookup=tollgate.from_mapping({"UPSTREAM": "http://a.example"}))
        self.assertIn("KEY", str(raised.exception))

    def test_what_a_lookup_raises_comes_out(self):
        def look_up(kind, name):
            raise PermissionError(name)

        with self.assertRaises(PermissionError):
            tollgate.Gateway(CONFIG, lookup=look_up)

    def test_what_a_lookup_may_give(self):
        for given in (5, b"http://a.example", ["x"]):
            for make in (tollgate.Gateway, tollgate.check):
                with self.subTest(given=given, make=make.__name__):
                    with self.assertRaisesRegex(TypeError, "lookup"):
                        make(CONFIG, lookup=lambda kind, name: given)

    def test_what_is_no_text_is_refused(self):
        made = gateway()
        self.addCleanup(made.close)
        for name, call in (("number", lambda: tollgate.Gateway(5)),
                           ("mapping", lambda: made.explain({}, {})),
                           ("header", lambda: made.explain(b"{}", {"x-count": 5})),
                           ("nothing", lambda: made.reload(None))):
            with self.subTest(name), self.assertRaisesRegex(TypeError, "str or bytes wanted, not"):
                call()

    def test_files_are_read(self):
        import tempfile

        with tempfile.NamedTemporaryFile("w") as file:
            file.write("the-account-key\n")
            file.flush()
            text = CONFIG.replace('"${KEY}"', f"file:{file.name}").replace(
                "${UPSTREAM}", "http://a.example")
            with tollgate.Gateway(text) as made:
                self.assertEqual(made.open_exchanges, 0)

    def test_check_says_everything(self):
        found = tollgate.check(CONFIG.replace("model_types", "modeltypes"), lookup=lookup())
        self.assertEqual([(d.severity, d.path) for d in found],
                         [("error", "integrations[0].modeltypes")])
        self.assertEqual(found[0].suggestion, "model_types")
        self.assertEqual(tollgate.check(CONFIG, lookup=lookup()), ())

    def test_reload_is_all_or_nothing(self):
        with gateway() as made:
            with self.assertRaises(tollgate.InvalidError):
                made.reload(CONFIG.replace("name: claude", "naem: claude"))
            self.assertTrue(made.explain(REQUEST, HEADERS))
            made.reload(CONFIG.replace("name: claude,", "name: other,"))
            self.assertFalse(made.explain(REQUEST, HEADERS))

    def test_describe_and_metrics(self):
        with gateway() as made:
            self.assertEqual(made.describe()["models"][0]["name"], "anthropic-main/claude")
            self.assertIn("tollgate_open_exchanges", made.metrics())

    def test_a_diagnostic_reads_as_one_line(self):
        for found in tollgate.check("type: user\nname: ada\n"):
            self.assertRegex(str(found), r"^config:\d+:\d+: [^: ]")

    def test_nothing_that_is_there_once_is_copied(self):
        with gateway() as made, made.policy() as policy, tollgate.CurlDriver() as driver:
            for kept in (made, policy, driver, made.exchange(), tollgate.Ledger(),
                         made.send(tollgate.Request("GET", "/healthz"))):
                for way in (copy.copy, copy.deepcopy, pickle.dumps):
                    with self.subTest(kept=type(kept).__name__, way=way.__name__):
                        with self.assertRaisesRegex(TypeError, "neither copied nor pickled"):
                            way(kept)
        error = pickle.loads(pickle.dumps(tollgate.LimitError("full", "daily")))
        self.assertEqual((str(error), error.path), ("full", "daily"))

    def test_no_secret_is_shown(self):
        asked = request()
        self.assertNotIn(TOKEN, repr(asked))
        with gateway() as made, made.exchange() as exchange:
            exchange.client_head(asked.method, asked.target, asked.headers)
            exchange.client_body(asked.body)
            exchange.client_end()
            opened = [a for a in exchange.actions() if isinstance(a, UpstreamOpen)]
            self.assertEqual(len(opened), 1)
            self.assertIn("the-account-key", str(opened[0].headers))
            self.assertNotIn("the-account-key", repr(opened))

    def test_answers_have_names(self):
        with gateway() as made:
            self.assertIs(type(made.send(tollgate.Request("GET", "/healthz"))), tollgate.Response)

        async def ask():
            with gateway() as made:
                return await made.asend(tollgate.Request("GET", "/healthz"))

        self.assertIs(type(asyncio.run(ask())), tollgate.AsyncResponse)
        for name in tollgate.__all__:
            self.assertTrue(hasattr(tollgate, name), name)
        self.assertFalse(hasattr(tollgate, "AsyncAnswer"))

    def test_a_closed_gateway_says_so(self):
        made = gateway()
        made.close()
        made.close()
        with self.assertRaises(tollgate.StateError):
            made.describe()

    def test_versions(self):
        self.assertRegex(tollgate.__version__, r"^\d+\.\d+\.\d+$")
        self.assertEqual(len(tollgate.token_hash("tg_example")), 64)
        with self.assertRaises(tollgate.InvalidError):
            tollgate.token_hash("")


class Decisions(unittest.TestCase):
    def test_allowed(self):
        with gateway() as made:
            decision = made.explain(REQUEST, HEADERS)
        self.assertTrue(decision.allowed)
        self.assertIsNone(decision.denial)
        self.assertEqual(decision.principal, "user:ada@corp.example")
        self.assertEqual(decision.target, "anthropic-main/claude")
        self.assertEqual([c.verdict for c in decision.candidates], ["chosen"])
        self.assertEqual(decision.distribution, {"anthropic-main/claude": 1})
        self.assertGreater(decision.cost_bound, 0)

    def test_denied(self):
        rows = (("no credential", {}, body(), 401, "authentication_error"),
                ("a wrong one", {"x-api-key": "tg_x"}, body(), 401, "authentication_error"),
                ("no such model", HEADERS, body(model="gpt"), 400, "invalid_request_error"))
        with gateway() as made:
            for name, headers, asked, status, kind in rows:
                with self.subTest(name):
                    decision = made.explain(json.dumps(asked).encode(), headers)
                    self.assertFalse(decision)
                    self.assertIsNone(decision.cost_bound)
                    self.assertEqual((decision.denial.status, decision.denial.type), (status, kind))

    def test_where_many_conversations_would_go(self):
        with tollgate.Gateway(SHARED, lookup=lookup()) as made:
            once = made.explain(REQUEST, HEADERS)
            self.assertEqual(sum(once.distribution.values()), 1)
            many = made.explain(REQUEST, HEADERS, draws=2000, seed=7)
            self.assertEqual(sum(many.distribution.values()), 2000)
            share = many.distribution["anthropic-main/claude"] / 2000
            self.assertTrue(0.7 < share < 0.8, share)
            again = made.explain(REQUEST, HEADERS, draws=2000, seed=7)
            self.assertEqual(again.distribution, many.distribution)
            for draws, seed in ((0, 0), (1_000_001, 0), (-1, 0), (2**32 + 1, 0), (1, -1), (1, 2**64)):
                with self.subTest((draws, seed)), self.assertRaises(tollgate.InvalidError):
                    made.explain(REQUEST, HEADERS, draws=draws, seed=seed)

    def test_a_policy_outlives_its_gateway_and_a_reload(self):
        made = gateway()
        policy = made.policy()
        made.reload(CONFIG.replace("name: claude,", "name: other,"))
        made.close()
        with policy:
            self.assertTrue(policy.explain(REQUEST, HEADERS))


class Exchanges(unittest.TestCase):
    def test_a_whole_one(self):
        with gateway() as made, made.exchange(request_id="req_mine") as exchange:
            exchange.client_head("POST", "/v1/messages", HEADERS)
            self.assertIsInstance(exchange.actions()[0], Wait)
            for at in range(0, len(REQUEST), 7):
                exchange.client_body(REQUEST[at:at + 7])
            exchange.client_end()
            call, wait = exchange.actions()
            self.assertIsInstance(call, UpstreamOpen)
            self.assertEqual((call.method, call.url),
                             ("POST", "https://upstream.example/v1/messages"))
            self.assertEqual(json.loads(call.body)["model"], "claude-sonnet-4-5")
            self.assertIn((b"x-api-key", b"the-account-key"), call.headers)
            self.assertNotIn(TOKEN, str(call.headers))
            self.assertIsNotNone(wait.deadline_ns)
            exchange.upstream_sent(call.attempt)
            exchange.upstream_head(call.attempt, 200, {"content-type": "application/json"})
            exchange.upstream_body(call.attempt, b'{"id":"m","type":"message","role":"assistant",'
                                   b'"model":"claude-sonnet-4-5","content":[],"stop_reason":'
                                   b'"end_turn","usage":{"input_tokens":3,"output_tokens":2}}')
            exchange.upstream_end(call.attempt)
            kinds = {}
            for action in exchange.actions():
                kinds.setdefault(type(action), action)
            self.assertEqual(list(kinds)[-1], Done)
            self.assertEqual(kinds[ClientHead].status, 200)
            self.assertIn((b"x-tollgate-request-id", b"req_mine"), kinds[ClientHead].headers)
            self.assertEqual(json.loads(kinds[ClientBody].body)["model"], "claude")
            self.assertIn(ClientEnd, kinds)
            self.assertEqual(json.loads(kinds[Record].record)["usage"]["output_tokens"], 2)
            self.assertTrue(exchange.done)
            self.assertEqual(exchange.actions(), [Done()])

    def test_time_is_the_clock_s(self):
        clock = FakeClock("2026-11-22T09:00:00Z")
        with gateway(clock=clock) as made, made.exchange() as exchange:
            exchange.client_head("POST", "/v1/messages", HEADERS)
            exchange.client_body(REQUEST)
            exchange.client_end()
            call, wait = exchange.actions()
            clock.advance_ns(wait.deadline_ns - clock.mono_ns())
            exchange.tick()
            actions = exchange.actions()
            self.assertIn(UpstreamCancel(call.attempt), actions)
            record = next(a for a in actions if isinstance(a, Record))
            self.assertEqual(json.loads(record.record)["time"], "2026-11-22T09:00:00.000Z")
            self.assertEqual(next(a for a in actions if isinstance(a, ClientHead)).status, 504)

    def test_misuse_raises_and_does_no_harm(self):
        with gateway() as made:
            exchange = made.exchange()
            with self.assertRaises(tollgate.StateError):
                exchange.client_body(b"{}")
            with self.assertRaises(tollgate.StateError):
                exchange.client_end()
            exchange.client_head("GET", "/healthz", {})
            exchange.client_end()
            self.assertTrue(exchange.actions())
            exchange.close()
            with self.assertRaises(tollgate.StateError):
                exchange.actions()
            with self.assertRaises(tollgate.InvalidError):
                made.exchange(request_id="with space")
            self.assertEqual(made.open_exchanges, 0)

    def test_the_limit_of_open_exchanges(self):
        with gateway(exchanges_max=2) as made:
            kept = [made.exchange() for _ in range(2)]
            with self.assertRaises(tollgate.LimitError):
                made.exchange()
            kept.pop().close()
            made.exchange().close()

    def test_an_exchange_outlives_its_gateway(self):
        made = gateway()
        exchange = made.exchange()
        made.close()
        del made
        exchange.client_head("GET", "/healthz", {})
        exchange.client_end()
        self.assertEqual(exchange.actions()[0].status, 200)
        exchange.close()


class Money(unittest.TestCase):
    def test_reserve_and_settle(self):
        with tollgate.Ledger() as ledger:
            ledger.set_limit("team:a", 100)
            first = ledger.reserve(["team:a", "user:b"], 60)
            with self.assertRaises(tollgate.LimitError) as raised:
                ledger.reserve(["user:b", "team:a"], 41)
            self.assertEqual(raised.exception.path, "team:a")
            first.settle(70)
            self.assertEqual(ledger.balance("team:a"), tollgate.Balance(100, 60, 0, 10))
            self.assertEqual(ledger.balance("user:b").limit, None)
            with self.assertRaises(tollgate.StateError):
                first.settle(1)

    def test_what_is_not_settled_is_given_back(self):
        with tollgate.Ledger() as ledger:
            ledger.set_limit("a", 10)
            with self.assertRaises(ZeroDivisionError), ledger.reserve(["a"], 10):
                raise ZeroDivisionError
            self.assertEqual(ledger.balance("a").reserved, 0)

    def test_what_is_no_amount_is_refused(self):
        ledger = tollgate.Ledger()
        ledger.set_limit("job", 10)
        held = ledger.reserve(["job"], 5)
        rows = (("wrapped", lambda: ledger.reserve(["job"], 2**64)),
                ("too much", lambda: ledger.reserve(["job"], 2**63)),
                ("negative", lambda: ledger.reserve(["job"], -1)),
                ("a wrapped limit", lambda: ledger.set_limit("job", 2**64)),
                ("a wrapped cost", lambda: held.settle(2**64)))
        for name, act in rows:
            with self.subTest(name), self.assertRaises(tollgate.InvalidError):
                act()
        for name, act in (("a fraction", lambda: ledger.reserve(["job"], 1.5)),
                          ("a name alone", lambda: ledger.reserve("job", 1))):
            with self.subTest(name), self.assertRaises(TypeError):
                act()
        found = ledger.balance("job")
        self.assertEqual((found.limit, found.reserved, found.settled), (10, 5, 0))

    def test_what_is_no_option_is_refused(self):
        with gateway() as made:
            rows = (("seed", lambda: gateway(seed=-1)), ("seed", lambda: gateway(seed=2**128)),
                    ("exchanges_max", lambda: gateway(exchanges_max=-1)),
                    ("body_bytes_in_flight_max", lambda: gateway(body_bytes_in_flight_max=2**64)),
                    ("timeout_ns", lambda: made.exchange(timeout_ns=-1)),
                    ("attempts_max", lambda: made.exchange(attempts_max=2**32)),
                    ("connect_timeout_s", lambda: tollgate.CurlDriver(connect_timeout_s=-1)))
            for name, act in rows:
                with self.subTest(name), self.assertRaisesRegex(tollgate.InvalidError, name):
                    act()

    def test_expiry_by_the_clock(self):
        clock = FakeClock()
        with tollgate.Ledger(clock=clock) as ledger:
            ledger.set_limit("a", 10)
            ledger.reserve(["a"], 10, expires_in_s=5)
            clock.advance(6)
            self.assertEqual(ledger.balance("a").settled, 10)

    def test_no_overspending_from_threads(self):
        with tollgate.Ledger() as ledger:
            ledger.set_limit("a", 500)
            granted = []

            def spend():
                for _ in range(200):
                    try:
                        ledger.reserve(["a"], 1).settle(1)
                        granted.append(1)
                    except tollgate.LimitError:
                        pass

            threads = [threading.Thread(target=spend) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(len(granted), 500)
            self.assertEqual(ledger.balance("a").settled, 500)


if __name__ == "__main__":
    unittest.main()
