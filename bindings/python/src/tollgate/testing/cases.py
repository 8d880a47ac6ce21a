"""The policy tests of `tollgate test`, from Python: cases in YAML, a report as an object."""

from __future__ import annotations

import json
import os
from ctypes import byref, sizeof
from dataclasses import dataclass
from typing import Any, Iterator, Mapping, Optional, Tuple, Union

from .. import _ffi
from .._ffi import core
from .._support import Text, bytes_in, take_text, time_of
from ..clock import Clock, SystemClock
from ..gateway import References
from ..lookup import Lookup, environment_and_files


@dataclass(frozen=True)
class CaseResult:
    """What became of one case. `problems` say what was expected and what was found."""

    name: str
    passed: bool
    problems: Tuple[str, ...]
    target: str
    attempts: int
    status: int
    message: str

    def __bool__(self) -> bool:
        return self.passed


@dataclass(frozen=True)
class CasesReport:
    """All cases of a text, in its order. True when none failed."""

    passed: int
    failed: int
    cases: Tuple[CaseResult, ...]

    def __bool__(self) -> bool:
        return self.failed == 0

    def __iter__(self) -> Iterator[CaseResult]:
        return iter(self.cases)

    def __str__(self) -> str:
        lines = []
        for case in self.cases:
            lines.append(f"{'ok' if case else 'FAILED':<8}{case.name}")
            lines += [f"        {problem}" for problem in case.problems]
        return "\n".join([*lines, f"{self.passed} passed, {self.failed} failed"])


def values_of_their_own(folder: str = "") -> Lookup:
    """The environment, where a variable that is not set stands for a value of its own, so that
    tests need no keys; files relative to `folder`."""

    def look_up(kind: str, name: str) -> Optional[str]:
        if kind == "env":
            return os.environ.get(name, f"value-of-{name}")
        return environment_and_files(kind, os.path.join(folder, name))

    return look_up


def run_cases(
    cases: Text,
    config: Text = "",
    *,
    name: str = "cases",
    lookup: Optional[Lookup] = None,
    clock: Optional[Clock] = None,
) -> CasesReport:
    """Puts the requests of `cases` through a configuration. Nothing is sent, nothing waits.

    config  The configuration; when empty, the file that `config` of the cases names.
    name    What errors in the texts are said of.
    lookup  Answers "${NAME}" and files; `values_of_their_own()` when not given.
    clock   The time of cases that name none; the machine's when not given.

    Raises InvalidError when a text has errors, all of them in the message. A case that fails does
    not raise: `assert report, report` says which.
    """
    references = References(lookup if lookup is not None else values_of_their_own())
    options = _ffi.GatewayOptions(
        struct_size=sizeof(_ffi.GatewayOptions),
        config_name=bytes_in(name),
        lookup=references.function,
    )
    now = time_of(clock if clock is not None else SystemClock())
    with references:
        report = take_text(
            core.tg_policy_test, bytes_in(cases), bytes_in(config), byref(options), now
        )
    return _report_of(json.loads(report))


def run_case_file(
    path: "Union[str, os.PathLike[str]]", config: Text = "", *, clock: Optional[Clock] = None
) -> CasesReport:
    """As `run_cases()`, of a file; the configuration that it names is relative to its folder."""
    place = os.fspath(path)
    with open(place, "rb") as file:
        cases = file.read()
    lookup = values_of_their_own(os.path.dirname(place))
    return run_cases(cases, config, name=place, lookup=lookup, clock=clock)


def _report_of(raw: Mapping[str, Any]) -> CasesReport:
    return CasesReport(
        passed=int(raw["passed"]),
        failed=int(raw["failed"]),
        cases=tuple(
            CaseResult(
                name=case["name"],
                passed=bool(case["passed"]),
                problems=tuple(case["problems"]),
                target=case.get("target") or "",
                attempts=int(case.get("attempts") or 0),
                status=int(case.get("status") or 0),
                message=case.get("message") or "",
            )
            for case in raw["cases"]
        ),
    )
