"""/metrics of several workers: one page, whichever of them answers."""

import collections
import os
import re
import signal
import threading
import time

from cases import case
from harness.process import check, contains, equal, wait_for
from server import read_all, read_until, request

GAUGES = {"tollgate_open_exchanges"}
_ASK = b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def parse(page):
    """{name and labels: value}, strictly: a family's lines stand together, after one head."""
    values, kinds, family = {}, {}, None
    for line in page.splitlines():
        if match := re.fullmatch(r"# (HELP|TYPE) (\w+) (.+)", line):
            word, family, rest = match.groups()
            check((word, family) not in kinds, f"{word} of {family} stands twice")
            kinds[(word, family)] = rest
            continue
        match = re.fullmatch(r"((\w+)(?:\{.*\})?) ([0-9]+(?:\.[0-9]+)?)", line)
        check(match, f"not a sample: {line!r}")
        series, name, value = match.groups()
        base = re.sub(r"_(bucket|sum|count)$", "", name)
        check(family in (name, base), f"{name} stands among {family}")
        check(series not in values, f"{series} stands twice")
        values[series] = float(value) if "." in value else int(value)
    # A new gauge may be one that is the same everywhere; then it may not be added up.
    equal({name for (word, name), kind in kinds.items() if (word, kind) == ("TYPE", "gauge")},
          GAUGES, "gauges")
    return values


def scrape(nginx):
    head, page = nginx.ask(_ASK).decode().split("\r\n\r\n", 1)
    contains(head, "HTTP/1.1 200", "the head")
    contains(head.lower(), "content-type: text/plain; version=0.0.4; charset=utf-8", "the head")
    equal(len(page), int(re.search(r"content-length: (\d+)", head.lower()).group(1)), "the length")
    return parse(page)


def total(values, name, label=""):
    return sum(value for series, value in values.items()
               if series.startswith(name) and series[len(name):][:1] in ("", "{") and label in series)


def served_by(nginx):
    """How many requests for messages each worker has ended."""
    lines = (line.split() for line in nginx.log("workers.log").splitlines())
    return collections.Counter(worker for method, worker in lines if method == "POST")


def spread(nginx, workers):
    """Asks until so many workers have answered, several at a time. Returns how many requests."""
    sent = 0
    while len(served_by(nginx)) < workers and sent < 2000:
        threads = [threading.Thread(target=nginx.ask, args=(request("hi", stream=False),))
                   for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        sent += len(threads)
        wait_for(lambda: sum(served_by(nginx).values()) >= sent, 5, "the log's lines")
    equal(len(served_by(nginx)), workers, f"workers that served {sent} requests")
    return sent


def expect(nginx, sent, open_now=1):
    """The page says so within the time that workers take to publish, and from then on always.
    Whoever asks is no exchange; what is open are streams."""
    def right(values):
        return (total(values, "ai_gateway_requests_total", 'status="2xx"') == sent and
                total(values, "tollgate_open_exchanges") == open_now)

    wait_for(lambda: right(scrape(nginx)), 5, f"{sent} requests and {open_now} open in /metrics")
    for _ in range(20):
        values = scrape(nginx)
        check(right(values), f"the answers of workers differ: {values}")
    return values


@case(workers=3)
def metrics_are_those_of_all_workers(nginx, upstream):
    sent = spread(nginx, 3)
    values = expect(nginx, sent, open_now=0)
    records = [r for r in nginx.records() if r["operation"] == "messages"]
    equal(len(records), sent, "records")
    for name, field in (("ai_gateway_input_tokens_total", "input_tokens"),
                        ("ai_gateway_output_tokens_total", "output_tokens")):
        equal(total(values, name), sum(r["usage"][field] for r in records), name)
    cost = sum(r["cost_nano_usd"] for r in records)
    check(cost > 0, "requests cost nothing")
    equal(round(total(values, "ai_gateway_request_cost_total") * 1e9), cost, "the cost")
    equal(total(values, "ai_gateway_request_processing_ms_count"), sent, "durations")
    equal(total(values, "ai_gateway_request_processing_ms_bucket", 'le="+Inf"'), sent,
          "the last bucket")
    equal(round(total(values, "ai_gateway_request_processing_ms_sum"), 3),
          sum(r["timings_us"]["end"] for r in records) / 1000, "the sum of durations")


@case(workers=3)
def metrics_go_on_over_a_reload(nginx, upstream):
    sent = spread(nginx, 3)
    stream = nginx.stream("WAIT")
    read_until(stream, b"Before the gate, ")
    expect(nginx, sent)
    seen, done = [], threading.Event()

    def watch():
        while not done.is_set():
            seen.append(total(scrape(nginx), "ai_gateway_requests_total"))

    watcher = threading.Thread(target=watch)
    watcher.start()
    old = set(nginx.workers())
    nginx.signal(signal.SIGHUP)
    wait_for(lambda: len(set(nginx.workers()) - old) == 3 and len(set(nginx.workers()) & old) == 1,
             10, "new workers, and the old one with the stream")
    nginx.ask(request("hi", stream=False))
    expect(nginx, sent + 1)
    upstream.release()
    contains(read_all(stream), b"event: message_stop", "the end of the stream")
    stream.close()
    wait_for(lambda: not set(nginx.workers()) & old, 5, "the end of the old workers")
    done.set()
    watcher.join()
    expect(nginx, sent + 2, open_now=0)
    check(len(seen) > 10, f"only {len(seen)} pages")
    equal(seen, sorted(seen), "what a scraper sees of a counter")


@case(workers=2)
def metrics_outlive_a_killed_worker(nginx, upstream):
    sent = spread(nginx, 2)
    with nginx.stream("WAIT") as stream:
        read_until(stream, b"Before the gate, ")
        expect(nginx, sent)
        old = set(nginx.workers())
        for worker in old:
            os.kill(worker, signal.SIGKILL)
        nginx.forgive("exited on signal 9")
        wait_for(lambda: len(set(nginx.workers()) - old) == 2, 5, "new workers")
    time.sleep(0.1)
    # The stream that was cut has no end, so it is not counted; it is not open either.
    expect(nginx, sent, open_now=0)
    nginx.ask(request("hi", stream=False))
    expect(nginx, sent + 1, open_now=0)


_LABEL = """\
---
type: gateway-global-settings
name: global
metrics: {metadata_keys: [environment]}
"""


@case(workers=2, http="tollgate_metrics_size 64k;", more=_LABEL)
def metrics_that_find_no_room(nginx, upstream):
    """Many label sets in a small zone: it is said, and the own metrics still come."""
    for number in range(60):
        nginx.ask(request("hi", stream=False).replace(
            b"\r\n\r\n", b'\r\nx-tollgate-metadata: {"environment":"%d"}\r\n\r\n' % number, 1))
    wait_for(lambda: "tollgate_metrics_size makes it larger" in nginx.log(), 5, "the warning")
    check(total(scrape(nginx), "ai_gateway_requests_total") > 0, "nothing is counted")
    equal(nginx.ask(request("hi", stream=False)).split(b" ", 2)[1], b"200", "the gateway's answer")


@case()
def metrics_are_found_as_the_gateway_finds_them(nginx, upstream):
    def status(line):
        return nginx.ask(line + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").split(b" ", 2)[1]

    for path in (b"/metrics", b"/metrics/", b"/v1/metrics", b"/v1/v1/metrics", b"/metrics?a=b"):
        equal(status(b"GET " + path), b"200", repr(path))
    for line, wanted in ((b"POST /metrics", b"405"), (b"GET /v1/v1/v1/metrics", b"404"),
                         (b"GET /metric", b"404"), (b"GET /metricsx", b"404")):
        equal(status(line), wanted, repr(line))
