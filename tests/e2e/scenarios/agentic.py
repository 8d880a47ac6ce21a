"""The main job: parallel tools, a large Write, an image read back, thinking all along.

The prompt names the folder to work in as [folder:/path].
"""

import re

LARGE_FILE_LINES = 220


def folder(request):
    text = "\n".join(block.get("text", "") for block in request.turns[0][1])
    return re.search(r"\[folder:([^\]]+)\]", text).group(1)


def large_text():
    """About 25 KB with everything that is hard to carry: escapes, wide letters, long emoji.

    No backslash-u spelled out: the client itself turns that into the letter it names.
    """
    lines = ['# "Großes" Beispiel \\ with\ttabs, \u2028 and \u00a0 and \x7f\n']
    for number in range(LARGE_FILE_LINES):
        lines.append(f'{number:04d} naïve façade — 日本語テキスト 🏳️‍🌈 👩‍👩‍👧‍👦 🇨🇭 𝔘𝔫𝔦 '
                     f'"quoted\\n" </script> C:\\new\\x41 é é\n')
    lines.append("last line without a newline, \U0010ffff")
    return "".join(lines)


def first(request):
    return {"blocks": [
        {"thinking": "Let me look at both files — 两个文件 🤔 — at once.\n\"Quotes\" too."},
        {"text": "I look at the two files."},
        {"tool": "Bash", "input": {"command": "printf 'α→β 🚀\\n' && wc -c notes.txt",
                                   "description": "Show some letters"}},
        {"tool": "Read", "input": {"file_path": folder(request) + "/notes.txt"}},
    ], "cut": "random", "delta_chars": (1, 7)}


def write(request):
    return {"blocks": [
        {"thinking": "Both came back: " + request.result_text(0)[:40]},
        {"redacted": "nothing to see"},
        {"tool": "Write", "input": {"file_path": folder(request) + "/large.txt",
                                    "content": large_text()}},
    ], "cut": "byte", "delta_chars": (1, 40), "ping_every": 50}


def look(request):
    return {"blocks": [
        {"thinking": ""},
        {"text": "Now the picture."},
        {"tool": "Read", "input": {"file_path": folder(request) + "/dot.png"}},
    ], "unknown_events": ("future_event",), "ascii_events": True}


def finish(request):
    images = [part for result in request.results for part in result["content"]
              if isinstance(part, dict) and part["type"] == "image"]
    seen = images[0]["source"]["media_type"] if images else "no image"
    return {"blocks": [
        {"thinking": "The picture is " + seen},
        {"text": f"All done: 4 turns, saw {seen}. 🎉"},
    ], "cut": "random"}


RULES = [
    {"turn": 0, "reply": first},
    {"turn": 1, "reply": write},
    {"turn": 2, "reply": look},
    {"turn": 3, "reply": finish},
]
