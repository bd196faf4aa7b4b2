#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# looks.sh OILSKIN BUILD_DIR: contact sheets of the styles, to be looked at. No target: the blur should look like a soft blur, the
# mosaic like a deliberate one.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
/usr/bin/python3 "$here/looks.py" "$2/bench/cover-ppm" "$1" "$2/looks"
