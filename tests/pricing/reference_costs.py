#!/usr/bin/env python3
"""Compares the built-in prices with a list that others collected: ../shared/reference/prices.json.

    reference_costs.py TESTS_PRICING [SEED]

Draws usages at random, computes with fractions what each costs by that list, and has the test program
check its own answers against them. Passes with a word when the list is not there.
"""

import fractions
import json
import math
import os
import pathlib
import random
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LIST = ROOT.parent / "shared" / "reference" / "prices.json"
TYPES = {"anthropic": "anthropic", "openai": "openai", "google": "google-gemini",
         "vertex": "google-vertex", "bedrock": "aws-bedrock"}
DAYS = ["2026-11-22", "2026-11-30", "2026-12-01", "2026-12-31", "2027-01-01", "2027-06-30"]
# "Opus 4.6 / Sonnet 4.6 and later" cost 1.1 times as much in the United States.
IN_THE_US = {"claude-opus-4-6", "claude-opus-4-8", "claude-opus-5", "claude-opus-5-5",
             "claude-sonnet-4-6", "claude-sonnet-5", "claude-sonnet-5-5"}
SEARCH = fractions.Fraction(10, 1000)
ROUNDS = 12


def number(value):
    return fractions.Fraction(str(value))


def rates_on(model, day, prompt):
    rates = {key: model.get(key) for key in model if key.endswith("_per_mtok")}
    for change in model.get("schedule", []):
        if change["from"] <= day:
            rates.update({key: value for key, value in change.items() if key.endswith("_per_mtok")})
    for tier in model.get("tiers", []):
        assert tier["operator"] == ">" and tier["applies_to"] == "whole_request"
        if prompt > tier["threshold_prompt_tokens"]:
            rates.update({key: value for key, value in tier.items() if key.endswith("_per_mtok")})
    return rates


def first(rates, *names):
    for name in names:
        if rates.get(name) is not None:
            return number(rates[name])
    raise KeyError(names)


def cost(model, day, tokens, searches, fast, us):
    plain, read, write_5m, write_1h, output = tokens
    rates = rates_on(model, day, plain + read + write_5m + write_1h)
    write = ["cache_write_5m_per_mtok", "cache_write_per_mtok", "input_per_mtok"]
    usd = (plain * first(rates, "input_per_mtok")
           + read * first(rates, "cache_read_per_mtok", "input_per_mtok")
           + write_5m * first(rates, *write)
           + write_1h * first(rates, "cache_write_1h_per_mtok", *write)
           + output * first(rates, "output_per_mtok")) / 1_000_000
    if fast:
        usd *= number(model["fast"]["multiplier"])
    if us:
        usd *= fractions.Fraction(11, 10)
    return math.ceil((usd + searches * SEARCH) * 10**9)


def edges(model, draw):
    """A prompt at, below and above each threshold, else any."""
    sizes = [tier["threshold_prompt_tokens"] + step for tier in model.get("tiers", [])
             for step in (0, 1)]
    return draw.choice(sizes) if sizes and draw.random() < 0.5 else draw.randrange(1, 900_000)


def rows(models, draw):
    for model in models:
        claude = model["provider"] == "anthropic"
        for _ in range(ROUNDS):
            name = draw.choice([model["model"], *model.get("aliases", [])])
            prompt = edges(model, draw)
            cuts = sorted(draw.randrange(prompt + 1) for _ in range(3))
            parts = [cuts[0], cuts[1] - cuts[0], cuts[2] - cuts[1], prompt - cuts[2]]
            draw.shuffle(parts)
            tokens = [*parts, draw.randrange(128_000)]
            day = draw.choice(DAYS)
            searches = draw.randrange(4) if claude else 0
            fast = claude and "fast" in model and draw.random() < 0.3
            us = claude and model["model"] in IN_THE_US and draw.random() < 0.3
            region = "global" if model["provider"] == "vertex" else "-"
            yield [TYPES[model["provider"]], name, region, day, *tokens, searches, int(fast),
                   "us" if us else "-", "-", cost(model, day, tokens, searches, fast, us)]


def main(arguments):
    if len(arguments) not in (1, 2):
        raise SystemExit(__doc__)
    if not LIST.exists():
        print(f"skipped: {LIST.name} of the reference is not there")
        return
    seed = arguments[1] if len(arguments) == 2 else "20261123"
    models = json.loads(LIST.read_text())["models"]
    drawn = list(rows(models, random.Random(seed)))
    print(f"{len(drawn)} usages of {len(models)} models, seed {seed}")
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as file:
        file.writelines("\t".join(map(str, row)) + "\n" for row in drawn)
        file.flush()
        subprocess.run([arguments[0], "[costs_file]"], check=True,
                       env={**os.environ, "TOLLGATE_COSTS_FILE": file.name})


if __name__ == "__main__":
    main(sys.argv[1:])
