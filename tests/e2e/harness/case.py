"""The list of cases, and what a running case has at hand."""

import os
import re
import shutil
import traceback
from dataclasses import dataclass
from typing import Callable

from . import claude, install
from .gateway import TOKEN, Gateway
from .process import Failed, Skipped
from .relay import Relay
from .upstream import Upstream

_CASES = []
DEFAULT_MODEL = "claude-opus-4-8"


@dataclass(frozen=True)
class Case:
    name: str
    run: Callable
    scenario: str
    direct: bool  # also meaningful without a gateway, as a test of the simulator
    slow: bool  # started first, so that it does not end last


def case(name, scenario="hello", direct=False, slow=False):
    """Adds a function to the list of cases."""
    def add(function):
        _CASES.append(Case(name, function, scenario, direct, slow))
        return function
    return add


def all_cases():
    return sorted(_CASES, key=lambda c: not c.slow)


@dataclass(frozen=True)
class Setup:
    """What is the same for all cases of a run."""

    tollgate: str
    cache: str
    folder: str
    keep: bool
    claude: str  # a binary to use instead of the pinned one


class Context:
    """One case while it runs. Everything it started ends with it."""

    def __init__(self, setup, item):
        self.setup = setup
        self.scenario = item.scenario
        self.folder = os.path.join(setup.folder, item.name)
        os.makedirs(self.folder)
        self.key = f"sk-ant-sim.{item.scenario}.key"
        self._started = []
        self._gateway = None
        self._upstream = None
        self._vendors = None

    def own(self, thing):
        """Takes a process that must not outlive the case."""
        self._started.append(getattr(thing, "process", thing))
        return thing

    @property
    def direct(self):
        return self.setup.tollgate is None

    @property
    def upstream(self):
        if self._upstream is None:
            self._upstream = self.own(Upstream(self.folder))
        return self._upstream

    @property
    def vendors(self):
        """The providers of other dialects."""
        if self._vendors is None:
            self._vendors = self.own(Upstream(self.folder, "vendors", simulator="vendors"))
        return self._vendors

    def gateway(self, **options):
        """Starts the gateway in front of the upstream, once."""
        if self._gateway is None:
            options.setdefault("key", self.key)
            self._gateway = self.own(Gateway(self.setup.tollgate, self.folder, self.upstream.url,
                                             **options))
        return self._gateway

    def address(self):
        """(URL, token) that a client is given: the gateway's, or the upstream's own."""
        if self.direct:
            return self.upstream.url, self.key
        return self.gateway().url, TOKEN

    def relay(self, url):
        relay = Relay(url)
        self._started.append(relay)
        return relay

    def packages(self):
        try:
            return install.node_packages(self.setup.cache)
        except install.Unavailable as reason:
            raise Skipped(str(reason)) from None

    def client(self, name):
        """The path of a Node program of ours, beside the packages that it imports."""
        self.packages()
        return install.client_program(self.setup.cache, name)

    def claude_binary(self):
        return self.setup.claude or install.claude_binary(self.packages())

    def claude_environment(self, url=None, **more):
        base, token = (url, TOKEN) if url else self.address()
        more.setdefault("ANTHROPIC_AUTH_TOKEN", token)
        more.setdefault("ANTHROPIC_MODEL", DEFAULT_MODEL)
        return claude.environment(self.folder, base, **more)

    def claude(self, prompt, *arguments, url=None, name="claude", **more):
        """Starts `claude -p` against the gateway (or against url)."""
        run = claude.Run(self.claude_binary(), self.folder, prompt,
                         self.claude_environment(url, **more), *arguments, name=name)
        return self.own(run)

    def python_sdk(self):
        try:
            return install.python_sdk(self.setup.cache)
        except install.Unavailable as reason:
            raise Skipped(str(reason)) from None

    def work(self, name=""):
        return os.path.join(claude.work_folder(self.folder), name).rstrip("/")

    def close(self):
        for thing in reversed(self._started):
            thing.kill() if hasattr(thing, "kill") else thing.close()


def run_case(setup, item):
    """Returns (verdict, reason) of one case."""
    if setup.tollgate is None and not item.direct:
        return "SKIP", "needs the gateway"
    context = Context(setup, item)
    verdict, reason = "FAIL", ""
    try:
        item.run(context)
        found = _unmatched(context) or _sanitizer_report(context)
        verdict, reason = ("FAIL", found) if found else ("PASS", "")
    except Skipped as skipped:
        verdict, reason = "SKIP", str(skipped)
    except Failed as failed:
        reason = str(failed)
    except Exception:  # a bug of the case itself is a failure, not the end of the run
        reason = traceback.format_exc()
    finally:
        context.close()
    if verdict != "FAIL" and not setup.keep:
        shutil.rmtree(context.folder, ignore_errors=True)
    return verdict, reason


def _unmatched(context):
    """A request that its scenario did not foresee is never passed over in silence."""
    lost = [e for upstream in (context._upstream, context._vendors) if upstream
            for e in upstream.exchanges(None) if e.unmatched]
    return f"unexpected request upstream: {lost[0].refusal}" if lost else ""


def _sanitizer_report(context):
    """What a sanitizer said about a server that was built with one."""
    if context._gateway is None:
        return ""
    output = context._gateway.process.output()
    found = re.search(r".*(Sanitizer:|runtime error:).*", output)
    return f"the server's output has: {found.group()}" if found else ""
