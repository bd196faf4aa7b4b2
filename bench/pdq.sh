#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# pdq.sh OILSKIN BUILD_DIR: perceptual hashes, all eight forms of each, from luma of 512 x 512. Target: 1,000 per second of
# one core; the published reference makes 340 (a number of another machine: look at both).
set -eu
"$2/bench/pdq-rate"
# Queries of a million. Targets: 0.3 ms; 3 ms where nine tenths are one cluster, in it and beside it.
"$2/bench/index-query"
