#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The library's own work for a call, in instructions, counted by callgrind.

usage: test_instructions.py PROGRAM [--limit N] [--json FILE]

PROGRAM (instructions.c) makes calls with one registered in buffer and one registered out buffer over
a device that answers at once. What is counted lies between remote_handle64_invoke() and the device.
TAP on standard output; without valgrind it is skipped.
"""
import json
import re
import shutil
import subprocess
import sys
import tempfile

CALLS = 1000
# A bucket with more than one buffer in it.
GROWTH = 1.05


def valgrind(program, calls, *arguments):
    """What callgrind counts in remote_handle64_invoke(), and how often the device was passed."""
    with tempfile.NamedTemporaryFile() as out:
        run = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out.name}",
             "--toggle-collect=remote_handle64_invoke",  # on
             "--toggle-collect=answer_ioctl",  # and off while the device answers
             program, *map(str, arguments)],
            capture_output=True, text=True, check=False)
    if run.returncode:
        sys.exit(f"{program} failed: {run.stdout}{run.stderr}")
    counted = int(re.search(r"Collected : (\d+)", run.stderr).group(1))
    return counted / calls, int(re.search(r"passes (\d+)", run.stdout).group(1))


def main():
    if not shutil.which("valgrind"):
        print("1..0 # SKIP no valgrind here")
        return 0
    program, number, failed, results = sys.argv[1], 0, False, []
    options = dict(zip(sys.argv[2::2], sys.argv[3::2]))
    limit = int(options.get("--limit", 400))
    print("1..6")

    def check(ok, sentence):
        nonlocal number, failed
        number += 1
        failed |= not ok
        print(f"{'ok' if ok else 'not ok'} {number} - {sentence}")

    for dialect in ("mainline", "downstream"):
        alone, passes = valgrind(program, CALLS, dialect, CALLS, 2, 1)
        loaded, more = valgrind(program, CALLS, dialect, CALLS, 2000, 200)
        results.append({"transport": dialect, "alone": alone, "loaded": loaded, "limit": limit})
        check(alone <= limit, f"{dialect}: a call takes {alone:.0f} instructions of at most {limit}")
        check(loaded <= limit and loaded <= alone * GROWTH,
              f"{dialect}: with 2000 buffers and 200 handles it takes {loaded:.0f}")
        check(passes == CALLS and more == CALLS, f"{dialect}: it passes the device seam once")
    if "--json" in options:
        with open(options["--json"], "w", encoding="utf-8") as file:
            json.dump(results, file, indent=1)
    return failed


sys.exit(main())
