#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# attack.sh OILSKIN BUILD_DIR: which of 1,000 known faces was under the effect? Target: ours at chance (0.1 %; three hits of
# 1,000 still are), because nothing of what is covered is read. Beside them the classic effects, under the same attack.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# Debian's own Python: numpy is a package of it.
/usr/bin/python3 "$here/attack.py" "$2/bench/cover-ppm" "$2/tests/redact_jpeg"
