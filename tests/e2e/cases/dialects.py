"""The main job through every other dialect, and a conversation that changes its model."""

from cases.main_job import check_result, prepare
from harness.case import case
from harness.process import check, equal

_ACCOUNTS = """\
---
type: provider-account/openai
name: openai-main
base_url: {url}/v1
auth_data: {{type: api-key, api_key: "${{E2E_UPSTREAM_KEY}}"}}
integrations:
  - {{name: gpt, model_id: gpt-5.6-terra}}
---
type: provider-account/self-hosted-model
name: on-prem
base_url: {url}/v1
auth_data: {{type: api-key, api_key: "${{E2E_UPSTREAM_KEY}}"}}
integrations:
  - {{name: qwen, model_id: qwen3-coder, capabilities: {{images: true, thinking: true}}}}
---
type: provider-account/google-gemini
name: gemini-main
base_url: {url}
auth_data: {{type: api-key, api_key: "${{E2E_UPSTREAM_KEY}}"}}
integrations:
  - {{name: pro, model_id: gemini-3-pro-preview}}
---
type: provider-account/aws-bedrock
name: bedrock-main
base_url: {url}
region: us-east-1
auth_data: {{type: api-key, api_key: "${{E2E_UPSTREAM_KEY}}"}}
integrations:
  - {{name: invoke, model_id: us.anthropic.claude-opus-4-8-v1:0}}
  - {{name: converse, model_id: us.anthropic.claude-opus-4-8-v1:0, api: converse}}
"""

_PATHS = {
    "openai-main/gpt": "/v1/responses",
    "on-prem/qwen": "/v1/chat/completions",
    "gemini-main/pro": "/v1beta/models/gemini-3-pro-preview:streamGenerateContent",
    "bedrock-main/invoke":
        "/model/us.anthropic.claude-opus-4-8-v1%3A0/invoke-with-response-stream",
    "bedrock-main/converse": "/model/us.anthropic.claude-opus-4-8-v1%3A0/converse-stream",
}


def accounts(context):
    return _ACCOUNTS.format(url=context.vendors.url)


def refusals(context):
    return [(e.path, e.refusal) for e in context.vendors.answered(None) if e.refusal]


def agentic(context, model):
    context.gateway(more=accounts(context))
    result = context.claude(prepare(context), ANTHROPIC_MODEL=model).result(120)
    equal(refusals(context), [], "what the upstream refused")
    check_result(context, result)
    seen = context.vendors.answered(None)
    equal([(e.path.split("?")[0], e.turn, e.status) for e in seen],
          [(_PATHS[model], turn, 200) for turn in range(4)], "requests upstream")
    records = [r for r in context.gateway().records() if r.get("model")]
    equal([(r["target"], r["status"]) for r in records], [(model, 200)] * 4, "records")
    check(all(r["usage"]["input_tokens"] > 0 and r["usage"]["output_tokens"] > 0
              for r in records), "usage is missing in a record")


@case("agentic-openai-responses", "agentic")
def openai_responses(context):
    agentic(context, "openai-main/gpt")


@case("agentic-openai-chat", "agentic")
def openai_chat(context):
    agentic(context, "on-prem/qwen")


@case("agentic-gemini", "agentic")
def gemini(context):
    agentic(context, "gemini-main/pro")


@case("agentic-bedrock-invoke", "agentic")
def bedrock_invoke(context):
    agentic(context, "bedrock-main/invoke")


@case("agentic-bedrock-converse", "agentic")
def bedrock_converse(context):
    agentic(context, "bedrock-main/converse")


@case("model-switch", "switch")
def model_switch(context):
    """Claude, GPT, Gemini, an on-prem model, Bedrock and Claude again, in one conversation."""
    context.gateway(more=accounts(context))
    models = ["claude-opus-4-8", "openai-main/gpt", "gemini-main/pro", "on-prem/qwen",
              "bedrock-main/converse", "bedrock-main/invoke", "claude-opus-4-8"]
    for number, model in enumerate(models):
        more = [] if number == 0 else ["--continue"]
        result = context.claude(f"Step {number}, please", *more, ANTHROPIC_MODEL=model,
                                name=f"claude-{number}").result(60)
        equal(refusals(context), [], f"what the upstream of {model} refused")
        equal((result["is_error"], result["result"]), (False, f"Step {number} is done."),
              f"the answer of {model}")
    equal([e.refusal for e in context.upstream.answered() if e.refusal], [],
          "what Anthropic refused")
