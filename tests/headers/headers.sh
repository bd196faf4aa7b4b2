#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Compiles each public header alone, as C99 and as C++. usage: headers.sh SOURCE_DIR   (TAP)
cd "$1" || exit 1
set -- include/oilskin/*.h
echo "1..$(($# * 2))"
n=0
bad=0
for header in "$@"; do
    for language in c c++; do
        n=$((n + 1))
        if [ "$language" = c ]; then std=c99; else std=c++17; fi
        if echo "#include \"${header#include/}\"" |
            gcc -x "$language" -std="$std" -pedantic -Wall -Wextra -Werror -Iinclude -fsyntax-only - 2>&1; then
            echo "ok $n - headers__${header##*/}_is_$std"
        else
            echo "not ok $n - headers__${header##*/}_is_$std"
            bad=1
        fi
    done
done
exit $bad
