# SPDX-License-Identifier: GPL-3.0-or-later
# Completion for fish.

set -l commands inspect scrub verify formats help version
set -l none "not __fish_seen_subcommand_from $commands"
set -l many '__fish_seen_subcommand_from inspect scrub verify'
set -l scrub '__fish_seen_subcommand_from scrub'

complete -c oilskin -f -n "$none" -a inspect -d 'show what a file reveals'
complete -c oilskin -f -n "$none" -a scrub -d 'make a copy without any of it'
complete -c oilskin -f -n "$none" -a verify -d 'read a scrubbed file again'
complete -c oilskin -f -n "$none" -a formats -d 'say what is kept and what is dropped'
complete -c oilskin -f -n "$none" -a help -d 'explain a command'
complete -c oilskin -f -n "$none" -a version -d 'print the version'
complete -c oilskin -f -n "$none" -s V -l version -d 'print the version'
complete -c oilskin -s h -l help -d 'print help'

complete -c oilskin -n "$many" -s r -l recursive -d 'take the files in folders, too'
complete -c oilskin -n "$many" -s j -l jobs -x -a '1 2 4 8' -d 'this many files at once'
complete -c oilskin -n '__fish_seen_subcommand_from inspect scrub verify formats' -l json -d 'print JSON'
complete -c oilskin -n '__fish_seen_subcommand_from inspect' -l check -d 'exit with 1 when anything is found'

complete -c oilskin -n "$scrub" -s o -l output -r -F -d 'into this file'
complete -c oilskin -n "$scrub" -s d -l directory -x -a '(__fish_complete_directories)' -d 'into this folder'
complete -c oilskin -n "$scrub" -l in-place -d 'over the original'
complete -c oilskin -n "$scrub" -l name -x -a 'random number keep' -d 'how copies are called'
complete -c oilskin -n "$scrub" -l map -r -F -d 'private list of originals and copies'
complete -c oilskin -n "$scrub" -l force -d 'replace copies that exist'
complete -c oilskin -n "$scrub" -l icc -x -a 'rebuild drop keep' -d 'colour profile'
complete -c oilskin -n "$scrub" -l drop-audio -d 'leave out the sound of videos'
complete -c oilskin -n "$scrub" -l keep-preroll -d 'keep frames that are never shown'
complete -c oilskin -n "$scrub" -l dry-run -d 'write nothing'
complete -c oilskin -n "$scrub" -s y -l yes -d 'do not ask'

set -l formats '__fish_seen_subcommand_from formats'
complete -c oilskin -f -n "$formats" -s a -l all -d 'print all tables'
complete -c oilskin -f -n "$formats" -a "(oilskin formats 2>/dev/null | string match -rg '^  ([a-z0-9]+) .*\\(')"
complete -c oilskin -f -n '__fish_seen_subcommand_from help' -a "$commands"
