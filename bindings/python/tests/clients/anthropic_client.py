"""Talks to a gateway with the official SDK. Arguments: URL, token. Prints one JSON object."""

import json
import sys

import anthropic


def main():
    url, token = sys.argv[1:3]
    client = anthropic.Anthropic(base_url=url, auth_token=token, api_key=None, max_retries=0)
    asked = {"model": "claude", "max_tokens": 64,
             "messages": [{"role": "user", "content": "hello"}]}
    out = {"whole": client.messages.create(**asked).content[0].text}
    with client.messages.stream(**asked) as stream:
        out["streamed"] = "".join(stream.text_stream)
    out["models"] = [model.id for model in client.models.list()]
    try:
        client.messages.create(**{**asked, "model": "gpt"})
    except anthropic.BadRequestError as error:
        out["refused"] = error.status_code
    try:
        client.with_options(auth_token="tg_x").messages.create(**asked)
    except anthropic.AuthenticationError as error:
        out["unknown"] = error.status_code
    print(json.dumps(out))


main()
