"""Talks to a gateway with the official SDK. Arguments: URL, token. Prints one JSON object."""

import json
import sys

import openai


def responses(client):
    """What the SDK reads out of a response: whole, and event by event."""
    asked = {"model": "claude", "max_output_tokens": 64, "instructions": "Be brief.",
             "input": "hello", "store": False}
    whole = client.responses.create(**asked)
    with client.responses.create(**asked, stream=True) as stream:
        events = list(stream)
    last = events[-1].response
    try:
        client.responses.create(**{**asked, "model": "gpt"})
        refused = None
    except openai.BadRequestError as error:
        refused = error.status_code
    return {
        "whole": [whole.output_text, whole.status, whole.usage.output_tokens],
        "first": events[0].type,
        "numbers": [event.sequence_number for event in events] == list(range(len(events))),
        "streamed": "".join(e.delta for e in events if e.type == "response.output_text.delta"),
        "last": [events[-1].type, last.output_text, last.status, last.usage.input_tokens],
        "refused": refused,
    }


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
    out["whole"] = client.chat.completions.create(**asked).choices[0].message.content
    parts = client.chat.completions.create(**asked, stream=True)
    out["streamed"] = "".join(p.choices[0].delta.content or "" for p in parts if p.choices)
    out["responses"] = responses(client)
    print(json.dumps(out))


main()
