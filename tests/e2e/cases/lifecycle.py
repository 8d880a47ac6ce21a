"""Streams that end early, and a server that reloads or ends while they run."""

import json
import os
import re
import signal
import socket
import time

from harness import claude
from harness.case import DEFAULT_MODEL, case
from harness.gateway import ACCOUNT, TOKEN, integration
from harness.process import Process, check, contains, equal, free_port, wait_for


def open_stream(context):
    wait_for(lambda: context.upstream.counters()["open_streams"] == 1, 20, "an open stream")


def cancelled_after(context, started):
    """Seconds until the upstream saw its reader go."""
    found = wait_for(lambda: [e for e in context.upstream.exchanges() if e.outcome == "cancelled"],
                     5, "the end of the upstream's stream")
    return found[0].ended - started


@case("killed-client-cancels-upstream", "patient", direct=True)
def killed_client(context):
    run = context.claude("LONG")
    open_stream(context)
    time.sleep(0.3)
    started = time.time()
    run.kill()
    seconds = cancelled_after(context, started)
    check(seconds < 1, f"the upstream's stream ended only after {seconds:.2f} s")
    if not context.direct:
        wait_for(lambda: any(r["outcome"] == "cancelled" for r in context.gateway().records()), 5,
                 "a record of the cancelled exchange")


def _raw_request(gateway, prompt):
    body = json.dumps({"model": DEFAULT_MODEL, "max_tokens": 50, "stream": True,
                       "messages": [{"role": "user", "content": prompt}]}).encode()
    head = (f"POST /v1/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n"
            "anthropic-version: 2023-06-01\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n")
    connection = socket.create_connection(("127.0.0.1", gateway.port))
    connection.sendall(head.encode() + body)
    return connection


@case("gone-before-the-head", "patient")
def gone_before_the_head(context):
    """A client that leaves while nothing was answered yet is noticed as fast."""
    connection = _raw_request(context.gateway(), "SILENT")
    wait_for(lambda: context.upstream.exchanges(), 10, "the request upstream")
    started = time.time()
    connection.close()
    seconds = cancelled_after(context, started)
    check(seconds < 1, f"the upstream's request ended only after {seconds:.2f} s")


def read_until(connection, part, seconds):
    """Reads an answer until a part of it arrived; returns all that came."""
    data = b""
    connection.settimeout(seconds)
    deadline = time.monotonic() + seconds
    while part not in data:
        try:
            more = connection.recv(65536)
        except TimeoutError:
            more = b""
        check(more and time.monotonic() < deadline,
              f"{part!r} did not come within {seconds} s: {data[-300:]!r}")
        data += more
    return data


@case("no-byte-is-held", "patient")
def no_byte_is_held(context):
    """What the upstream sent is with the client while the upstream still waits."""
    with _raw_request(context.gateway(), "WAIT") as connection:
        data = read_until(connection, b"Before the gate, ", 2)
        equal(data.count(b"event: message_start"), 1, "message_start so far")
        context.upstream.release()
        read_until(connection, b"event: message_stop", 2)


@case("late-content-is-bridged", "patient", slow=True)
def late_content_is_bridged(context):
    """After five seconds without content the head goes out, with a ping, and nothing else."""
    with _raw_request(context.gateway(), "EARLY") as connection:
        data = read_until(connection, b"event: ping", 7)
        check(b"message_start" not in data, "the start left before there was content")
        context.upstream.release()
        data += read_until(connection, b"event: message_stop", 2)
        equal(data.count(b"event: message_start"), 1, "message_start in all")


@case("silence-has-pings", "patient", slow=True)
def silence_has_pings(context):
    with _raw_request(context.gateway(), "WAIT") as connection:
        read_until(connection, b"Before the gate, ", 2)
        # The upstream's own ping comes only after its gate.
        read_until(connection, b"event: ping", 13)
        context.upstream.release()
        read_until(connection, b"event: message_stop", 2)


@case("reload-keeps-streams", "patient")
def reload_keeps_streams(context):
    """A running stream does not notice a reload; the next request follows the new file."""
    gateway = context.gateway()
    run = context.claude("WAIT")
    open_stream(context)
    gateway.write_configuration([integration("claude-sonnet-5")])
    gateway.reload()
    body = {"model": f"{ACCOUNT}/{DEFAULT_MODEL}", "max_tokens": 5,
            "messages": [{"role": "user", "content": "hi"}]}
    wait_for(lambda: gateway.post("/v1/messages", body)[0] == 400, 3, "the new configuration")
    body["model"] = f"{ACCOUNT}/claude-sonnet-5"
    equal(gateway.post("/v1/messages", body)[0], 200, "a model of the new configuration")
    context.upstream.release()
    equal(run.result()["result"], "after the gate.", "the text of the running stream")
    # A file that cannot be used changes nothing.
    with open(gateway.config_path, "a", encoding="utf-8") as file:
        file.write("---\ntype: user\nnmae: typo\n")
    gateway.reload()
    time.sleep(0.5)
    equal(gateway.post("/v1/messages", body)[0], 200, "an answer after a bad file")


@case("removed-token-stops", "patient")
def removed_token_stops(context):
    """A token that is taken out of the file is refused at once, without a signal."""
    gateway = context.gateway()
    with open(gateway.config_path, encoding="utf-8") as file:
        text = file.read()
    other = text.replace("{env: E2E_TOKEN}", '{sha256: "%s"}' % ("0" * 64))
    with open(gateway.config_path + ".new", "w", encoding="utf-8") as file:
        file.write(other)
    os.rename(gateway.config_path + ".new", gateway.config_path)
    wait_for(lambda: gateway.post("/v1/messages", {})[0] == 401, 3, "the token's end")


@case("sigterm-drains", "patient")
def sigterm_drains(context):
    """No stream is cut; nobody new is let in; the server ends with the last stream."""
    gateway = context.gateway()
    run = context.claude("WAIT")
    open_stream(context)
    gateway.process.signal(signal.SIGTERM)
    wait_for(lambda: gateway.get("/readyz")[0] in (0, 503), 2, "not ready")
    check(gateway.post("/v1/messages", {})[0] in (0, 503), "a new request was let in")
    time.sleep(0.5)
    check(gateway.process.running(), "the server ended while a stream was open")
    context.upstream.release()
    equal(run.result()["result"], "after the gate.", "the text of the running stream")
    equal(gateway.process.wait(3), 0, "the server's exit code")


@case("demo-mode")
def demo_mode(context):
    """With no file and no key a newcomer sees a whole turn with a tool call."""
    port = free_port()
    env = {"PATH": os.environ["PATH"], "HOME": context.folder}
    server = context.own(Process(
        [context.setup.tollgate, "serve", "--listen", f"127.0.0.1:{port}"],
        os.path.join(context.folder, "demo.log"), env=env, cwd=context.folder))
    wait_for(lambda: "ANTHROPIC_AUTH_TOKEN" in server.output(), 10, "the lines to paste")
    printed = dict(re.findall(r"export (\w+)=(\S+)", server.output()))
    equal(printed["ANTHROPIC_BASE_URL"], f"http://127.0.0.1:{port}", "the printed address")
    printed = {name: value.strip("'\"") for name, value in printed.items()}
    client = claude.environment(context.folder, printed.pop("ANTHROPIC_BASE_URL"), **printed)
    run = context.own(claude.Run(context.claude_binary(), context.folder,
                                 "Show me what is in this folder", client))
    result = run.result()
    equal(result["is_error"], False, f"the run's end ({result['result']})")
    check(result["num_turns"] >= 2, f"no tool was called: {result['result']}")
    contains(server.output(), "200", "the live lines")
