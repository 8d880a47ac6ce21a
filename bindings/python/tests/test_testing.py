"""What tollgate.testing promises to those who test their configuration with it."""

from __future__ import annotations

import pathlib
import tempfile
import unittest

import tollgate
from support import CONFIG, TOKEN, body
from tollgate.testing import (
    Failure,
    FakeClock,
    Harness,
    error,
    failure,
    message,
    raw,
    run_case_file,
    run_cases,
    silence,
)


def harness(**options):
    return Harness(CONFIG, environment={"UPSTREAM": "https://a.example", "KEY": "secret-1"},
                   **options)

CASES = """\
cases:
  - name: it is served
    as: user:ada@corp.example
    request: {model: claude, max_tokens: 9, messages: [{role: user, content: hi}]}
    expect: {target: anthropic-main/claude, attempts: 1, status: 200}
  - name: an error is passed on
    as: user:ada@corp.example
    request: {model: claude, max_tokens: 9, messages: [{role: user, content: hi}]}
    upstreams: {anthropic-main/claude: {status: 404, message: gone}}
    expect: {status: %d}
"""


class Time(unittest.TestCase):
    def test_a_clock_that_stands(self):
        clock = FakeClock("2026-11-22T09:00:00+01:00")
        self.assertEqual(clock.wall_ms(), 1795334400000)
        before = clock.mono_ns()
        clock.advance(1.5)
        self.assertEqual(clock.mono_ns() - before, 1_500_000_000)
        clock.advance_to("2026-11-23T00:00:00Z")
        self.assertEqual(clock.now().isoformat(), "2026-11-23T00:00:00+00:00")
        with self.assertRaises(ValueError):
            clock.advance(-1)


class Scripts(unittest.TestCase):
    def test_answers_in_order_then_the_last(self):
        at = harness()
        upstream = at.upstream("a.example").replies(error(400, "no"), message("first"), message("x"))
        found = [at.send(body(), token=TOKEN) for _ in range(4)]
        self.assertEqual([a.status for a in found], [400, 200, 200, 200])
        self.assertEqual([a.text for a in found], ["no", "first", "x", "x"])
        self.assertEqual(len(upstream.calls), 4)
        self.assertEqual(upstream.calls[0].model, "claude-sonnet-4-5")
        self.assertEqual(upstream.calls[0].header("X-Api-Key"), "secret-1")

    def test_streams(self):
        at = harness()
        at.upstream().replies(message("hello there", output_tokens=7))
        answer = at.send(body(stream=True), token=TOKEN)
        self.assertEqual(answer.text, "hello there")
        self.assertEqual(answer.events()[-1].event, "message_stop")
        self.assertEqual(answer.record["usage"]["output_tokens"], 7)
        self.assertEqual(answer.target, "anthropic-main/claude")

    def test_conditions(self):
        at = harness()
        at.upstream().replies(message("any"))
        rows = ({"host": "b.example"}, {"model": "other"}, {"key": "secret-2"})
        for conditions in rows:
            at.upstream(**conditions).replies(message("wrong"))
        self.assertEqual(at.send(body(), token=TOKEN).text, "any")
        at.upstream("a.example", model="claude-sonnet-4-5", key="secret-1").replies(message("mine"))
        self.assertEqual(at.send(body(), token=TOKEN).text, "mine")

    def test_what_is_no_reply_is_refused_at_once(self):
        for given in ("hello", None, 529):
            with self.subTest(given), self.assertRaisesRegex(TypeError, "message"):
                harness().upstream().replies(given)

    def test_a_call_that_nobody_foresaw_fails_the_test(self):
        at = harness()
        with self.assertRaisesRegex(AssertionError, "a.example"):
            at.send(body(), token=TOKEN)

    def test_failures_and_silence(self):
        at = harness()
        at.upstream().replies(*[failure(Failure.CONNECT)] * 3, silence())  # Asked three times.
        self.assertEqual(at.send(body(), token=TOKEN).status, 502)
        before = at.clock.mono_ns()
        self.assertEqual(at.send(body(), token=TOKEN).status, 504)
        self.assertGreaterEqual(at.clock.mono_ns() - before, 600 * 10**9)

    def test_any_bytes(self):
        at = harness()
        at.upstream().replies(raw(body=[b"<html>", b"</html>"]))
        self.assertEqual(at.send(body(), token=TOKEN).status, 502)

    def test_requests_at_once(self):
        at = harness()
        at.upstream().replies(message("ok", latency_s=1.0))
        started = at.clock.mono_ns()
        pending = [at.start(body(), token=TOKEN) for _ in range(10)]
        self.assertEqual({p.answer().status for p in pending}, {200})
        self.assertLess(at.clock.mono_ns() - started, 2 * 10**9)

    def test_leaving(self):
        at = harness()
        at.upstream().replies(silence())
        answer = at.start(body(), token=TOKEN).leave()
        self.assertEqual((answer.status, answer.record["outcome"]), (0, "cancelled"))

    def test_the_same_seed_gives_the_same_ids(self):
        found = []
        for seed in (1, 1, 2):
            at = harness(seed=seed)
            at.upstream().replies(message())
            found.append(at.send(body(), token=TOKEN).headers["x-tollgate-request-id"])
        self.assertEqual(found[0], found[1])
        self.assertNotEqual(found[0], found[2])

    def test_explain(self):
        self.assertTrue(harness().explain(body(), token=TOKEN))
        self.assertFalse(harness().explain(body()))


class Cases(unittest.TestCase):
    def test_all_pass(self):
        report = run_cases(CASES % 404, CONFIG.replace("${UPSTREAM}", "https://a.example"))
        self.assertTrue(report, report)
        self.assertEqual((report.passed, report.failed), (2, 0))
        first, second = report
        self.assertEqual((first.name, first.target, first.attempts, first.status),
                         ("it is served", "anthropic-main/claude", 1, 200))
        self.assertEqual((second.status, second.message), (404, "gone"))

    def test_one_fails(self):
        report = run_cases(CASES % 200, CONFIG.replace("${UPSTREAM}", "https://a.example"))
        self.assertFalse(report)
        self.assertEqual([bool(case) for case in report], [True, False])
        self.assertEqual(report.cases[1].problems, ("expected status 200, found 404",))
        self.assertEqual(str(report).splitlines(),
                         ["ok      it is served", "FAILED  an error is passed on",
                          "        expected status 200, found 404", "1 passed, 1 failed"])

    def test_texts_with_errors(self):
        with self.assertRaises(tollgate.InvalidError) as raised:
            run_cases(CASES.replace("attempts", "atempts") % 404, CONFIG, name="my.yaml")
        self.assertIn("my.yaml:", str(raised.exception))
        self.assertIn("did you mean attempts?", str(raised.exception))

    def test_what_a_lookup_raises_comes_out(self):
        def look_up(kind, name):
            raise PermissionError(name)

        with self.assertRaises(PermissionError):
            run_cases(CASES % 404, CONFIG, lookup=look_up)

    def test_a_file(self):
        with tempfile.TemporaryDirectory() as folder:
            place = pathlib.Path(folder)
            (place / "team.yaml").write_text(CONFIG.replace("${UPSTREAM}", "https://a.example"))
            (place / "cases.yaml").write_text("config: team.yaml\n" + CASES % 404)
            self.assertTrue(run_case_file(place / "cases.yaml"))
            self.assertFalse(run_case_file(place / "cases.yaml", CONFIG.replace(
                "${UPSTREAM}", "https://a.example").replace("name: claude,", "name: other,")))
            (place / "team.yaml").unlink()
            with self.assertRaises(tollgate.InvalidError):
                run_case_file(str(place / "cases.yaml"))


if __name__ == "__main__":
    unittest.main()
