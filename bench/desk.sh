#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# desk.sh OILSKIN BUILD_DIR: pages of the desk and memory of its server with 100,000 submissions. Targets: any page within 100 ms,
# 256 MiB.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
/usr/bin/python3 "$here/desk.py" "$1" "$here/../build/web/dist" "$2/bench/desk-fill"
