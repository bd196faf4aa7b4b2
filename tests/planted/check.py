#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scrubs every planted file and proves that no output holds its secret, in any coat.

check.py OILSKIN DIR runs over DIR/manifest.json as plant.py wrote it. What `expect` promises:
  clean             scrub ends in OK and the secret is gone
  clean-or-refused  a refusal without an output is as good
  named-limit       the threat model names it as beyond a lossless scrub: counted, no failure
Whenever scrub ends in OK, `verify` must agree; whenever it doesn't, there must be no output.
And the second opinion must not be blind: `verify` of a planted file may never end in OK.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import seek
import shown

REFUSED = {3, 4, 5}
QUIET = {"limit", "noise"}  # Told, and no failure.
SHORT = 60


def run(binary, *args):
    done = subprocess.run([binary, *args], capture_output=True, timeout=60, check=False,
        stdin=subprocess.DEVNULL)
    words = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()
    words = words[0].removeprefix("oilskin: ") if words else ""
    return done.returncode, words.replace(args[-1] + ": ", "").replace(args[1] + ": ", "")[:160]


def load(path):
    with open(path, "rb") as f:
        return f.read()


def examine(binary, folder, row, scratch, decode):
    """Returns a list of (kind, words) of what is wrong with one row; empty is a pass."""
    path = os.path.join(folder, row["file"])
    out = os.path.join(scratch, row["file"])
    secret, wrong = bytes.fromhex(row["secret"]), []
    if secret and not seek.find(load(path), secret, row["how"]):
        return [("planting", "the generator did not plant the secret")]
    code, words = run(binary, "scrub", path, "-o", out, "--force")
    if code == 0:
        wrong += examine_output(binary, out, row, secret)
        if decode and not wrong and row["expect"] == "clean":
            wrong += examine_shown(path, out, row)
    else:
        if os.path.exists(out):
            wrong.append(("output", f"exit {code}, and yet there is an output"))
        if code not in REFUSED:
            wrong.append(("crash", f"scrub exit {code}: {words}"))
        elif row["expect"] == "clean":
            wrong.append(("refused", f"scrub exit {code}: {words}"))
    if row["inspect"]:
        code, words = run(binary, "inspect", "--check", path)
        if code != 1 and not (row["expect"] != "clean" and code in REFUSED):
            wrong.append(("inspect", f"inspect --check exit {code}: {words}"))
    elif row["place"] == "none" and run(binary, "inspect", "--check", path)[0] == 1:
        wrong.append(("noise", "inspect finds something in the plain base medium"))
    told = row["expect"] == "clean" or (row["expect"] == "clean-or-refused" and row["inspect"])
    if secret and told and run(binary, "verify", path)[0] == 0:
        wrong.append(("blind", "verify says that the planted file itself is clean"))
    if os.path.exists(out):
        os.remove(out)
    return wrong


def examine_output(binary, out, row, secret):
    if not os.path.exists(out):
        return [("output", "exit 0 without an output")]
    wrong, data = [], load(out)
    where = seek.find(data, secret, row["how"]) if secret else None
    if where and row["expect"] == "named-limit":
        wrong.append(("limit", f"still there ({where})"))
    elif where:
        wrong.append(("LEAK", f"still there ({where})"))
    code, words = run(binary, "verify", out)
    if code != 0:
        wrong.append(("verify", f"verify exit {code}: {words}"))
    return wrong


def examine_shown(path, out, row):
    """A place that readers ignore must not change what they show."""
    whole = shown.is_fragmented(path)
    before = shown.digest(path, row["format"], whole)
    if before is None:
        return []
    after = shown.digest(out, row["format"], whole)
    if after is None:
        return [("broken", "a stock reader opens the input and not the output")]
    return [] if before == after else [("changed", "a stock reader shows something else")]


def choose(rows, short, only):
    rows = [r for r in rows if not only or r["format"] in only]
    if short and len(rows) > SHORT:
        fixed = [r for r in rows if r["place"] == "none"]
        planted = [r for r in rows if r["place"] != "none"]
        few = random.Random(2).sample(fixed, min(len(fixed), SHORT // 3))
        rows = few + random.Random(2).sample(planted, SHORT - len(few))
    return rows


def main():
    ask = argparse.ArgumentParser(description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("oilskin")
    ask.add_argument("dir")
    ask.add_argument("--short", action="store_true", help=f"a seeded sample of {SHORT} files")
    ask.add_argument("--only", action="append", metavar="FORMAT")
    ask.add_argument("--report", metavar="FILE", help="write the table of failures there as well")
    ask.add_argument("--decode", action="store_true", help="also compare what stock readers show")
    ask.add_argument("-j", type=int, default=2, metavar="N")
    options = ask.parse_args()
    binary = os.path.abspath(options.oilskin)
    with open(os.path.join(options.dir, "manifest.json"), encoding="utf-8") as f:
        rows = choose(json.load(f)["files"], options.short, options.only)
    with tempfile.TemporaryDirectory(prefix="planted-") as scratch, ThreadPoolExecutor(
        options.j) as pool:
        found = list(pool.map(lambda r: examine(binary, options.dir, r, scratch, options.decode),
            rows))
    lines, kinds, failed = [], Counter(), 0
    for row, wrong in zip(rows, found):
        kinds.update(k for k, _ in wrong)
        failed += any(k not in QUIET for k, _ in wrong)
        for kind, words in wrong:
            lines.append(f"{row['format']:5} {kind:8} {row['file']:52} {row['expect']:16} {words}")
    lines.sort(key=lambda line: (line.split()[1] in QUIET, line))
    if lines:
        print("\n".join(lines))
    if options.report:
        with open(options.report, "w", encoding="utf-8") as f:
            f.write("\n".join(lines) + "\n")
    if kinds:
        print("; ".join(f"{n} {k}" for k, n in kinds.most_common()))
    print(f"{len(rows) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
