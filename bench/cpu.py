#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""cpu.py RUNS COMMAND...: the median processor time of a command, user and system, in milliseconds.

Several commands, parted by `--`, take turns, so that a busy machine disturbs all of them alike; one number a line.
"""

import resource
import subprocess
import sys


def spend(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.exit(f"cpu: {' '.join(command)}: {done.stderr.decode(errors='replace').strip()}")
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def split(words):
    commands = [[]]
    for word in words:
        if word == "--":
            commands.append([])
        else:
            commands[-1].append(word)
    return commands


def main():
    runs = int(sys.argv[1])
    commands = split(sys.argv[2:])
    spent = [[] for _ in commands]
    for _ in range(runs):
        for times, command in zip(spent, commands):
            times.append(spend(command))
    for times in spent:
        print(f"{sorted(times)[len(times) // 2] * 1000:.1f}")


main()
