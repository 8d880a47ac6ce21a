#!/usr/bin/env python3
"""Computes what answers cost, with fractions and from data/prices.json alone, for the C++ test.

    golden_costs.py --write    rewrites golden_costs.tsv
    golden_costs.py --check    fails when the file is not what this program computes
"""

import fractions
import json
import math
import pathlib
import random
import sys

HERE = pathlib.Path(__file__).resolve().parent
DATA = HERE.parent.parent / "data" / "prices.json"
FILE = HERE / "golden_costs.tsv"
TYPES = {"anthropic": "anthropic", "openai": "openai", "google": "google-gemini",
         "vertex": "google-vertex", "bedrock": "aws-bedrock"}
KINDS = ["input", "cache_read", "cache_write", "cache_write_1h", "output"]
DAYS = ["2026-10-01", "2026-11-22", "2026-12-15", "2027-02-01"]


def rate(rates, kind):
    if kind in rates:
        return fractions.Fraction(rates[kind])
    if kind == "cache_write_1h" and "cache_write" in rates:
        return fractions.Fraction(rates["cache_write"])
    return fractions.Fraction(rates["input"])


def in_force(model, day):
    return [price for price in model["prices"] if price.get("from", "") <= day][-1]


def cost(model, day, tokens, searches, factors, search_price):
    price = in_force(model, day)
    rates = price["rates"]
    prompt = sum(tokens[:4])
    if "above" in price and prompt > price["above"]["tokens"]:
        rates = price["above"]["rates"]
    usd = sum(count * rate(rates, kind) for kind, count in zip(KINDS, tokens)) / 1_000_000
    for name in factors:
        usd *= fractions.Fraction(model.get("multipliers", {}).get(name, "1"))
    usd += searches * search_price / 1000
    return math.ceil(usd * 10**9)


def cases():
    data = json.loads(DATA.read_text())
    search_price = fractions.Fraction(data["web_search_per_1000"])
    draw = random.Random(20261122)
    for model in data["models"]:
        for name in [model["model"], *model.get("aliases", [])]:
            claude = model["provider"] == "anthropic"
            known = model.get("multipliers", {})
            region = "global" if model["provider"] == "vertex" else ""
            for number in range(4):
                day = DAYS[number]
                large = number % 2 == 1
                tokens = [draw.randrange(400_000 if large else 90_000) for _ in KINDS[:4]]
                tokens = [count if draw.random() < 0.8 else 0 for count in tokens]
                tokens.append(draw.randrange(64_000))
                searches = draw.randrange(3) if claude else 0
                fast = "fast" in known and number == 2
                us = claude and number == 3
                tier = draw.choice(["standard", "priority", "flex"]) if "flex" in known else ""
                factors = [f for f, on in (("fast", fast), ("us", us), (tier, bool(tier))) if on]
                nano = cost(model, day, tokens, searches, factors, search_price)
                yield [TYPES[model["provider"]], name, region, day, *tokens, searches,
                       int(fast), "us" if us else "-", tier or "-", nano]
    # Regional endpoints cost their factor more.
    for model in data["models"]:
        if "region" not in model.get("multipliers", {}):
            continue
        tokens = [1_001, 20_003, 305, 77, 4_099]
        vertex = model["provider"] == "vertex"
        name = model["model"] if vertex else "eu." + model["model"].removeprefix("global.")
        nano = cost(model, "2026-11-22", tokens, 0, ["region"], search_price)
        yield [TYPES[model["provider"]], name, "europe-west1" if vertex else "", "2026-11-22",
               *tokens, 0, 0, "-", "-", nano]


def main(arguments):
    text = "".join("\t".join(str(part) or "-" for part in row) + "\n" for row in cases())
    if arguments == ["--write"]:
        FILE.write_text(text)
    elif arguments == ["--check"]:
        if FILE.read_text() != text:
            raise SystemExit("golden_costs.tsv is not what golden_costs.py computes: run it with "
                             "--write, and see that the C++ test agrees")
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
