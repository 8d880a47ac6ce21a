"""What the person sees when something goes wrong, and how often the client asks."""

from harness.case import DEFAULT_MODEL, case
from harness.gateway import integration
from harness.process import check, contains, equal


def shown(context, prompt, **more):
    """Runs the client into an error; returns (text, status, requests of the client)."""
    relay = context.relay(context.gateway().url)
    result = context.claude(prompt, url=relay.url, **more).result()
    equal((result["is_error"], result["exit_code"]), (True, 1), "the run's end")
    asked = [r for r in relay.recorded() if r.method == "POST"]
    check(context.key not in str([r.response for r in asked]), "the account's key is in an error")
    return result["result"], result["api_error_status"], asked


def _body(prompt, stream=True, **more):
    return {"model": DEFAULT_MODEL, "max_tokens": 50, "stream": stream,
            "messages": [{"role": "user", "content": prompt}], **more}


@case("unknown-model", "failing")
def unknown_model(context):
    context.gateway(integrations=[integration("claude-opus-4-8"), integration("claude-sonnet-5")])
    text, status, asked = shown(context, "say hi", ANTHROPIC_MODEL="claude-opus-4-9")
    equal((status, len(asked)), (400, 1), "status and requests")
    contains(text, "API Error: 400", "the text shown")
    contains(text, "claude-opus-4-9", "the text shown")
    contains(text, "claude-opus-4-8", "the near names shown")


def _for_leads(model):
    return integration(model).rstrip("}") + ', authorized_subjects: ["team:leads"]}'


@case("forbidden-model", "failing")
def forbidden_model(context):
    """Not 403, which the client shows as a login problem, and not a word of what others may use."""
    context.gateway(
        integrations=[_for_leads("claude-opus-4-8"),
                      integration("claude-sonnet-5"),
                      _for_leads("claude-opus-4-7")],
        more="---\ntype: team\nname: leads\nmembers: []\n")
    text, status, asked = shown(context, "say hi", ANTHROPIC_MODEL="claude-opus-4-8")
    equal((status, len(asked)), (400, 1), "status and requests")
    contains(text, "API Error: 400", "the text shown")
    contains(text, "claude-opus-4-8", "the text shown")
    check("login" not in text.lower() and "authenticate" not in text.lower(),
          f"it looks like a login problem: {text}")
    check("claude-opus-4-7" not in text, f"a forbidden model is named: {text}")
    equal(context.upstream.exchanges(), [], "requests upstream")


@case("upstream-unreachable", "failing")
def upstream_unreachable(context):
    context.gateway()
    context.upstream.process.kill()
    text, status, _ = shown(context, "say hi")
    check(status in (502, 503), f"status {status}")
    contains(text, "anthropic-main", "the text shown")


@case("upstream-overloaded", "failing", direct=False)
def upstream_overloaded(context):
    text, status, asked = shown(context, "FAIL overloaded")
    contains(text, "529", "the text shown")
    equal({r.status for r in asked}, {529}, "the answers")
    contains(asked[0].response.decode(), "overloaded_error", "the answer")


@case("upstream-billing", "failing")
def upstream_billing(context):
    text, status, asked = shown(context, "FAIL billing")
    equal((status, len(asked)), (402, 1), "status and requests")
    contains(text, "Your balance is used up", "the text shown")


@case("upstream-error-unchanged", "failing")
def upstream_error_unchanged(context):
    """An error of the same dialect passes byte for byte, without what is the account's own."""
    status, headers, text = context.gateway().post("/v1/messages", _body("FAIL odd 400"))
    exchange = context.upstream.answered()[0]
    equal((status, text.encode()), (400, exchange.response), "the answer")
    names = {name.lower() for name in headers}
    check("request-id" in names, "no request id")
    equal([n for n in names if n.startswith("anthropic-ratelimit-")], [], "limits of the account")
    status, headers, text = context.gateway().post("/v1/messages", _body("FAIL limit"))
    equal(status, 429, "the answer at a limit")
    equal({n.lower(): v for n, v in headers.items()}.get("retry-after"), "7", "retry-after")


@case("account-key-refused", "failing")
def account_key_refused(context):
    """The gateway's own credential is wrong: not the developer's login problem."""
    context.gateway(key="sk-ant-sim.revoked.key")
    text, status, asked = shown(context, "say hi")
    equal((status, len(asked)), (502, 1), "status and requests")
    contains(text, "anthropic-main", "the account in the text shown")
    contains(text, "administrator", "the text shown")
    check("sk-ant" not in text, "the key is in the text shown")


@case("cut-in-a-tool-call", "failing")
def cut_in_a_tool_call(context):
    """Once a tool call began nothing is asked again, and nothing half is run."""
    text, _, asked = shown(context, "FAIL tool cut")
    equal(len(asked), 1, "requests of the client")
    check(b"event: error" in asked[0].response, "no error event")
    check(b"message_stop" not in asked[0].response, "the stream looks complete")
    contains(text, "API Error", "the text shown")


@case("error-event-in-a-tool-call", "failing")
def error_event_in_a_tool_call(context):
    text, _, asked = shown(context, "FAIL tool error")
    equal(len(asked), 1, "requests of the client")
    contains(text, "Overloaded", "the text shown")


@case("broken-streams-never-end-well", "failing")
def broken_streams_never_end_well(context):
    """Each failure after the first content is an error event, and never a clean end."""
    for prompt in ("FAIL text error", "FAIL garbage", "FAIL reset", "FAIL tool cut"):
        status, _, text = context.gateway().post("/v1/messages", _body(prompt))
        equal(status, 200, f"{prompt}: the answer")
        equal(text.count("event: message_start"), 1, f"{prompt}: message_start")
        equal(text.count("event: error"), 1, f"{prompt}: error events")
        check("message_stop" not in text, f"{prompt}: the stream looks complete")
        equal(context.gateway().records()[-1]["outcome"], "failed", f"{prompt}: the record")


@case("no-answer-is-no-success", "failing")
def no_answer_is_no_success(context):
    """A web page, nothing, or a hang-up under the API's address is an upstream failure."""
    for stream in (True, False):
        for prompt in ("FAIL html", "FAIL empty", "FAIL hang up"):
            status, _, text = context.gateway().post("/v1/messages", _body(prompt, stream))
            check(status in (502, 503), f"{prompt}, stream {stream}: {status} {text[:200]}")
            contains(text, '"error"', f"{prompt}: the answer")


@case("error-event-first", "failing")
def error_event_first(context):
    """An error before any content does not spoil the turn."""
    result = context.claude("FAIL error first").result()
    equal((result["is_error"], result["result"]), (False, "All is well."), "the run's end")


@case("bad-bodies", "failing")
def bad_bodies(context):
    """Bodies that are refused before they go anywhere, with the reason."""
    gateway = context.gateway()
    for body, status, part in (
            (b'{"model": "claude-opus-4-8",\n  "max_tokens": 5,,}', 400, "line 2"),
            (b'{"model":"claude-opus-4-8","mod\\u0065l":"x","max_tokens":5,"messages":[]}', 400,
             "model"),
            (b'{"model":"claude-opus-4-8","max_tokens":5,"messages":[]} {}', 400, "column 58"),
            (b"\xef\xbb\xbf{}", 400, ""),
            (b"[]", 400, ""),
            (b"", 400, ""),
            (b" " * (32 * 1024 * 1024 + 1), 413, "32 MB")):
        found, headers, text = gateway.post("/v1/messages", body)
        equal(found, status, f"the answer to {body[:60]!r} ({text[:200]})")
        contains(text, part, f"the answer to {body[:60]!r}")
        contains(text, '"type":"error"', f"the answer to {body[:60]!r}")
        check("request-id" in {n.lower() for n in headers}, "no request id")
    equal(context.upstream.exchanges(None), [], "requests upstream")
