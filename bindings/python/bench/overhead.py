#!/usr/bin/env python3
"""What the package costs beyond the library: processor time of one thread, in microseconds.

    python3 bindings/python/bench/overhead.py
"""

import json
import sys
import time

import tollgate
from tollgate.actions import UpstreamOpen

CONFIG = """\
type: provider-account/anthropic
name: anthropic
auth_data: {type: api-key, api_key: the-account-key}
integrations:
  - {name: claude, model_id: claude-sonnet-4-5, type: integration/model/anthropic,
     model_types: [chat]}
---
type: user
name: ada@corp.example
tokens: [{sha256: 849bcdf2697a91c638e19b84148f16dfc88df7d48e384922ea779360f0837bc4}]
"""
HEADERS = [("x-api-key", "tg_example"), ("content-type", "application/json")]
EVENT = (b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,'
         b'"delta":{"type":"text_delta","text":"word "}}\n\n')
START = (b'event: message_start\ndata: {"type":"message_start","message":{"id":"m","type":"message",'
         b'"role":"assistant","model":"claude-sonnet-4-5","content":[],"stop_reason":null,"usage":'
         b'{"input_tokens":9,"output_tokens":1}}}\n\nevent: content_block_start\ndata: {"type":'
         b'"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n')


def body_of(size):
    text = "x" * (size - 120)
    return json.dumps({"model": "claude", "max_tokens": 64, "stream": True,
                       "messages": [{"role": "user", "content": text}]}).encode()


def measure(name, work, count):
    work()
    best = min(once(work, count) for _ in range(5))
    print(f"{name:44} {best * 1e6:9.2f} us")


def once(work, count):
    start = time.process_time()
    for _ in range(count):
        work()
    return (time.process_time() - start) / count


def open_stream(gateway, body):
    exchange = gateway.exchange()
    exchange.client_head("POST", "/v1/messages", HEADERS)
    exchange.client_body(body)
    exchange.client_end()
    call = next(a for a in exchange.actions() if isinstance(a, UpstreamOpen))
    exchange.upstream_head(call.attempt, 200, [("content-type", "text/event-stream")])
    exchange.upstream_body(call.attempt, START)
    exchange.actions()
    return exchange, call.attempt


def main():
    print(f"Python {sys.version.split()[0]}, tollgate {tollgate.__version__}")
    gateway = tollgate.Gateway(CONFIG)
    measure("one call (open_exchanges)", lambda: gateway.open_exchanges, 20000)
    small, large = body_of(300), body_of(100_000)
    with gateway.policy() as policy:
        measure("decision, request of 300 bytes", lambda: policy.explain(small, HEADERS), 5000)
        measure("decision, request of 100 KB", lambda: policy.explain(large, HEADERS), 1000)

    def refused():
        with gateway.exchange() as exchange:
            exchange.client_head("POST", "/v1/messages", [("x-api-key", "tg_x")])
            exchange.actions()

    measure("refused exchange", refused, 5000)

    def served():
        exchange, attempt = open_stream(gateway, small)
        exchange.upstream_failed(attempt, tollgate.Failure.RESET)
        exchange.actions()
        exchange.close()

    measure("exchange up to its first content", served, 2000)
    exchange, attempt = open_stream(gateway, small)

    def event():
        exchange.upstream_body(attempt, EVENT)
        exchange.actions()

    measure("one event of a stream", event, 20000)
    exchange.close()


if __name__ == "__main__":
    main()
