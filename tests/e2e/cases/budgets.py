"""Budgets and limits as people meet them, over processes that are killed and processes that share."""

import json
import os
import shutil
import signal
import socket
import threading

from harness.case import DEFAULT_MODEL, case
from harness.gateway import Gateway, integration
from harness.process import Process, Skipped, check, contains, equal, free_port, wait_for

from .errors import shown

_BUDGET = """\
---
type: tenant-budget-config
name: {name}
limits: {{cost_per_lifetime: {usd}}}
on_insufficient: reject
"""
_LIMIT = """\
---
type: gateway-rate-limiting-config
name: limits
rules:
  - id: two-an-hour
    when: {}
    limit_to: 2
    unit: requests_per_hour
"""
_SLOT = """\
---
type: tenant-rate-limit-config/model
name: one-at-a-time
limits: {concurrent_requests: 1}
"""


def _question():
    return {"model": DEFAULT_MODEL, "messages": [{"role": "user", "content": "say hi"}]}


def _body(max_tokens):
    return {**_question(), "max_tokens": max_tokens}


def _gateway(context, name, more, state):
    folder = os.path.join(context.folder, name)
    os.makedirs(folder, exist_ok=True)
    return context.own(Gateway(
        context.setup.tollgate, folder, context.upstream.url, key=context.key,
        integrations=[integration(DEFAULT_MODEL)], more=more,
        server=f"state: {json.dumps(state)}"))


def _spent(gateways):
    return sum(r.get("cost_nano_usd") or 0 for g in gateways for r in g.records())


@case("budget-gone-is-shown", "failing")
def budget_gone_is_shown(context):
    context.gateway(integrations=[integration(DEFAULT_MODEL)],
                    more=_BUDGET.format(name="team-month", usd=0))
    text, status, asked = shown(context, "say hi")
    equal((status, len(asked)), (402, 1), "status and requests")
    contains(text, "team-month", "the text shown")
    equal(context.upstream.exchanges(), [], "requests upstream")


@case("rate-limit-is-shown", "hello")
def rate_limit_is_shown(context):
    gateway = context.gateway(integrations=[integration(DEFAULT_MODEL)], more=_LIMIT)
    answers = [gateway.post("/v1/messages", _body(50)) for _ in range(3)]
    equal([a[0] for a in answers], [200, 200, 429], "the answers")
    headers = {n.lower(): v for n, v in answers[2][1].items()}
    check(1 <= int(headers["retry-after"]) <= 3600, f"retry-after {headers['retry-after']}")
    contains(answers[2][2], "two-an-hour", "the error")
    equal(gateway.post("/v1/messages/count_tokens", _question())[0], 200, "counting tokens")


@case("rate-limit-is-shown-to-a-person", "hello")
def rate_limit_is_shown_to_a_person(context):
    """Nobody is kept waiting for an hour: the client shows the text at once."""
    gateway = context.gateway(integrations=[integration(DEFAULT_MODEL)], more=_LIMIT)
    for _ in range(2):
        equal(gateway.post("/v1/messages", _body(50))[0], 200, "within the limit")
    before = len(context.upstream.exchanges())
    text, status, asked = shown(context, "say hi")
    equal((status, len(asked)), (429, 1), "status and requests")
    contains(text, "Request rejected (429)", "the text shown")
    contains(text, "Rate limit two-an-hour", "the text shown")
    contains(text, "2 requests per hour", "the text shown")
    wait = int({n.lower(): v for n, v in asked[0].headers}["retry-after"])
    contains(text, f"Try again in {wait} s", "the text shown")
    check(60 < wait <= 3600, f"retry-after {wait}")
    equal(len(context.upstream.exchanges()), before, "requests upstream")


@case("rate-limit-is-waited-for", "patient")
def rate_limit_is_waited_for(context):
    """A short wait is no error for the person: the client asks again and goes on."""
    context.gateway(integrations=[integration(DEFAULT_MODEL)], more=_SLOT)
    answers = []
    first = threading.Thread(target=lambda: answers.append(context.gateway().post(
        "/v1/messages", {**_body(50), "stream": True,
                         "messages": [{"role": "user", "content": "WAIT"}]})))
    first.start()
    wait_for(lambda: context.upstream.exchanges(), 10, "the request that has the only place")
    relay = context.relay(context.gateway().url)
    run = context.claude("say hi", url=relay.url)
    wait_for(lambda: [r for r in relay.recorded() if r.status == 429], 30, "a refused request")
    context.upstream.release()
    result = run.result()
    first.join(30)
    equal(answers[0][0], 200, "the request that had the place")
    equal((result["is_error"], result["result"]), (False, "Quick."), "the run's end")
    refused = [r for r in relay.recorded() if r.status == 429]
    wait = {n.lower(): v for n, v in refused[0].headers}["retry-after"]
    check(1 <= int(wait) <= 5, f"retry-after {wait}")
    contains(refused[0].response.decode(), "one-at-a-time", "the refusal")


def _outlives_kills(context, **more):
    state = {"path": os.path.join(context.folder, "ledger.db"), **more}
    budget = _BUDGET.format(name="all", usd="0.01")
    for round_number in range(50):
        gateway = _gateway(context, "server", budget, state)
        status, _, text = gateway.post("/v1/messages", _body(50))
        gateway.process.signal(signal.SIGKILL)
        wait_for(lambda: not gateway.process.running(), 10, "the server's end")
        if status != 200:
            equal(status, 402, "the answer of a budget that is used up")
            contains(text, "all", "the error")
            break
    check(round_number > 1, "the first request used the budget up")
    # What is counted once more per kill is at most what the last request had reserved.
    check(_spent([gateway]) <= 10_000_000, f"{_spent([gateway])} were spent")


@case("budget-outlives-a-kill", "hello")
def budget_outlives_a_kill(context):
    _outlives_kills(context)


@case("budget-outlives-a-kill-process-crash", "hello")
def budget_outlives_a_kill_process_crash(context):
    _outlives_kills(context, durability="process_crash")


def _redis(context):
    binary = shutil.which("redis-server")
    if binary is None:
        raise Skipped("redis-server is not installed")
    port = free_port()
    process = Process([binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "",
                       "--appendonly", "no"], os.path.join(context.folder, "redis.log"))
    context.own(process)

    def answers():
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        except OSError:
            return False
    wait_for(answers, 10, "Redis")
    return process, f"redis://127.0.0.1:{port}/1"


@case("one-budget-over-three-processes", "hello", slow=True)
def one_budget_over_three_processes(context):
    """Strict: what was spent never passes the limit, and nearly all of it can be."""
    usd = float(os.environ.get("E2E_BUDGET_USD", "0.2"))
    clients = int(os.environ.get("E2E_CLIENTS", "60"))
    _, url = _redis(context)
    more = _BUDGET.format(name="shared", usd=usd)
    gateways = [_gateway(context, f"server-{i}", more, url) for i in range(3)]
    statuses = []

    def work(number):
        gateway = gateways[number % 3]
        while True:
            status = gateway.post("/v1/messages", _body(20))[0]
            statuses.append(status)
            if status != 200 and status != 429:
                return

    threads = [threading.Thread(target=work, args=(i,)) for i in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    equal(set(statuses) - {200, 429}, {402}, "how it ended for every client")
    limit = round(usd * 1e9)
    wait_for(lambda: len([1 for g in gateways for r in g.records()]) >= len(statuses), 10,
             "the records")
    spent = _spent(gateways)
    check(spent <= limit, f"{spent} of {limit} were spent")
    check(spent >= limit * 0.97, f"only {spent} of {limit} could be used")


@case("store-away", "hello")
def store_away(context):
    """Without its store nothing is spent, and everything goes on when it is back."""
    redis, url = _redis(context)
    gateway = _gateway(context, "server", _BUDGET.format(name="shared", usd=1), url)
    equal(gateway.post("/v1/messages", _body(20))[0], 200, "with the store")
    redis.signal(signal.SIGSTOP)
    before = len(context.upstream.exchanges())
    status, _, text = gateway.post("/v1/messages", _body(20))
    equal(status, 503, "without the store")
    contains(text, "ledger", "the error")
    equal(len(context.upstream.exchanges()), before, "requests upstream")
    equal(gateway.post("/v1/messages/count_tokens", _question())[0], 200, "counting tokens")
    redis.signal(signal.SIGCONT)
    wait_for(lambda: gateway.post("/v1/messages", _body(20))[0] == 200, 20, "the store's return")
