"""The vendors' own SDKs: what the simulators send them, and what the gateway does."""

import os

from cases.dialects import accounts
from cases.sdk import program
from harness.case import case
from harness.gateway import TOKEN
from harness.process import Skipped, check, contains, equal
from scenarios import sdk

from .sdk import node_major

_FINISH = {"chat": "tool_calls", "responses": "completed", "gemini": "STOP", "converse": "tool_use"}


def run(context, name, url, key, model):
    if name == "gemini" and node_major() < 20:
        raise Skipped("@google/genai needs Node 20")
    env = {"PATH": os.environ["PATH"], "HOME": context.folder}
    out = program(context, ["node", context.client("vendors.mjs"), name, url, key, model], env)
    equal(out["whole"], "Grüezi ✓ 👋🏽", "the whole answer")
    check(out["usage"] > 0, "the whole answer has no usage")
    equal(out["call"], sdk.CALL, "the streamed call")
    equal(out["finish"], _FINISH[name], "how the stream ended")
    equal(out["second"], "The tool said: sunny ☀️", "the second turn")
    return out


def directly(context, name, model):
    run(context, name, context.vendors.url, "sk-ant-sim.sdk.key", model)
    equal([e.refusal for e in context.vendors.answered(None) if e.refusal
           and "no-such" not in str(e.raw)], [], "what the simulator refused")


def through(context, name, model):
    """A client of one dialect, served by a model that speaks another (or the same)."""
    gateway = context.gateway(more=accounts(context))
    out = run(context, name, gateway.url, TOKEN, model)
    equal(out["model"], model, "the model's name in the answer")
    check(out["streamed_usage"] > 0, "the stream has no usage")
    equal(out["error"]["status"], 404, "the status of an unknown model")
    contains(out["error"]["message"], "no-such-model", "the error of an unknown model")


@case("sdk-simulator-chat", "sdk", direct=True)
def simulator_chat(context):
    directly(context, "chat", "gpt-x")


@case("sdk-simulator-responses", "sdk", direct=True)
def simulator_responses(context):
    directly(context, "responses", "gpt-x")


@case("sdk-simulator-gemini", "sdk", direct=True)
def simulator_gemini(context):
    directly(context, "gemini", "gemini-3-pro-preview")


@case("sdk-simulator-converse", "sdk", direct=True)
def simulator_converse(context):
    directly(context, "converse", "us.anthropic.claude-opus-4-8-v1:0")


@case("openai-chat-to-anthropic", "sdk")
def chat_to_anthropic(context):
    through(context, "chat", "anthropic-main/claude-opus-4-8")


@case("openai-chat-to-chat", "sdk")
def chat_to_chat(context):
    through(context, "chat", "on-prem/qwen")


@case("openai-chat-to-gemini", "sdk")
def chat_to_gemini(context):
    through(context, "chat", "gemini-main/pro")


@case("openai-responses-to-anthropic", "sdk")
def responses_to_anthropic(context):
    through(context, "responses", "anthropic-main/claude-opus-4-8")


@case("openai-responses-to-responses", "sdk")
def responses_to_responses(context):
    through(context, "responses", "openai-main/gpt")


@case("openai-responses-to-bedrock", "sdk")
def responses_to_bedrock(context):
    through(context, "responses", "bedrock-main/converse")
