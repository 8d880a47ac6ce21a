"""What only this front door does: nginx's processes, connections and logs around the gateway."""

import json
import os
import signal
import socket
import ssl
import subprocess
import time

from harness.gateway import TOKEN
from harness.process import check, contains, equal, wait_for
from server import MODEL, read_all, read_until, request

CASES = []


def case(scenario="patient", **options):
    def add(function):
        CASES.append((function.__name__.replace("_", " "), function, scenario, options))
        return function
    return add


def no_stream_within(upstream, seconds):
    wait_for(lambda: upstream.counters()["open_streams"] == 0, seconds, "the upstream's end")


@case()
def logs_know_models_tokens_and_ends(nginx, upstream):
    answer = nginx.ask(request("hi", stream=False))
    contains(answer, b"Quick.", "the answer")
    nginx.ask(request("hi", token="tg_wrong"))
    with nginx.stream("WAIT") as connection:
        read_until(connection, b"Before the gate, ")
    wait_for(lambda: len(nginx.log("access.log").splitlines()) >= 3, 5, "lines of the access log")
    served, refused, left = [line.split() for line in nginx.log("access.log").splitlines()]
    record = next(r for r in nginx.records() if r["outcome"] == "ok" and r["operation"] == "messages")
    equal(served, ["200", record["request_id"], "user:dev-1@corp.example", MODEL, MODEL, "ok",
                   str(record["usage"]["input_tokens"]), str(record["usage"]["output_tokens"]),
                   str(record["cost_nano_usd"])], "the line of an answer")
    equal((refused[0], refused[5:]), ("401", ["refused", "-", "-", "-"]), "the line of a refusal")
    equal((left[0], left[5]), ("200", "cancelled"), "the line of a client that left")


@case()
def a_body_nobody_reads_is_no_request(nginx, upstream):
    """A refusal comes before the body; what is in the body must not be taken for a request."""
    inside = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    head = (b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nx-api-key: wrong\r\nContent-Length: %d\r\n\r\n"
            % len(inside))
    with nginx.connect() as connection:
        connection.sendall(head + inside + b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = read_all(connection)
    equal(answer.count(b"HTTP/1.1 401"), 1, "refusals")
    check(answer.count(b"HTTP/1.1 ") in (1, 2), f"more answers than requests: {answer!r}")
    check(answer.count(b"HTTP/1.1 200") <= 1, f"the body was answered: {answer!r}")


@case()
def one_connection_many_requests(nginx, upstream):
    with nginx.connect() as connection:
        for chunked in (False, True, False):
            connection.sendall(request("hi", close=False, chunked=chunked))
            answer = read_until(connection, b"0\r\n\r\n")
            contains(answer, b"Transfer-Encoding: chunked", "the framing")
            contains(answer, b"event: message_stop", "the end of the stream")
        # Pipelined: the second waits until the first is answered.
        connection.sendall(request("hi", close=False, stream=False) +
                           request("hi", close=True, stream=False))
        equal(read_all(connection).count(b'"Quick."'), 2, "answers to two requests at once")
    bodies = [exchange.body for exchange in upstream.exchanges()]
    check(all(body["messages"] == bodies[0]["messages"] for body in bodies), "a body was changed")


@case()
def probes_and_heads(nginx, upstream):
    rows = ((b"GET /healthz HTTP/1.1\r\n", b" 200 "), (b"HEAD /healthz HTTP/1.1\r\n", b" 200 "),
            (b"GET /nothing HTTP/1.1\r\nx-api-key: %s\r\n" % TOKEN.encode(), b" 404 "),
            (b"GET /v1/models HTTP/1.1\r\nx-api-key: %s\r\n" % TOKEN.encode(), b"claude-opus-4-8"))
    for head, wanted in rows:
        answer = nginx.ask(head + b"Host: x\r\nConnection: close\r\n\r\n")
        contains(answer, wanted, repr(head))
        if head.startswith(b"HEAD"):
            equal(answer.split(b"\r\n\r\n")[1], b"", "the body of an answer to HEAD")
    many = b"".join(b"x-h%d: 1\r\n" % number for number in range(250))
    contains(nginx.ask(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + many + b"\r\n"),
             b" 431 ", "too many headers")


@case()
def fifty_clients_leave(nginx, upstream):
    streams = [nginx.stream("LONG") for _ in range(50)]
    for connection in streams:
        read_until(connection, b"content_block_delta")
    equal(upstream.counters()["open_streams"], 50, "open streams")
    for connection in streams:
        connection.close()
    no_stream_within(upstream, 1)
    wait_for(lambda: sum(r["outcome"] == "cancelled" for r in nginx.records()) == 50, 3, "records")


@case("big")
def a_slow_reader_holds_its_upstream_back(nginx, upstream):
    nginx.ask(request("hi"))  # What a first request makes is not what this one holds.
    before = nginx.memory_kb()
    with nginx.stream("hi", receive_bytes=4096) as connection:
        read_until(connection, b"content_block_delta")
        time.sleep(1)
        equal(upstream.counters()["open_streams"], 1, "streams while nobody reads")
        grown = nginx.memory_kb() - before
        check(grown < 2048, f"the worker holds {grown} KB of 24 MB")
        data = read_all(connection)
    check(len(data) > 24_000_000, f"only {len(data)} bytes came")
    contains(data[-300:], b"event: message_stop", "the end")
    with nginx.stream("hi", receive_bytes=4096) as connection:
        read_until(connection, b"content_block_delta")
        time.sleep(0.3)
    no_stream_within(upstream, 1)


def run_to_the_end(connection, upstream):
    upstream.release()
    contains(read_all(connection), b"event: message_stop", "the end of the stream")
    connection.close()


@case(workers=2)
def a_reload_cuts_no_stream(nginx, upstream):
    old = nginx.workers()
    streams = [nginx.stream("WAIT") for _ in range(4)]
    for connection in streams:
        read_until(connection, b"Before the gate, ")
    with open(nginx.config_path, encoding="utf-8") as file:
        text = file.read()
    with open(nginx.config_path, "w", encoding="utf-8") as file:
        file.write(text.replace("claude-opus-4-8", "claude-sonnet-5"))
    nginx.signal(signal.SIGHUP)
    wait_for(lambda: b"claude-sonnet-5" in nginx.ask(
        b"GET /v1/models HTTP/1.0\r\nx-api-key: %s\r\n\r\n" % TOKEN.encode()), 5, "the new file")
    time.sleep(0.3)
    check(set(nginx.workers()) & set(old), "no old worker stayed for its streams")
    for connection in streams:
        run_to_the_end(connection, upstream)
    wait_for(lambda: not set(nginx.workers()) & set(old), 5, "the end of the old workers")


@case(main="env E2E_TOKEN; env E2E_UPSTREAM_KEY;")
def a_binary_upgrade_cuts_no_stream(nginx, upstream):
    connection = nginx.stream("WAIT")
    read_until(connection, b"Before the gate, ")
    old, worker = nginx.master(), nginx.workers()[0]
    nginx.signal(signal.SIGUSR2)
    wait_for(lambda: os.path.exists(os.path.join(nginx.folder, "nginx.pid.oldbin")) and
             os.path.exists(os.path.join(nginx.folder, "nginx.pid")) and nginx.master() != old, 5,
             "the new master")
    nginx.signal(signal.SIGQUIT, old)
    wait_for(nginx.workers, 5, "a worker of the new one")
    check(worker in nginx.workers(old), "the old worker did not stay for its stream")
    contains(nginx.ask(request("hi", stream=False)), b"Quick.", "an answer of the new one")
    run_to_the_end(connection, upstream)
    wait_for(lambda: not os.path.exists(f"/proc/{old}"), 5, "the end of the old master")


@case()
def a_fast_stop_still_leaves_records(nginx, upstream):
    connection = nginx.stream("WAIT")
    read_until(connection, b"Before the gate, ")
    nginx.signal(signal.SIGTERM)
    wait_for(lambda: any(r["outcome"] == "cancelled" for r in nginx.records()), 5, "the record")
    no_stream_within(upstream, 1)
    connection.close()


@case()
def records_are_opened_again(nginx, upstream):
    nginx.ask(request("hi", stream=False))
    os.rename(nginx.records_path, nginx.records_path + ".1")
    nginx.signal(signal.SIGUSR1)
    wait_for(lambda: os.path.exists(nginx.records_path), 5, "the new file")
    time.sleep(0.2)
    nginx.ask(request("hi", stream=False))
    wait_for(lambda: len(nginx.records()) == 1, 5, "a record in the new file")


@case()
def a_test_of_the_configuration_says_everything(nginx, upstream):
    equal(nginx.run("-t").returncode, 0, "nginx -t of a good file")
    with open(nginx.config_path, "a", encoding="utf-8") as file:
        file.write("---\ntype: user\nnmae: typo\ntokens: [{env: NOT_SET}]\n")
    done = nginx.run("-t")
    equal(done.returncode, 1, "nginx -t of a bad file")
    contains(done.stdout, "nmae", "the first error")
    contains(done.stdout, "NOT_SET", "the second error")
    os.unlink(nginx.config_path)
    contains(nginx.run("-t").stdout, "cannot be read", "a file that is not there")


@case()
def http_2_with_tls(nginx, upstream):
    """nginx's own protocols in front; a reset stream cancels its upstream."""
    answer = subprocess.run(
        ["curl", "-sk", "--http2", "--max-time", "10", "-w", "%{http_version}",
         f"https://127.0.0.1:{nginx.port}/v1/messages", "-H", f"x-api-key: {TOKEN}",
         "-H", "content-type: application/json", "-d", json.dumps(
             {"model": MODEL, "max_tokens": 50, "stream": True,
              "messages": [{"role": "user", "content": "hi"}]})],
        capture_output=True, text=True, check=False).stdout
    contains(answer, "event: message_stop", "the stream")
    check(answer.endswith("\n2"), f"the protocol: {answer[-20:]!r}")
    trust = ssl.create_default_context()
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", nginx.port)) as plain:
        with trust.wrap_socket(plain) as connection:
            connection.sendall(request("LONG"))
            read_until(connection, b"content_block_delta")
    no_stream_within(upstream, 1)


_BUDGET = """\
---
type: tenant-budget-config
name: shared
limits: {cost_per_lifetime: 0.02}
on_insufficient: reject
"""


@case("hello", workers=3, more=_BUDGET,
      server="state: {path: ledger.db, durability: process_crash}")
def workers_share_a_budget_that_outlives_a_reload(nginx, upstream):
    def ask():
        answer = nginx.ask(request("hi", stream=False))
        return int(answer.split(b" ", 2)[1])

    statuses = []
    while not statuses or (statuses[-1] != 402 and len(statuses) < 500):
        statuses.append(ask())
    equal(set(statuses[:-1]), {200}, "answers before the budget was used up")
    equal(statuses[-1], 402, "the answer then")
    spent = sum(r.get("cost_nano_usd") or 0 for r in nginx.records())
    check(spent <= 20_000_000, f"{spent} were spent")
    before = set(nginx.workers())
    nginx.signal(signal.SIGHUP)
    wait_for(lambda: not before & set(nginx.workers()), 20, "the new workers")
    equal([ask() for _ in range(6)], [402] * 6, "after the reload")
