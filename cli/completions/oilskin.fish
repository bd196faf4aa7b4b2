# SPDX-License-Identifier: GPL-3.0-or-later
# Completion for fish.

set -l commands inspect scrub redact verify studio formats help version
set -l none "not __fish_seen_subcommand_from $commands"
set -l many '__fish_seen_subcommand_from inspect scrub redact verify'
set -l copies '__fish_seen_subcommand_from scrub redact'
set -l scrub '__fish_seen_subcommand_from scrub'
set -l redact '__fish_seen_subcommand_from redact'

complete -c oilskin -f -n "$none" -a inspect -d 'show what a file reveals'
complete -c oilskin -f -n "$none" -a scrub -d 'make a copy without any of it'
complete -c oilskin -f -n "$none" -a redact -d 'cover parts of a picture for good'
complete -c oilskin -f -n "$none" -a verify -d 'read a scrubbed file again'
complete -c oilskin -f -n "$none" -a studio -d 'serve the page that does it in the browser'
complete -c oilskin -f -n "$none" -a formats -d 'say what is kept and what is dropped'
complete -c oilskin -f -n "$none" -a help -d 'explain a command'
complete -c oilskin -f -n "$none" -a version -d 'print the version'
complete -c oilskin -f -n "$none" -s V -l version -d 'print the version'
complete -c oilskin -s h -l help -d 'print help'

complete -c oilskin -n "$many" -s r -l recursive -d 'take the files in folders, too'
complete -c oilskin -n '__fish_seen_subcommand_from inspect scrub redact verify' -s j -l jobs -x -a '1 2 4 8' -d 'this many files at once'
complete -c oilskin -n '__fish_seen_subcommand_from inspect scrub redact verify formats' -l json -d 'print JSON'
complete -c oilskin -n '__fish_seen_subcommand_from inspect' -l check -d 'exit with 1 when anything is found'

complete -c oilskin -n "$copies" -s o -l output -r -F -d 'into this file'
complete -c oilskin -n "$copies" -s d -l directory -x -a '(__fish_complete_directories)' -d 'into this folder'
complete -c oilskin -n "$scrub" -l in-place -d 'over the original'
complete -c oilskin -n "$copies" -l name -x -a 'random number keep' -d 'how copies are called'
complete -c oilskin -n "$copies" -l map -r -F -d 'private list of originals and copies'
complete -c oilskin -n "$copies" -l force -d 'replace copies that exist'
complete -c oilskin -n "$copies" -l icc -x -a 'rebuild drop keep' -d 'colour profile'
complete -c oilskin -n "$copies" -l memory -x -a '2G 4G 8G 16G' -d 'what one file may take'
complete -c oilskin -n "$scrub" -l drop-audio -d 'leave out the sound of videos'
complete -c oilskin -n "$scrub" -l keep-preroll -d 'keep frames that are never shown'
complete -c oilskin -n "$scrub" -l flatten -d 'decode what can not be scrubbed'
complete -c oilskin -n "$copies" -l dry-run -d 'write nothing'
complete -c oilskin -n "$scrub" -s y -l yes -d 'do not ask'

complete -c oilskin -n "$redact" -l region -x -a 'rect: ellipse: polygon: stroke:' -d 'cover this part'
complete -c oilskin -n "$redact" -l regions -r -F -d 'cover what a file says'
complete -c oilskin -n "$redact" -l style -x -a 'fill blur mosaic' -d 'how regions look'
complete -c oilskin -n "$redact" -l color -x -d 'the colour of fill'
complete -c oilskin -n "$redact" -l invert -d 'cover everything else'
complete -c oilskin -n "$redact" -l preview -r -F -d 'show what would be covered'
complete -c oilskin -n "$redact" -l crop -x -d 'cut off everything but this'
complete -c oilskin -n "$redact" -l rotate -x -a '90 180 270 mirror flip' -d 'turn it'
complete -c oilskin -n "$redact" -l resize -x -d 'make the longer side this long'

set -l formats '__fish_seen_subcommand_from formats'
complete -c oilskin -f -n "$formats" -s a -l all -d 'print all tables'
complete -c oilskin -f -n "$formats" -a "(oilskin formats 2>/dev/null | string match -rg '^  ([a-z0-9]+) .*\\(')"
complete -c oilskin -f -n '__fish_seen_subcommand_from help' -a "$commands"

set -l studio '__fish_seen_subcommand_from studio'
complete -c oilskin -f -n "$studio" -l listen -x -a '127.0.0.1:0 127.0.0.1:8080' -d 'listen at this address and port'
complete -c oilskin -f -n "$studio" -l pages -x -a '(__fish_complete_directories)' -d 'the folder of the pages'
complete -c oilskin -f -n "$studio" -l export -x -a '(__fish_complete_directories)' -d 'write them for a web server'
