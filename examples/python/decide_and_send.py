#!/usr/bin/env python3
"""Asking first, then sending: the whole package from one program without a server.

    python3 decide_and_send.py UPSTREAM_URL
"""

import sys

import tollgate

CONFIG = """\
type: provider-account/anthropic
name: anthropic
base_url: "${UPSTREAM}"
auth_data: {type: api-key, api_key: the-account-key}
integrations:
  - {name: claude, model_id: claude-sonnet-4-5, type: integration/model/anthropic,
     model_types: [chat]}
---
type: user
name: ada@corp.example
tokens: [{sha256: 849bcdf2697a91c638e19b84148f16dfc88df7d48e384922ea779360f0837bc4}]
"""


def main():
    gateway = tollgate.Gateway(CONFIG, lookup=tollgate.from_mapping({"UPSTREAM": sys.argv[1]}))
    request = tollgate.Request.messages(
        {
            "model": "claude",
            "max_tokens": 64,
            "stream": True,
            "messages": [{"role": "user", "content": "Hello"}],
        },
        token="tg_example",
    )
    decision = gateway.explain(request.body, request.headers)
    print(f"{decision.principal} may: {decision.allowed}, goes to {decision.target}")
    with gateway.send(request) as response:
        print(response.status, response.headers["content-type"])
        for event in response.events():
            if event.event == "content_block_delta":
                print(event.json()["delta"]["text"])
    usage = response.record["usage"]
    print(f"{usage['input_tokens']} tokens in, {usage['output_tokens']} out")


if __name__ == "__main__":
    main()
