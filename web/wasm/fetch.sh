#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Source packages of the codecs and of the crypto library, from the Debian archive that this machine is set up for, checked by apt's own
# signatures. The machine's list of sources stays what it is: a configuration of our own adds "deb-src".
#
# usage: fetch.sh DIR
set -eu
dir=$1
packages='libdeflate libspng zlib libwebp libjpeg-turbo libsodium'
mkdir -p "$dir/apt/lists/partial" "$dir/apt/parts"
dir=$(cd "$dir" && pwd)
if [ -e "$dir/complete" ] && [ "$(cat "$dir/complete")" = "$packages" ]; then
    exit 0
fi

: >"$dir/apt/list"
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    if [ -e "$file" ]; then
        sed -n 's/^deb /deb-src /p' "$file" >>"$dir/apt/list"
    fi
done
for file in /etc/apt/sources.list.d/*.sources; do
    if [ -e "$file" ]; then
        sed 's/^Types:.*/Types: deb-src/' "$file" >"$dir/apt/parts/$(basename "$file")"
    fi
done
apt() {
    apt-get -qq -o "Dir::Etc::sourcelist=$dir/apt/list" -o "Dir::Etc::sourceparts=$dir/apt/parts" \
        -o "Dir::State::lists=$dir/apt/lists" -o APT::Get::List-Cleanup=0 -o APT::Sandbox::User= "$@"
}
apt update || true
cd "$dir"
had=$(cat complete 2>/dev/null || true)
for package in $packages; do
    # One more package in the list does not fetch the others again.
    case " $had " in *" $package "*) [ ! -d "$package" ] || continue ;; esac
    rm -rf "$package" "$package".new
    mkdir "$package".new
    if ! (cd "$package".new && apt source --download-only "$package" &&
        dpkg-source --no-check -q -x ./*.dsc tree >/dev/null); then
        echo "The source of $package could not be fetched from Debian's archive: check the network, and that the archives" \
            "that this machine's apt knows carry sources; then run this again." >&2
        exit 1
    fi
    mv "$package".new/tree "$package"
    rm -rf "$package".new
done
printf '%s' "$packages" >complete
