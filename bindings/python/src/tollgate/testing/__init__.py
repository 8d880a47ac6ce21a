"""Testing a configuration: who may call what, where it goes, what happens when an upstream fails.

    from tollgate.testing import Harness, error, message

    def test_a_busy_provider_is_asked_again():
        harness = Harness(CONFIG, environment={"KEY": "k"})
        harness.upstream("api.anthropic.com").replies(error(529), message("hello"))
        answer = harness.send({"model": "claude", …}, token="tg_ada")
        assert (answer.status, len(answer.attempts)) == (200, 2)

No network, no waiting: time is the harness's own, and passes only as far as an exchange waits.
`run_cases()` runs the files of `tollgate test` instead.
"""

from __future__ import annotations

from ..actions import Failure
from .cases import CaseResult, CasesReport, run_case_file, run_cases
from .clock import FakeClock
from .harness import Answer, Harness, Pending, Upstream
from .replies import Call, Reply, error, failure, message, raw, silence

__all__ = [
    "Answer",
    "Call",
    "CaseResult",
    "CasesReport",
    "Failure",
    "FakeClock",
    "Harness",
    "Pending",
    "Reply",
    "Upstream",
    "error",
    "failure",
    "message",
    "raw",
    "run_case_file",
    "run_cases",
    "silence",
]
