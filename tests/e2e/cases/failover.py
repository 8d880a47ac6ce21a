"""A primary that dies in the middle of a session, and what the person notices: nothing."""

import time

from harness.case import DEFAULT_MODEL, case
from harness.gateway import ACCOUNT, integration
from harness.process import check, equal
from harness.upstream import Upstream
from scenarios.dying import WAYS

from .main_job import check_result, check_thinking, prepare

_SPARE = """\
---
type: provider-account/anthropic
name: spare
base_url: {url}
auth_data: {{type: api-key, api_key: sk-ant-sim.agentic.spare}}
integrations:
{integration}
---
name: claude-opus-4-8-of-the-team
routing_config:
  type: priority-based-routing
  load_balance_targets:
    - target: {account}/{model}
      priority: 0
      timeouts: {{first_byte_seconds: 2}}
    - {{target: spare/{model}, priority: 1}}
"""
_MODEL = "claude-opus-4-8-of-the-team"


def routed(context, **options):
    """The gateway with a virtual model over the case's upstream and a spare one."""
    spare = context.own(Upstream(context.folder, "spare"))
    more = _SPARE.format(url=spare.url, integration=integration(DEFAULT_MODEL), account=ACCOUNT,
                         model=DEFAULT_MODEL)
    gateway = context.gateway(integrations=[integration(DEFAULT_MODEL)], more=more, **options)
    return gateway, spare


def answers(relay):
    return [r for r in relay.recorded() if r.path.startswith("/v1/messages?")]


def check_whole(seen):
    """Every answer is one stream with one beginning and one end."""
    for one in seen:
        equal(one.status, 200, "an answer")
        equal(one.response.count(b"event: message_start"), 1, "message_start")
        equal(one.response.count(b"event: message_stop"), 1, "message_stop")
        equal(one.response.count(b"event: error"), 0, "error events")


def unnoticed(way):
    def run(context):
        gateway, spare = routed(context)
        relay = context.relay(gateway.url)
        prompt = f"{prepare(context)} [dies:{way}]"
        check_result(context, context.claude(prompt, url=relay.url,
                                             ANTHROPIC_MODEL=_MODEL).result(120))
        seen = answers(relay)
        equal(len(seen), 4, "requests of the client, one for each turn")
        check_whole(seen)
        taken_over = spare.answered()
        equal([e.turn for e in taken_over], [1, 2, 3], "turns of the spare")
        check_thinking(taken_over)
        served = [r["target"] for r in gateway.records() if r.get("model") == _MODEL]
        equal(served, [f"{ACCOUNT}/{DEFAULT_MODEL}"] + [f"spare/{DEFAULT_MODEL}"] * 3,
              "the targets in the records")
    return run


for _way in WAYS:
    if _way != "cut after content":
        case("primary-dies-" + _way.replace(" ", "-"), "dying", slow=True)(unnoticed(_way))


@case("primary-is-killed", "dying", slow=True)
def primary_is_killed(context):
    """Its process is gone while the client runs its tools: refused from then on."""
    gateway, spare = routed(context)
    relay = context.relay(gateway.url)
    run = context.claude(f"{prepare(context)} [dies:529]", url=relay.url, ANTHROPIC_MODEL=_MODEL)
    deadline = time.monotonic() + 60
    while not [e for e in context.upstream.exchanges() if e.outcome] and time.monotonic() < deadline:
        time.sleep(0.01)
    context.upstream.process.kill()
    check_result(context, run.result(120))
    seen = answers(relay)
    equal(len(seen), 4, "requests of the client, one for each turn")
    check_whole(seen)
    equal([e.turn for e in spare.answered()], [1, 2, 3], "turns of the spare")


@case("primary-dies-after-content", "dying", slow=True)
def primary_dies_after_content(context):
    """What was begun cannot be mended here: the client asks again, and then the spare serves."""
    gateway, spare = routed(context)
    relay = context.relay(gateway.url)
    prompt = f"{prepare(context)} [dies:cut after content]"
    check_result(context, context.claude(prompt, url=relay.url,
                                         ANTHROPIC_MODEL=_MODEL).result(120))
    broken = [r for r in answers(relay) if b"event: error" in r.response]
    check(broken, "no stream was broken")
    for one in broken:
        equal(one.response.count(b"event: message_start"), 1, "message_start")
        check(b"message_stop" not in one.response, "a broken stream looks complete")
    equal([e.turn for e in spare.answered()], [1, 2, 3], "turns of the spare")


@case("primary-has-no-tls", "agentic", slow=True)
def primary_has_no_tls(context):
    """Its address answers, but the handshake fails: the spare serves from the first turn on."""
    more = f"""\
---
type: provider-account/anthropic
name: broken
base_url: {context.upstream.url.replace("http:", "https:")}
auth_data: {{type: api-key, api_key: sk-ant-sim.agentic.broken}}
integrations:
{integration(DEFAULT_MODEL)}
---
name: {_MODEL}
routing_config:
  type: priority-based-routing
  load_balance_targets:
    - {{target: broken/{DEFAULT_MODEL}, priority: 0}}
    - {{target: {ACCOUNT}/{DEFAULT_MODEL}, priority: 1}}
"""
    gateway = context.gateway(integrations=[integration(DEFAULT_MODEL)], more=more)
    relay = context.relay(gateway.url)
    check_result(context, context.claude(prepare(context), url=relay.url,
                                         ANTHROPIC_MODEL=_MODEL).result(120))
    seen = answers(relay)
    equal(len(seen), 4, "requests of the client, one for each turn")
    check_whole(seen)
    records = [r for r in gateway.records() if r.get("model") == _MODEL]
    equal([r["target"] for r in records], [f"{ACCOUNT}/{DEFAULT_MODEL}"] * 4, "who served")
    equal(records[0]["attempts"][0]["target"], f"broken/{DEFAULT_MODEL}", "who was tried first")
