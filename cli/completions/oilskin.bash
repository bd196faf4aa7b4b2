# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Completion for bash; it needs nothing but bash.

_oilskin_words() {
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

_oilskin_files() {
    local IFS=$'\n'
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$1")
}

_oilskin() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]-}
    local commands='inspect scrub redact verify keygen seal unseal studio serve doctor setup desk store formats help version' options=
    COMPREPLY=()
    if [ "$COMP_CWORD" = 1 ]; then
        _oilskin_words "$commands --help --version" "$word"
        return
    fi
    # "--icc=dr" arrives as three words, because = breaks words.
    if [ "$word" = = ]; then
        word=
    elif [ "$before" = = ]; then
        before=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    case $before in
    --icc) _oilskin_words 'rebuild drop keep' "$word"; return ;;
    --memory) _oilskin_words '2G 4G 8G 16G' "$word"; return ;;
    --style) _oilskin_words 'fill blur mosaic' "$word"; return ;;
    --rotate) _oilskin_words '90 180 270 mirror flip' "$word"; return ;;
    --region)
        _oilskin_words 'rect: ellipse: polygon: stroke:' "$word"
        compopt -o nospace 2>/dev/null
        return
        ;;
    --listen) _oilskin_words '127.0.0.1:0 127.0.0.1:8080' "$word"; return ;;
    --crop | --resize | --color) return ;;
    -R | -i | --recipients-file | --identity | --passphrase-file) _oilskin_files "$word"; return ;;
    --name) _oilskin_words 'random number keep' "$word"; return ;;
    -d | --directory | --data | --pages | --export)
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -d -- "$word")
        return
        ;;
    -o | --output | --map | --recovery-file | --passphrase-file | --config | --nginx | --caddyfile | --torrc | --regions | --preview) _oilskin_files "$word"; return ;;
    -j | --jobs) _oilskin_words '1 2 4 8' "$word"; return ;;
    esac
    case $command in
    inspect) options='--recursive --jobs --check --json --help' ;;
    scrub)
        options='--output --directory --in-place --name= --map --force --recursive --jobs --icc= --memory=
            --drop-audio --keep-preroll --flatten --dry-run --json --yes --help'
        ;;
    redact)
        options='--region --regions --style= --color= --invert --preview --crop --rotate= --resize=
            --output --directory --name= --map --force --recursive --jobs --icc= --memory= --dry-run --json --help'
        ;;
    verify) options='--recursive --jobs --json --help' ;;
    keygen) options='--output --passphrase --passphrase-file --demo --recipient --help' ;;
    seal)
        options='--recipient --recipients-file --identity --passphrase --passphrase-file --armor --output --force --help'
        ;;
    unseal) options='--identity --passphrase --passphrase-file --output --force --help' ;;
    studio) options='--listen --pages --export --help' ;;
    serve) options='--config --listen --data --recipient --pages --set --help' ;;
    doctor) options='--config --nginx --caddyfile --torrc --help' ;;
    setup) options='--data --help' ;;
    desk)
        options='--no-recovery --recovery --recovery-file --passphrase-file --desk --name --login-file --totp --totp-file --session --proxy --digest --pages'
        options+=' --view --category --first --last --claimed --why --identity --recipient --regions --output --json --help'
        options+=' --album --caption --alt --warning --areas --nothing-covered --not-everywhere --words-checked'
        ;;
    store) options='--deletions-of --day --help' ;;
    formats) options='--all --json --help' ;;
    help)
        _oilskin_words "$commands" "$word"
        return
        ;;
    esac
    if [[ $word == -* ]]; then
        _oilskin_words "$options" "$word"
        [[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace 2>/dev/null
    elif [ "$command" = formats ]; then
        _oilskin_words "$("${COMP_WORDS[0]}" formats 2>/dev/null | sed -n 's/^  \([a-z0-9]*\) .*(.*/\1/p')" "$word"
    elif [ "$command" = desk ] && [ "$COMP_CWORD" = 2 ]; then
        _oilskin_words 'init open login logout list show fetch unseal reply page triage export verify-export publish withdraw end-link rewrap rotate first-link reviewer' "$word"
    elif [ "$command" = store ] && [ "$COMP_CWORD" = 2 ]; then
        _oilskin_words 'check backup restore shuffle clock' "$word"
    elif [ "$command" != studio ]; then
        _oilskin_files "$word"
    fi
}

complete -F _oilskin oilskin
