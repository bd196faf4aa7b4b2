#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns what wasm2js writes, a module of one instance, into one that makes instances.

usage: script.py IN OUT
"""
import re
import sys


def main():
    with open(sys.argv[1], encoding='utf-8') as file:
        text = file.read()
    print(len(text)); print(text[:1500]); print('....'); print(text[-3000:])


main()
