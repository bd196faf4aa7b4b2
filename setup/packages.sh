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

# explain_apt LOG PACKAGE...: what apt or sudo said, and in one sentence what a person can do about it.
explain_apt() {
    local log=$1
    shift
    { grep -E '^(E:|sudo:|Err:|dpkg: error|.* is not in the sudoers)' "$log" || tail -n 5 "$log"; } | head -n 5 | cut -c 1-200 | sed 's/^/  /'
    if grep -qE '^sudo:|not in the sudoers|not allowed to (run|execute)' "$log"; then
        echo "You may not install packages here: have somebody who may run this once, then come back:"
        echo "  apt-get install --no-install-recommends $*"
    elif grep -qiE 'resolving|resolve host|could not connect|unreachable|timed out|connection (failed|refused)' "$log"; then
        echo "Debian's archive can't be reached: check the network, and the proxy if apt needs one, then run this again."
    elif grep -qiE 'certificate' "$log"; then
        echo "apt does not trust the archive's certificate: see to /etc/apt or to this machine's clock, then run this again."
    elif grep -qE 'Could not get lock|Unable to acquire' "$log"; then
        echo "Another program is installing packages: wait until it has ended, then run this again."
    elif grep -qiE 'no space left|enough free space' "$log"; then
        echo "The disk is full: make room, then run this again."
    elif grep -qE 'Unable to locate package|no installation candidate' "$log"; then
        echo "This machine's list of archives does not have all of them: Oilskin is built with Debian 12's, of \"main\"."
    else
        echo "The packages could not be installed: try \"apt-get install -f\" as root, then run this again."
    fi
}

# install_packages WHO-NEEDS PACKAGE...: WHO-NEEDS is as "Oilskin needs", the beginning of a sentence.
install_packages() {
    local purpose=$1 missing plan log started=$SECONDS
    shift
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        echo "This is no Debian: please see to it that these are there: $*" >&2
        return 0
    fi
    # shellcheck disable=SC2207
    missing=($(missing_packages "$@" | awk '!seen[$0]++'))
    [ ${#missing[@]} -gt 0 ] || return 0
    echo "$purpose packages that are not installed (${#missing[@]}): ${missing[*]}"
    if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
        echo "Only root may install them, and there is no sudo here. Please run this once as root, then come back:" >&2
        echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
        return 1
    fi
    local apt=(env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -q --no-install-recommends)
    # What packages chatter while they are set up is worth reading only when that fails.
    log=$(mktemp)
    if ! "${apt[@]}" -s install "${missing[@]}" >/dev/null 2>&1; then
        echo "  Reading the lists of packages first (apt-get update)."
        as_root "${apt[@]}" update >"$log" 2>&1 || true
    fi
    # apt says how much it would fetch and how much room that takes, others that they need included; nothing is
    # written, so that it needs no lock, and no password before the person has read this.
    plan=$("${apt[@]}" -o Debug::NoLocking=1 -d install --assume-no "${missing[@]}" 2>/dev/null | grep -E '^(Need to get|After this|[0-9]+ upgraded)' || true)
    if [ -n "$plan" ]; then
        printf '%s\n' "$plan" | sed 's/^/  /'
        echo "  Fetching and installing them: about a minute for each 100 MB, longer where the network is slow."
        [ "$(id -u)" = 0 ] || echo "  sudo may ask for your password."
    fi
    # Lists that are months old name files that the archive has replaced since, so that a first failure asks anew.
    if ! as_root "${apt[@]}" -y -o Dpkg::Use-Pty=0 install "${missing[@]}" >>"$log" 2>&1 &&
        ! { grep -qE '404 +Not Found' "$log" && as_root "${apt[@]}" update >"$log" 2>&1 &&
            as_root "${apt[@]}" -y -o Dpkg::Use-Pty=0 install "${missing[@]}" >>"$log" 2>&1; }; then
        explain_apt "$log" "${missing[@]}" >&2
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
    echo "  Installed in $((SECONDS - started)) seconds."
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
