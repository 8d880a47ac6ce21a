"""The main job: a whole agentic task, and the bytes it leaves on both sides."""

import base64
import os

from harness.case import case
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
    exchanges = context.upstream.exchanges()
    equal([(e.turn, e.status, e.outcome) for e in exchanges],
          [(turn, 200, "complete") for turn in range(4)], "requests upstream")
    check_thinking(exchanges)
    results = exchanges[1].body["messages"][-1]["content"]
    equal([b["type"] for b in results[:2]], ["tool_result"] * 2, "results of the parallel calls")
    contains(str(results[0]["content"]), "α→β 🚀", "the output of Bash")
    if not context.direct:
        records = context.gateway().records()
        equal([r["status"] for r in records if r.get("model")], [200] * 4, "records")
