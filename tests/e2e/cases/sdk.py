"""The official SDKs, in programs of our own."""

import json
import os
import subprocess

from harness import claude
from harness.case import DEFAULT_MODEL, case
from harness.gateway import TOKEN, integration
from harness.process import Skipped, check, contains, equal
from scenarios import sdk

from .settings import printed

_CLIENTS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "clients")


def program(context, command, env, cwd=None):
    """Runs a client program and returns the JSON object of its last line."""
    done = subprocess.run(command, env=env, cwd=cwd, capture_output=True, text=True, timeout=90,
                          check=False)
    check(done.returncode == 0, f"{command[0]} failed: {(done.stderr or done.stdout)[-1500:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def node_major():
    text = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    return int(text.strip().lstrip("v").split(".")[0])


def run_sdk(context, package):
    if not context.direct:
        context.gateway(integrations=[integration(DEFAULT_MODEL)])
    url, token = context.address()
    env = {"PATH": os.environ["PATH"], "HOME": context.folder, "ANTHROPIC_BASE_URL": url,
           "ANTHROPIC_AUTH_TOKEN": token, "ANTHROPIC_MODEL": DEFAULT_MODEL}
    out = program(context, ["node", context.client("messages.mjs"), package], env)
    equal(out["whole"]["text"], "Grüezi ✓ 👋🏽", "the whole answer")
    equal(out["whole"]["model"], DEFAULT_MODEL, "the model of the answer")
    check(out["request_id"], "no request id")
    equal(out["raw"], "Grüezi ✓ 👋🏽", "the text of the raw stream")
    check_tool(out)
    check(out["counted"] > 0, "no tokens were counted")
    contains(out["models"], DEFAULT_MODEL, "the models")
    return out["errors"]


def check_tool(out):
    blocks = out["streamed"]["content"]
    equal([b["type"] for b in blocks], ["text", "tool_use"], "the streamed blocks")
    equal(blocks[1]["input"], sdk.CALL, "the streamed call")
    equal(out["streamed"]["stop_reason"], "tool_use", "the stop reason")
    check(out["streamed"]["deltas"] > 20, "the stream came in one piece")
    equal(out["second"], "The tool said: sunny ☀️", "the second turn")


def check_errors(context, errors):
    # Without a gateway the model is the upstream's to refuse, which says 404.
    name, status = ("NotFoundError", 404) if context.direct else ("BadRequestError", 400)
    equal((errors["unknown_model"]["name"], errors["unknown_model"]["status"]), (name, status),
          "an unknown model")
    equal((errors["wrong_key"]["name"], errors["wrong_key"]["type"]),
          ("AuthenticationError", "authentication_error"), "a wrong key")
    equal((errors["overloaded"]["status"], errors["overloaded"]["type"]),
          (529, "overloaded_error"), "an overloaded upstream")
    check(errors["broken"]["name"] != "none", "a broken stream looks complete")
    for what, error in errors.items():
        check(what == "broken" or error["request_id"], f"{what}: no request id")


@case("sdk", "sdk", direct=True)
def official_sdk(context):
    check_errors(context, run_sdk(context, "@anthropic-ai/sdk"))


@case("sdk-1", "sdk", direct=True)
def official_sdk_of_2026(context):
    """The major that sends the newer API version, and its keys as bearer tokens."""
    check_errors(context, run_sdk(context, "anthropic-sdk-1"))
    versions = {e.header("anthropic-version") for e in context.upstream.exchanges()}
    equal(versions, {"2026-10-21"}, "the version upstream")


def write_project_settings(context):
    """The project's settings file, as `tollgate settings` prints it."""
    settings = printed(context, "project")
    folder = context.work(".claude")
    os.makedirs(folder)
    with open(os.path.join(folder, "settings.json"), "w", encoding="utf-8") as file:
        json.dump(settings, file)
    return settings


def agent_environment(context, settings):
    """Nothing that the settings file is there to give; what it leaves to the person is added."""
    env = claude.environment(context.folder, None, ANTHROPIC_BASE_URL=None)
    given = settings.get("env", {})
    if "apiKeyHelper" not in settings:
        for name in ("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"):
            check(TOKEN not in given.get(name, ""), "a token stands in the settings file")
        env["ANTHROPIC_AUTH_TOKEN"] = TOKEN
    return env


def check_agent(context, result):
    equal((result["is_error"], result["result"]), (False, "The tool said: from-the-agent"),
          "the run's end")
    equal([e.status for e in context.upstream.answered()], [200, 200], "requests upstream")


@case("agent-sdk-node", "sdk")
def agent_sdk_node(context):
    env = agent_environment(context, write_project_settings(context))
    check_agent(context, program(context, [
        "node", context.client("agent.mjs"), context.claude_binary(), "AGENT please"],
        env, context.work()))


@case("agent-sdk-python", "sdk")
def agent_sdk_python(context):
    python = context.python_sdk()
    env = agent_environment(context, write_project_settings(context))
    check_agent(context, program(context, [
        python, os.path.join(_CLIENTS, "agent.py"), context.claude_binary(), "AGENT please"],
        env, context.work()))
