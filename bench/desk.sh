#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# desk.sh OILSKIN BUILD_DIR [--check]: pages of the desk and memory of its server with 100,000 submissions. Targets: any page
# within 100 ms, 256 MiB. --check fails where the server works longer than that for a page, whatever else the machine does.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
pages() {
    /usr/bin/python3 "$here/desk.py" "$1" "$here/../build/web/dist" "$2/bench/desk-fill" || echo "desk_failed 1"
}
if [ "${3:-}" = --check ]; then
    pages "$1" "$2" | /usr/bin/python3 "$here/bounds.py" page_processor_ms_most 100 memory_peak_mib 256
else
    pages "$1" "$2"
fi
