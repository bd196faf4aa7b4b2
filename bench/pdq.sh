#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# pdq.sh OILSKIN BUILD_DIR [--check]: perceptual hashes, all eight forms of each, from luma of 512 x 512. Target: 1,000 per
# second of one core; the published reference makes 340 (a number of another machine: look at both).
# --check fails by what a hash is of a pass over its luma, and a query of a look at all hashes: machines differ, these do not.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
rates() {
    "$1/bench/pdq-rate" || echo "pdq_failed 1"
    # Queries of a million. Targets: 0.3 ms; 3 ms where nine tenths are one cluster, in it and beside it.
    "$1/bench/index-query" || echo "index_failed 1"
}
if [ "${3:-}" = --check ]; then
    rates "$2" | /usr/bin/python3 "$here/bounds.py" pdq_hash_of_a_pass 4 index_query_of_a_scan_random 0.12 \
        index_query_of_a_scan_cluster_in 0.8 index_query_of_a_scan_cluster_beside 0.8
else
    rates "$2"
fi
