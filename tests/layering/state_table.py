#!/usr/bin/env python3
"""Keeps the transition table of docs/internals/architecture.md equal to lib/exchange/state.hpp.

Without arguments it compares and fails on a difference; with --write it writes the page's table.
"""

import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
HEADER = TOP / "lib" / "exchange" / "state.hpp"
PAGE = TOP / "docs" / "internals" / "architecture.md"
BEGIN, END = "<!-- states: begin -->\n", "<!-- states: end -->\n"
ROW = re.compile(r"\{State::k(\w+), Event::k(\w+), State::k(\w+)\}")


def words(name):
    return re.sub(r"(?<!^)([A-Z])", lambda match: " " + match.group(1).lower(), name).lower()


def table():
    rows = ROW.findall(HEADER.read_text())
    if len(rows) < 20:
        sys.exit(f"{HEADER.name}: only {len(rows)} transitions found; has its form changed?")
    lines = ["| in | when | then |", "| --- | --- | --- |"]
    lines += [f"| {words(state)} | {words(event)} | {words(to)} |" for state, event, to in rows]
    return "\n".join(lines) + "\n"


def main():
    page = PAGE.read_text()
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    wanted = before + BEGIN + table() + END + after
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(wanted)
    elif page != wanted:
        sys.exit(f"{PAGE.name}: its table is not state.hpp's; run {pathlib.Path(__file__).name} --write")


if __name__ == "__main__":
    main()
