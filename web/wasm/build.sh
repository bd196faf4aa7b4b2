#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds core.wasm and pixels.wasm, and the same as plain JavaScript, into OUT. README.md says what of.
#
# usage: build.sh [OUT [NINJA OPTION...]]     (build/web/wasm without)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/../../build/web/wasm}
[ $# = 0 ] || shift
mkdir -p "$out"
"$here/fetch.sh" "$out/src"
python3 "$here/rules.py" "$out"
ninja -C "$out" "$@"
