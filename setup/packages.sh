# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Sourced by ./run and ./test: installs what is missing, after saying what that is and how big it is.

# Prints the packages of its arguments that are not installed.
missing_packages() {
    local package state
    for package in "$@"; do
        state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || state=none
        [ "$state" = installed ] || printf '%s\n' "$package"
    done
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# install_packages WHAT-FOR PACKAGE...
install_packages() {
    local purpose=$1 missing plan
    shift
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        echo "This is no Debian: please see to it that these are there: $*" >&2
        return 0
    fi
    # shellcheck disable=SC2207
    missing=($(missing_packages "$@"))
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
        echo "$purpose needs packages that are not installed: ${missing[*]}" >&2
        echo "Please run this once as root, or install sudo." >&2
        return 1
    fi
    local apt=(env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -q --no-install-recommends)
    if ! "${apt[@]}" -s install "${missing[@]}" >/dev/null 2>&1; then
        echo "Reading the lists of packages first (apt-get update)."
        as_root "${apt[@]}" -qq update
    fi
    echo "$purpose needs packages that are not installed (${#missing[@]}): ${missing[*]}"
    # apt says how much it would fetch and how much room that takes, others that they need included; nothing is
    # written, so that it needs no lock, and no password before the person has read this.
    plan=$("${apt[@]}" -o Debug::NoLocking=1 -d install --assume-no "${missing[@]}" 2>/dev/null | grep -E '^(Need to get|After this|[0-9]+ upgraded)' || true)
    printf '%s\n' "$plan" | sed 's/^/  /'
    # What packages chatter while they are set up is worth reading only when that fails.
    local log
    log=$(mktemp)
    if ! as_root "${apt[@]}" -y -o Dpkg::Use-Pty=0 install "${missing[@]}" >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        echo "The packages could not be installed." >&2
        return 1
    fi
    rm -f "$log"
}

# unpack_packages FOLDER PACKAGE...: the programs of packages, without installing them, so that no service of theirs is
# set up, let alone started. Where that can't be done, what needs them finds nothing and says so.
unpack_packages() {
    local folder=$1 scratch package
    shift
    command -v dpkg-deb >/dev/null && command -v apt-get >/dev/null || return 0
    for package in "$@"; do
        [ ! -e "$folder/.has-$package" ] || continue
        mkdir -p "$folder"
        scratch=$(mktemp -d)
        if (cd "$scratch" && apt-get -qq download "$package") >/dev/null 2>&1 &&
            dpkg-deb -x "$scratch/$package"_*.deb "$folder"; then
            touch "$folder/.has-$package"
        else
            echo "The package $package could not be fetched; what needs it is skipped." >&2
        fi
        rm -rf "$scratch"
    done
}
