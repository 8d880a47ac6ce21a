"""The main job: a whole agentic task, and the bytes it leaves on both sides."""

import base64
import os

from harness.case import DEFAULT_MODEL, case
from harness.gateway import ACCOUNT, integration
from harness.process import check, contains, equal
from scenarios import agentic

# One red pixel.
_PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ"
                        "/pLvAAAAAElFTkSuQmCC")
_NOTES = "first line: é 漢字 🙂\nsecond \"line\"\\\n"


def prepare(context):
    """Fills the work folder and returns the prompt."""
    with open(context.work() + "/notes.txt", "w", encoding="utf-8") as file:
        file.write(_NOTES)
    with open(context.work("dot.png"), "wb") as file:
        file.write(_PNG)
    return f"Do the job in [folder:{context.work()}]"


def check_result(context, result):
    equal((result["is_error"], result["exit_code"]), (False, 0), "the run's end")
    equal(result["result"], "All done: 4 turns, saw image/png. 🎉", "the final text")
    with open(context.work("large.txt"), encoding="utf-8", newline="") as file:
        equal(file.read(), agentic.large_text(), "the written file")


def check_thinking(exchanges):
    """The last request carries all thinking of the earlier answers, as it was signed."""
    blocks = [b for m in exchanges[-1].body["messages"] if m["role"] == "assistant"
              for b in m["content"]]
    kinds = [b["type"] for b in blocks]
    equal(kinds.count("thinking"), 3, "thinking blocks that came back")
    equal(kinds.count("redacted_thinking"), 1, "redacted thinking that came back")
    check(all(b["signature"] for b in blocks if b["type"] == "thinking"), "a signature is gone")


@case("agentic-task", "agentic", direct=True, slow=True)
def agentic_task(context):
    result = context.claude(prepare(context)).result(120)
    check_result(context, result)
    exchanges = context.upstream.answered()
    equal([(e.turn, e.status, e.outcome) for e in exchanges],
          [(turn, 200, "complete") for turn in range(4)], "requests upstream")
    check_thinking(exchanges)
    results = [b for m in exchanges[1].body["messages"] if m["role"] == "user"
               for b in m["content"] if b["type"] == "tool_result"]
    equal(len(results), 2, "results of the parallel calls")
    contains(str(results), "α→β 🚀", "the results of the parallel calls")
    if not context.direct:
        records = context.gateway().records()
        equal([r["status"] for r in records if r.get("model")], [200] * 4, "records")


@case("splice-renamed-model", "agentic", slow=True)
def splice_renamed_model(context):
    """Both bodies pass byte for byte, but for the one string that names the model."""
    name = "claude-opus-4-8-of-the-team"
    gateway = context.gateway(integrations=[integration(name, DEFAULT_MODEL)])
    relay = context.relay(gateway.url)
    asked = f"{ACCOUNT}/{name}"
    result = context.claude(prepare(context), url=relay.url, ANTHROPIC_MODEL=asked).result(120)
    check_result(context, result)
    exchanges = context.upstream.answered()
    # With another name in the answers the client would have left the thinking out.
    check_thinking(exchanges)
    compare_bytes(relay, exchanges, asked, DEFAULT_MODEL)


@case("splice-same-model", "agentic")
def splice_same_model(context):
    """Nothing at all changes when the client already uses the upstream's name."""
    relay = context.relay(context.gateway().url)
    check_result(context, context.claude(prepare(context), url=relay.url).result(120))
    compare_bytes(relay, context.upstream.answered(), DEFAULT_MODEL, DEFAULT_MODEL)


def compare_bytes(relay, exchanges, asked, sent):
    seen = [r for r in relay.recorded() if r.path.startswith("/v1/messages?")]
    equal(len(seen), len(exchanges), "requests of the client and requests upstream")
    there, back = (f'"model":"{name}"'.encode() for name in (asked, sent))
    for client, upstream in zip(seen, exchanges):
        equal(client.request.count(there), 1, "the model's place in the client's body")
        equal(upstream.raw, client.request.replace(there, back), "the body sent upstream")
        equal(upstream.response.count(back), 1, "the model's place in the answer")
        equal(client.response, upstream.response.replace(back, there), "the answer's body")
        equal({name.lower(): value for name, value in client.headers}["content-type"],
              "text/event-stream; charset=utf-8", "the answer's content type")


@case("sub-agents", "subagents", direct=True)
def sub_agents(context):
    result = context.claude("Ask two helpers").result()
    equal((result["is_error"], result["result"]), (False, "Both helpers answered: A1 ✓ and A2 ✓."),
          "the run's end")
    check(len(context.upstream.exchanges()) >= 4, "the helpers asked nothing")
    if not context.direct:
        records = [r for r in context.gateway().records() if r["operation"] == "messages"]
        equal(len({r["agent_id"] for r in records}), 3, "agent ids in the records")
        equal(len({r["session_id"] for r in records}), 1, "session ids in the records")


@case("non-streaming-fallback", "broken_stream", direct=True)
def non_streaming_fallback(context):
    """A stream that is cut after its text began is asked for again, at last without a stream."""
    result = context.claude("say hi").result()
    equal((result["is_error"], result["result"]), (False, "Whole again."), "the run's end")
    *streams, last = [(bool(e.body.get("stream")), e.outcome)
                      for e in context.upstream.answered()]
    equal(set(streams), {(True, "cut")}, "the streams upstream")
    equal(last, (False, "complete"), "the last request upstream")


@case("context-command", "hello", direct=True)
def context_command(context):
    """/context counts its parts with count_tokens."""
    result = context.claude("/context").result()
    contains(result["result"], "Context Usage", "the command's output")
    counted = context.upstream.exchanges("/v1/messages/count_tokens")
    check(len(counted) >= 10, f"only {len(counted)} count_tokens requests upstream")
    equal({e.status for e in counted}, {200}, "the answers")
    equal(context.upstream.exchanges(), [], "completions in place of counting")


@case("model-discovery", "hello", direct=True)
def model_discovery(context):
    """The client asks for the models at its start, and keeps those it may show."""
    options = {} if context.direct else {"integrations": [
        integration("claude-opus-4-8"), integration("claude-of-the-team", "claude-sonnet-5")]}
    url = context.upstream.url if context.direct else context.gateway(**options).url
    relay = context.relay(url)
    more = {"ANTHROPIC_AUTH_TOKEN": context.key} if context.direct else {}
    result = context.claude("say hi", url=relay.url, CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=None,
                            CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY="1", **more).result()
    equal(result["is_error"], False, "the run's end")
    asked = [r for r in relay.recorded() if r.path.startswith("/v1/models")]
    equal([(r.path, r.status) for r in asked], [("/v1/models?limit=1000", 200)], "the request")
    with open(os.path.join(context.folder, "home/claude/cache/gateway-models.json")) as file:
        kept = file.read()
    contains(kept, "claude-opus-4-8", "the client's list of models")
    if not context.direct:
        contains(kept, "claude-of-the-team", "the client's list of models")
