#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# triage.sh OILSKIN BUILD_DIR [--short] [--first-half] [--no-films | --films-only | --forms-only] | --check: floods of copies folded,
# and what of unique pictures and films was buried.
#
# Photographs are those of Debian's packages of backgrounds and of OpenCV's samples (each under a free licence: see their
# copyright files); they are unpacked beside the build, and nothing of them is kept. Targets: 2.5 clusters a source,
# nothing unique and nothing tampered folded, 1.3 looks of the ideal number; plain hashes at the published distance are
# told beside it.
set -eu
build=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../setup/packages.sh
. "$here/../setup/packages.sh"
unpack_packages "$build/triage" mate-backgrounds gnome-backgrounds plasma-workspace-wallpapers lomiri-wallpapers-16.04 \
    lomiri-wallpapers-20.04 opencv-doc
/usr/bin/python3 "$here/triage.py" "$build/bench/triage-fold" "$build/triage" "$@"
