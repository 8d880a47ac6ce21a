#!/usr/bin/env python3
"""Checks the shape of the source tree: who may include whom, file sizes, and what may stand in it.

    layering.py [ROOT]        prints one line a finding as FILE:LINE: text; exits 1 when there are any

The layer table is the one of docs/internals/architecture.md. The rules are data below; each has a
case in layering_test.py, which proves that a tree that breaks it is reported.
"""

import pathlib
import re
import sys

# Includes point from a higher number to a lower one. Two folders with the same number are siblings
# and do not know each other.
LAYERS = {
    "base": 0,
    "json": 1, "wire": 1,
    "model": 2,
    "dialects": 3, "identity": 3, "policy": 3, "pricing": 3, "ledger": 3, "router": 3, "record": 3,
    "providers": 4,
    "config": 5,
    "exchange": 6,
    "gateway": 7,
}
# In these, a folder is one dialect or one provider, and knows none of the others.
FAMILIES = {"dialects", "providers"}
# What several providers of one house share: how their tokens are fetched, what their calls have in
# common.
FAMILY_PARTS = {"providers/anthropic/cache_control.hpp", "providers/anthropic/messages_headers.hpp",
                "providers/anthropic/messages_lessons.hpp",
                "providers/entra/token.hpp",
                "providers/google/token.hpp", "providers/openai_compatible/calls.hpp"}

# A third-party header, and the only folders that may include it. Tests are free.
THIRD_PARTY = {
    "simdjson": ("lib/json/", "examples/"),
    "yaml": ("lib/config/",),
    "openssl": ("lib/base/", "lib/drivers/curl/", "examples/http_server/"),
    "curl": ("lib/drivers/curl/", "examples/"),
    "httplib": ("examples/http_server/",),
}
# System headers that bring what the core never does: sockets, files, clocks, threads, printing.
# The eventfd waker is the one exception.
CORE_FORBIDDEN = re.compile(
    r"sys/(?!types\.h)|netinet/|arpa/|netdb\.h|poll\.h|unistd\.h|fcntl\.h|pthread\.h|signal\.h|"
    r"c?stdio(\.h)?$|iostream$|fstream$|filesystem$|thread$|future$|random$|c?time(\.h)?$|"
    r"csignal$|print$")
CORE_EXCEPTIONS = {
    "capi/waker.cpp": {"sys/eventfd.h", "unistd.h"},
}

LINES_MAX = {"code": 600, "page": 300}
CODE = {".c", ".h", ".cpp", ".hpp", ".py", ".mjs", ".js", ".ts"}
TEXT = CODE | {".md", ".txt", ".cmake", ".yaml", ".yml", ".json", ".in", ".sh", ".map", ""}
SKIPPED_FOLDERS = {".git", "node_modules", "__pycache__", ".venv"}

# Written with character classes so that this file does not contain what it looks for.
FORBIDDEN_TEXT = [
    (re.compile(r"/[w]ork/|/[f]arm/|/[r]oot/|/[h]ome/[a-z]"), "a path of one machine"),
    (re.compile(r"registry\.[n]pmjs|\b[p]ypi\.org|[d]eb\.debian\.org"),
     "the host of a package registry"),
    (re.compile(r"\b([T]ODO|[F]IXME|[X]XX|[H]ACK)\b"), "unfinished work"),
]
BANNER = re.compile(r"^\s*(//|#|/\*)\s*[-=*#/~]{5,}")
USING_NAMESPACE = re.compile(r"^\s*using\s+namespace\b")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


class Tree:
    """The files of a source tree and the findings about them."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.findings = []
        self.files = {}
        for path in sorted(self.root.rglob("*")):
            parts = path.relative_to(self.root).parts
            if parts[0].startswith("build") or SKIPPED_FOLDERS.intersection(parts):
                continue
            if path.is_file() and not path.is_symlink() and path.suffix in TEXT:
                name = "/".join(parts)
                self.files[name] = path.read_text(errors="replace").splitlines()

    def report(self, name, line, text):
        self.findings.append(f"{name}:{line}: {text}")

    def under(self, *folders, suffixes=(".c", ".h", ".cpp", ".hpp")):
        return [name for name in self.files
                if name.startswith(folders) and pathlib.PurePath(name).suffix in suffixes]

    def includes(self, name):
        for number, line in enumerate(self.files[name], 1):
            match = INCLUDE.match(line)
            if match:
                yield number, match.group(1) == "<", match.group(2)


def check_layers(tree):
    for name in tree.under("lib/", "capi/"):
        if name.startswith("lib/drivers/"):
            continue
        parts = name.split("/")
        own = parts[1] if parts[0] == "lib" else "capi"
        rank = LAYERS.get(own, len(LAYERS) if own == "capi" else None)
        if rank is None:
            tree.report(name, 1, f"lib/{own} stands in no layer")
            continue
        for line, system, header in tree.includes(name):
            other = header.split("/")[0]
            if system or other in ("tollgate", own) or (own == "capi" and "/" not in header):
                continue
            if "/" not in header:
                tree.report(name, line, f'"{header}": includes start at lib/, as "{own}/{header}"')
            elif other not in LAYERS:
                tree.report(name, line, f'"{header}": no such layer')
            elif LAYERS[other] == rank:
                tree.report(name, line, f"{own} includes its sibling {other}")
            elif LAYERS[other] > rank:
                tree.report(name, line, f"{own} includes {other}, which stands above it")


def check_families(tree):
    for name in tree.under("lib/"):
        parts = name.split("/")
        if parts[1] not in FAMILIES or len(parts) < 4:
            continue
        for line, _, header in tree.includes(name):
            other = header.split("/")
            if header in FAMILY_PARTS:
                continue
            if other[0] == parts[1] and len(other) > 2 and other[1] != parts[2]:
                tree.report(name, line, f"{parts[1]}/{parts[2]} includes {other[1]}")


def check_hosts(tree):
    """Drivers and examples are hosts like any other: public headers and their own files only."""
    for name in tree.under("lib/drivers/", "examples/"):
        top = "examples" if name.startswith("examples/") else "/".join(name.split("/")[:3])
        folders = [folder.as_posix() for folder in pathlib.PurePath(name).parents]
        for line, system, header in tree.includes(name):
            if system or header.startswith("tollgate/"):
                continue
            places = [f"{folder}/{header}" for folder in folders]
            if not any(place in tree.files and place.startswith(top + "/") for place in places):
                tree.report(name, line, f'"{header}": a host includes only public headers')


def check_public_headers(tree):
    for name in tree.under("include/", suffixes=(".h",)):
        for line, system, header in tree.includes(name):
            if system and header not in ("stddef.h", "stdint.h"):
                tree.report(name, line, f"<{header}>: a C header includes stddef.h and stdint.h only")
            if not system and not header.startswith("tollgate/"):
                tree.report(name, line, f'"{header}": a public header includes public headers only')
    for name in tree.under("include/", suffixes=(".h", ".hpp")):
        for line, text in enumerate(tree.files[name], 1):
            if USING_NAMESPACE.match(text):
                tree.report(name, line, "using namespace in a header")


def check_third_party(tree):
    for name in tree.under("include/", "lib/", "capi/", "examples/"):
        core = name.startswith(("lib/", "capi/")) and not name.startswith("lib/drivers/")
        for line, system, header in tree.includes(name):
            library = re.split(r"[/.]", header)[0]
            if library in THIRD_PARTY and system and not name.startswith(THIRD_PARTY[library]):
                places = " ".join(THIRD_PARTY[library])
                tree.report(name, line, f"<{header}> is only for {places}")
            if (core and system and CORE_FORBIDDEN.match(header)
                    and header not in CORE_EXCEPTIONS.get(name, ())):
                tree.report(name, line, f"<{header}>: the core does no I/O, reads no clock and has "
                                        "no threads")


def check_sizes(tree):
    for name, lines in tree.files.items():
        suffix = pathlib.PurePath(name).suffix
        limit = LINES_MAX["code"] if suffix in CODE else None
        if suffix == ".md" and name.startswith("docs/"):
            limit = LINES_MAX["page"]
        if limit and len(lines) > limit:
            tree.report(name, limit, f"{len(lines)} lines, {limit} at most")


def check_text(tree):
    for name, lines in tree.files.items():
        for number, line in enumerate(lines, 1):
            for pattern, what in FORBIDDEN_TEXT:
                if pattern.search(line):
                    tree.report(name, number, what)
            if pathlib.PurePath(name).suffix in CODE and BANNER.match(line):
                tree.report(name, number, "a banner comment")
    for name in tree.under("include/", "lib/", "capi/", "examples/", "tests/", suffixes=(".hpp",)):
        if not name.startswith("include/") and "#pragma once" not in tree.files[name]:
            tree.report(name, 1, "no #pragma once")


def check_mirror(tree):
    """Each lib/x/y.cpp is listed in a CMakeLists.txt and has a y_test.cpp in the mirrored folder."""
    for name in tree.under("lib/", suffixes=(".cpp",)):
        path = pathlib.PurePath(name)
        listed = any(path.name in "\n".join(tree.files.get(f"{folder}/CMakeLists.txt", ()))
                     for folder in path.parents)
        if not listed:
            tree.report(name, 1, "listed in no CMakeLists.txt, so it is never built")
        mirror = pathlib.PurePath("tests", *path.parts[1:-1], path.stem + "_test.cpp")
        if mirror.as_posix() not in tree.files:
            tree.report(name, 1, f"has no {mirror}")


CHECKS = (check_layers, check_families, check_hosts, check_public_headers, check_third_party,
          check_sizes, check_text, check_mirror)


def findings(root):
    tree = Tree(root)
    for check in CHECKS:
        check(tree)
    return tree.findings


if __name__ == "__main__":
    found = findings(sys.argv[1] if len(sys.argv) > 1
                     else pathlib.Path(__file__).resolve().parents[2])
    print("\n".join(found) if found else "layering: nothing to report")
    sys.exit(1 if found else 0)
