#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The completions, asked in the shells themselves.

usage: completions.py OILSKIN

Each shell must offer every command, and every long option that `--help` of the command lists. A shell that is not
installed is skipped, and that is said. Ends with `N passed, N failed, N skipped`.
"""
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(os.path.dirname(os.path.dirname(HERE)), 'cli', 'completions')
COMMANDS = ['inspect', 'scrub', 'redact', 'verify', 'keygen', 'seal', 'unseal', 'studio', 'serve', 'doctor', 'setup', 'desk', 'store', 'formats', 'help', 'version']


def bash(line):
    """The words that bash offers at the end of `line`."""
    script = f'''
source {FOLDER}/oilskin.bash
COMP_LINE={line!r}
read -ra COMP_WORDS <<<"${{COMP_LINE//=/ = }}"
case $COMP_LINE in *' ') COMP_WORDS+=('') ;; esac
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
COMP_POINT=${{#COMP_LINE}}
_oilskin
printf '%s\\n' "${{COMPREPLY[@]}}"
'''
    return subprocess.run(['bash', '--norc', '-c', script], capture_output=True, text=True, check=False).stdout.split('\n')


def fish(line):
    script = f'source {FOLDER}/oilskin.fish; complete -C {line!r}'
    out = subprocess.run(['fish', '--no-config', '-c', script], capture_output=True, text=True, check=False).stdout
    return [row.split('\t')[0] for row in out.splitlines()]


def zsh(line):
    """Types the line into a real zsh, because its completion runs nowhere else, and reads what it lists."""
    home = tempfile.mkdtemp()
    with open(os.path.join(home, '.zshrc'), 'w', encoding='utf-8') as file:
        file.write(f'fpath=({FOLDER} $fpath)\nautoload -Uz compinit\ncompinit -u -D\nPS1=READY\n'
                   "zstyle ':completion:*' verbose no\nzstyle ':completion:*' list-prompt ''\n"
                   'setopt list_packed\nLISTMAX=0\n')
    pid, fd = pty.fork()
    if pid == 0:
        os.execvpe('zsh', ['zsh', '-i'], {**os.environ, 'ZDOTDIR': home, 'TERM': 'dumb', 'COLUMNS': '200', 'LINES': '60'})
    shown = read_until(fd, 'READY', 10)
    os.write(fd, line.encode() + b'\x04' if not line.endswith('\x04') else line.encode())
    shown = read_until(fd, None, 2.5)
    os.write(fd, b'\x15exit\n')
    time.sleep(0.05)
    os.close(fd)
    os.waitpid(pid, 0)
    shutil.rmtree(home, ignore_errors=True)
    return re.findall(r'[\w./=-]+', shown)


def read_until(fd, mark, seconds):
    shown, end = '', time.time() + seconds
    while time.time() < end:
        if not select.select([fd], [], [], 0.6)[0]:
            if mark is None and shown:
                break
            continue
        try:
            shown += os.read(fd, 65536).decode('utf-8', 'replace')
        except OSError:
            break
        if mark is not None and mark in shown:
            break
    return shown


def long_options(oilskin, command):
    text = subprocess.run([oilskin, command, '--help'], capture_output=True, text=True, check=True).stdout
    return sorted(set(re.findall(r'^ +(?:-\w, )?(--[a-z-]+)', text, re.M)))


def checks(oilskin, ask):
    """(name, what is missing) of everything that a shell must offer."""
    offered = ask('oilskin ')
    yield 'commands', [c for c in COMMANDS if c not in offered]
    for command in COMMANDS[:8]:
        offered = [word.rstrip('=') for word in ask(f'oilskin {command} --')]
        yield f'options of {command}', [o for o in long_options(oilskin, command) if o not in offered]
    offered = [word.split('=')[-1] for word in ask('oilskin scrub --icc=')]
    yield 'ways of --icc', [w for w in ('rebuild', 'drop', 'keep') if w not in offered]
    offered = [word.split('=')[-1] for word in ask('oilskin scrub --name=')]
    yield 'ways of --name', [w for w in ('random', 'number', 'keep') if w not in offered]
    offered = [word.split('=')[-1] for word in ask('oilskin redact --style=')]
    yield 'ways of --style', [w for w in ('fill', 'blur', 'mosaic') if w not in offered]
    offered = [word.split('=')[-1] for word in ask('oilskin redact --rotate=')]
    yield 'ways of --rotate', [w for w in ('90', '180', '270', 'mirror', 'flip') if w not in offered]
    offered = ask('oilskin formats ')
    yield 'formats', [w for w in ('png', 'jpeg') if w not in offered]
    offered = ask('oilskin scrub ')
    yield 'files', [w for w in ('a-photo.jpg',) if w not in offered]
    offered = ask('oilskin help ')
    yield 'commands to explain', [c for c in COMMANDS if c not in offered]


def main():
    oilskin = os.path.abspath(sys.argv[1])
    os.environ['PATH'] = os.path.dirname(oilskin) + os.pathsep + os.environ['PATH']
    folder = tempfile.mkdtemp()
    os.chdir(folder)
    with open('a-photo.jpg', 'w', encoding='utf-8'):
        pass
    passed = failed = skipped = 0
    for name, ask in (('bash', bash), ('fish', fish), ('zsh', zsh)):
        if shutil.which(name) is None:
            print(f'ok {name} # skip {name} is not installed')
            skipped += 1
            continue
        for what, missing in checks(oilskin, ask):
            print(f'{"not ok" if missing else "ok"} {name}: {what}' + (f' # missing {missing}' if missing else ''))
            passed, failed = passed + (not missing), failed + bool(missing)
    os.chdir('/')
    shutil.rmtree(folder)
    print(f'{passed} passed, {failed} failed, {skipped} skipped')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
