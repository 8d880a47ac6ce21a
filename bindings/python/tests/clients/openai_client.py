"""Talks to a gateway with the official SDK. Arguments: URL, token. Prints one JSON object."""

import json
import sys

import openai


def main():
    url, token = sys.argv[1:3]
    client = openai.OpenAI(base_url=url + "/v1", api_key=token, max_retries=0)
    out = {"models": [model.id for model in client.models.list()]}
    try:
        client.with_options(api_key="tg_x").models.list()
    except openai.AuthenticationError as error:
        out["unknown"] = error.status_code
    asked = {"model": "claude", "max_tokens": 64,
             "messages": [{"role": "user", "content": "hello"}]}
    try:
        out["whole"] = client.chat.completions.create(**asked).choices[0].message.content
        parts = client.chat.completions.create(**asked, stream=True)
        out["streamed"] = "".join(p.choices[0].delta.content or "" for p in parts if p.choices)
    except openai.NotFoundError:
        out["whole"] = None
    print(json.dumps(out))


main()
