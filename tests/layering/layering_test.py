#!/usr/bin/env python3
"""Each rule of layering.py against a small tree that breaks it, and against one that does not."""

import pathlib
import tempfile

import layering

CLEAN = {
    "lib/base/time.hpp": "#pragma once\n#include <cstdint>\n",
    "lib/base/time.cpp": '#include "base/time.hpp"\n',
    "lib/base/CMakeLists.txt": "target_sources(x PRIVATE time.cpp)\n",
    "tests/base/time_test.cpp": '#include "base/time.hpp"\n',
    "lib/dialects/dialect.hpp": '#pragma once\n#include "base/time.hpp"\n',
    "lib/dialects/a/a.hpp": '#pragma once\n#include "dialects/dialect.hpp"\n',
    "lib/drivers/curl/pool.hpp": "#pragma once\n#include <curl/curl.h>\n#include <thread>\n",
    "include/tollgate/abi.h": "#include <stddef.h>\n",
    "capi/gateway.hpp": '#pragma once\n#include "tollgate/abi.h"\n#include "base/time.hpp"\n',
    "examples/http_server/server.hpp": '#pragma once\n#include <httplib.h>\n#include "tollgate/abi.h"\n',
    "docs/page.md": "text\n",
}

# What is added to the clean tree, and a piece of the one finding it must give.
CASES = [
    ("an include upwards", {"lib/base/up.hpp": '#pragma once\n#include "json/reader.hpp"\n'},
     "base includes json, which stands above it"),
    ("an include of a sibling", {"lib/policy/p.hpp": '#pragma once\n#include "router/r.hpp"\n'},
     "policy includes its sibling router"),
    ("a folder without a layer", {"lib/odd/o.hpp": "#pragma once\n"}, "stands in no layer"),
    ("an include of an unknown folder", {"lib/json/o.hpp": '#pragma once\n#include "odd/o.hpp"\n'},
     "no such layer"),
    ("an include without its folder", {"lib/json/o.hpp": '#pragma once\n#include "reader.hpp"\n'},
     "includes start at lib/"),
    ("one dialect knows another", {"lib/dialects/b/b.hpp": '#pragma once\n#include "dialects/a/a.hpp"\n'},
     "dialects/b includes a"),
    ("a driver reaches inside", {"lib/drivers/curl/d.hpp": '#pragma once\n#include "base/time.hpp"\n'},
     "only public headers"),
    ("an example reaches inside", {"examples/01.hpp": '#pragma once\n#include "capi/gateway.hpp"\n'},
     "only public headers"),
    ("a C header includes C++", {"include/tollgate/x.h": "#include <string>\n"}, "stddef.h and stdint.h"),
    ("a public header includes a private one", {"include/tollgate/x.hpp": "using namespace std;\n"},
     "using namespace"),
    ("simdjson outside json", {"lib/model/m.hpp": "#pragma once\n#include <simdjson.h>\n"},
     "<simdjson.h> is only for lib/json/"),
    ("the core prints", {"lib/model/m.hpp": "#pragma once\n#include <iostream>\n"}, "does no I/O"),
    ("the core opens sockets", {"capi/m.hpp": "#pragma once\n#include <sys/socket.h>\n"}, "does no I/O"),
    ("the core starts threads", {"lib/wire/m.hpp": "#pragma once\n#include <thread>\n"}, "does no I/O"),
    ("a long file", {"lib/wire/m.hpp": "#pragma once\n" * 601}, "601 lines, 600 at most"),
    ("a long page", {"docs/long.md": "x\n" * 301}, "301 lines, 300 at most"),
    ("a machine's path", {"docs/x.md": "see /" + "work/main\n"}, "a path of one machine"),
    ("unfinished work", {"docs/x.md": "TO" + "DO: write\n"}, "unfinished work"),
    ("a banner", {"lib/wire/m.hpp": "#pragma once\n// ==========\n"}, "a banner comment"),
    ("no pragma once", {"lib/wire/m.hpp": "int x();\n"}, "no #pragma once"),
    ("a source that nothing builds", {"lib/base/y.cpp": "\n", "tests/base/y_test.cpp": "\n"},
     "listed in no CMakeLists.txt"),
    ("a source without a test", {"lib/base/y.cpp": "\n", "lib/base/CMakeLists.txt": "time.cpp y.cpp\n"},
     "has no tests/base/y_test.cpp"),
]


def findings_of(files):
    with tempfile.TemporaryDirectory() as root:
        for name, text in files.items():
            path = pathlib.Path(root, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return layering.findings(root)


def main():
    clean = findings_of(CLEAN)
    assert not clean, clean
    for name, added, expected in CASES:
        found = findings_of(CLEAN | added)
        assert len(found) == 1 and expected in found[0], f"{name}: {found}"
    print(f"{len(CASES)} rules report what breaks them")


if __name__ == "__main__":
    main()
