"""Amazon Bedrock with AWS keys: what is signed is what AWS's own library signs."""

import base64
import json
import os

from cases.sdk import program
from harness.case import case
from harness.process import check, equal

_PROFILE = "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-opus-4-8-v1:0"
_SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
_TOKEN = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqw=="

_ACCOUNTS = """\
---
type: provider-account/aws-bedrock
name: signed
base_url: {url}
region: us-east-1
auth_data: {{type: access-key-based, access_key_id: "${{E2E_UPSTREAM_KEY}}",
            secret_access_key: "{secret}"{more}}}
integrations:
  - {{name: invoke, model_id: us.anthropic.claude-opus-4-8-v1:0}}
  - {{name: converse, model_id: us.anthropic.claude-opus-4-8-v1:0, api: converse}}
  - {{name: profile, model_id: "{profile}", region: us-east-1}}
"""


def signed_calls(context, token):
    more = f', session_token: "{token}"' if token else ""
    gateway = context.gateway(more=_ACCOUNTS.format(
        url=context.vendors.url, secret=_SECRET, more=more, profile=_PROFILE))
    for model in ("invoke", "converse", "profile"):
        for stream in (False, True):
            status, _, text = gateway.post("/v1/messages", {
                "model": f"signed/{model}", "max_tokens": 300, "stream": stream,
                "messages": [{"role": "user", "content": "Grüße 🌍 \" \\ hi"}]})
            equal(status, 200, f"{model}: {text[:300]}")
            check("Hello from upstream" in text or "text_delta" in text, f"{model}: {text[:300]}")
    return context.vendors.answered(None)


def check_signatures(context, token):
    seen = signed_calls(context, token)
    equal(len(seen), 6, "requests upstream")
    calls = [{"method": e.method, "path": e.path, "headers": dict(e.raw_headers),
              "body": base64.b64encode(e.raw).decode(),
              "region": "eu-west-1" if "arn" in e.path else "us-east-1"} for e in seen]
    task = os.path.join(context.folder, "calls.json")
    with open(task, "w", encoding="utf-8") as file:
        json.dump({"calls": calls, "key": context.key, "secret": _SECRET, "token": token}, file)
    theirs = program(context, ["node", context.client("sigv4.mjs"), task],
                     {"PATH": os.environ["PATH"], "HOME": context.folder})
    equal([e.header("authorization") for e in seen], theirs, "signatures")


@case("bedrock-signatures", "hello")
def signatures(context):
    check_signatures(context, "")


@case("bedrock-signatures-session-token", "hello")
def signatures_with_token(context):
    check_signatures(context, _TOKEN)
