#!/usr/bin/env python3
"""What `run` must find wrong with a page, and what it must let pass."""

import importlib.machinery
import importlib.util
import pathlib
import tempfile

FILE = pathlib.Path(__file__).resolve().with_name("run")
LOADER = importlib.machinery.SourceFileLoader("docs_run", str(FILE))
docs = importlib.util.module_from_spec(importlib.util.spec_from_loader("docs_run", LOADER))
LOADER.exec_module(docs)

# Name, page, and a piece of the one finding; None for a page that is in order.
CASES = [
    ("plain text", "```text\nanything {\n```\n", None),
    ("a script", "```sh\necho hello\n```\n", None),
    ("its output", "```sh\necho hello\n```\n<!-- output -->\n```text\nhello\n```\n", None),
    ("another output", "```sh\necho hello\n```\n<!-- output -->\n```text\nbye\n```\n",
     "printed instead"),
    ("output of nothing", "<!-- output -->\n```text\nbye\n```\n", "nothing was run"),
    ("a script that fails", "```sh\nfalse\n```\n", "failed"),
    ("an excused script", "<!-- not run: it needs a key -->\n```sh\nfalse\n```\n", None),
    ("an excuse without a reason", "<!-- not run: -->\n```sh\nfalse\n```\n", "without a reason"),
    ("an excuse for another block", "<!-- not run: x -->\ntext\n```sh\nfalse\n```\n", "failed"),
    ("bad JSON", "```json\n{\n```\n", "page.md:1"),
    ("good JSON, indented", "1. item\n   ```json\n   {}\n   ```\n", None),
    ("bad Python", "```python\ndef\n```\n", "page.md:1"),
    ("an unmarked fragment", "```c\nint x;\n```\n", "neither a whole program"),
    ("a fragment of ours", "<!-- from: include/tollgate/abi.h -->\n```c\n#include <stddef.h>\n```\n",
     None),
    ("an invented fragment", "<!-- from: include/tollgate/abi.h -->\n```c\nint invented;\n```\n",
     "is not a part of"),
    ("a dead link", "See [there](nowhere.md).\n", "leads nowhere"),
    ("links elsewhere", "[a](https://example.com) [b](page.md#part) `[c](code.md)`\n", None),
]


def main():
    for name, text, expected in CASES:
        with tempfile.TemporaryDirectory() as folder:
            page = pathlib.Path(folder, "page.md")
            page.write_text(text)
            findings = []
            docs.check_page(page, findings, [])
        if expected is None:
            assert not findings, f"{name}: {findings}"
        else:
            assert len(findings) == 1 and expected in findings[0], f"{name}: {findings}"
    print(f"{len(CASES)} kinds of page are judged rightly")


if __name__ == "__main__":
    main()
