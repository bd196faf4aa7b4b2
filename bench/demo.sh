#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# demo.sh OILSKIN BUILD_DIR: ./run demo, unattended: seconds by the clock until its end, and of the processor, of it and of all that
# it starts. Target: 60 seconds by the clock on two processors that nobody else uses.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
# shellcheck source=../setup/web.sh
. "$root/setup/web.sh"
node=$(web_node_folder "$root")/node || { echo "demo: the page is not built yet (./run builds it)" >&2; exit 1; }
# The program looks for its pages beside itself.
mkdir -p "$2/web"
for pages in "$root"/build/web/*/; do
    ln -sfn "${pages%/}" "$2/web/$(basename "$pages")"
done
exec /usr/bin/python3 "$here/demo.py" "$node" --disable-warning=ExperimentalWarning "$root/demo/main.ts" "$1" "$2/cli/oilskin-sample" --check=3600
