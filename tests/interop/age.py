#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stock age opens what oilskin seals, and the other way round: keys, armor, passphrases, lists, lengths, refusals.

usage: age.py OILSKIN

Skips, and says so, where there is no age. Ends with `N passed, N failed, N skipped`.
"""
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

OILSKIN = ''
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LENGTHS = (0, 1, 16, 4096, 65535, 65536, 65537, 131072, 1000003)


def run(*words, stdin=b'', code=0):
    done = subprocess.run(words, input=stdin, capture_output=True, timeout=120, check=False)
    assert code is None or done.returncode == code, f'{words}: exit {done.returncode}\n{done.stderr.decode()}'
    return done


def oilskin(*words, **options):
    return run(OILSKIN, *words, **options)


def age(*words, **options):
    return run('age', *words, **options)


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def write(path, data):
    with open(path, 'wb') as file:
        file.write(data)
    return path


def typed(passphrase, *words):
    """Runs age, which takes a passphrase from a terminal only; answers each of its questions."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execvp(words[0], words)
    shown, asked, end = b'', 0, time.time() + 60
    while time.time() < end:
        try:
            data = os.read(fd, 4096)
        except OSError:
            break
        if not data:
            break
        shown += data
        if shown.count(b'assphrase') > asked and shown.rstrip(b' ').endswith(b':'):
            asked = shown.count(b'assphrase')
            os.write(fd, passphrase.encode() + b'\n')
    os.close(fd)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert code == 0, shown.decode('utf-8', 'replace')


def pair(maker):
    """A file of keys that `maker` made, and its public key as each program tells it."""
    os.path.exists('key') and os.unlink('key')
    if maker == 'age':
        run('age-keygen', '-o', 'key')
    else:
        oilskin('keygen', '-o', 'key')
    ours = oilskin('keygen', '-y', 'key').stdout
    assert ours == run('age-keygen', '-y', 'key').stdout
    return ours.decode().strip()


def test_either_opens_what_the_other_sealed():
    for maker in ('age', 'oilskin'):
        key = pair(maker)
        for length in LENGTHS:
            plain = os.urandom(length)
            assert age('-d', '-i', 'key', stdin=oilskin('seal', '-r', key, stdin=plain).stdout).stdout == plain
            assert oilskin('unseal', '-i', 'key', stdin=age('-r', key, stdin=plain).stdout).stdout == plain


def test_armor_goes_both_ways():
    key = pair('oilskin')
    for length in LENGTHS:
        plain = os.urandom(length)
        assert age('-d', '-i', 'key', stdin=oilskin('seal', '-a', '-r', key, stdin=plain).stdout).stdout == plain
        assert oilskin('unseal', '-i', 'key', stdin=age('-a', '-r', key, stdin=plain).stdout).stdout == plain


def test_many_recipients_go_both_ways():
    keys = []
    for number in range(20):
        keys.append(pair('oilskin'))
        os.rename('key', f'key{number}')
    write('list', ('# remark\n\n' + '\n'.join(keys) + '\n').encode())
    for sealed in (oilskin('seal', '-R', 'list', stdin=b'all').stdout, age('-R', 'list', stdin=b'all').stdout):
        for number in (0, 7, 19):
            assert age('-d', '-i', f'key{number}', stdin=sealed).stdout == b'all'
            assert oilskin('unseal', '-i', f'key{number}', stdin=sealed).stdout == b'all'


def test_passphrases_go_both_ways():
    write('pass', b'six words that nobody guesses\n')
    plain = write('plain', os.urandom(70000))
    oilskin('seal', '--passphrase-file', 'pass', '-o', 'ours', plain)
    typed('six words that nobody guesses', 'age', '-d', '-o', 'opened', 'ours')
    assert read('opened') == read(plain)
    typed('six words that nobody guesses', 'age', '-p', '-a', '-o', 'theirs', plain)
    assert oilskin('unseal', '--passphrase-file', 'pass', 'theirs').stdout == read(plain)


def test_a_protected_key_goes_both_ways():
    write('pass', b'six words that nobody guesses\n')
    key = pair('age')
    typed('six words that nobody guesses', 'age', '-p', '-o', 'theirs', 'key')
    sealed = write('sealed', age('-r', key, stdin=b'for the desk').stdout)
    assert oilskin('unseal', '-i', 'theirs', '--passphrase-file', 'pass', sealed).stdout == b'for the desk'
    oilskin('keygen', '-o', 'ours', '--passphrase-file', 'pass')
    key = oilskin('keygen', '-y', 'ours', '--passphrase-file', 'pass').stdout.decode().strip()
    sealed = write('sealed', oilskin('seal', '-r', key, stdin=b'for the desk').stdout)
    typed('six words that nobody guesses', 'age', '-d', '-i', 'ours', '-o', 'opened', sealed)
    assert read('opened') == b'for the desk'


def test_both_refuse_the_same_files():
    """Cuts and changes in every part of a file: never does one open what the other refuses."""
    key = pair('oilskin')
    sealed = oilskin('seal', '-r', key, stdin=os.urandom(65600)).stdout
    places = list(range(0, 200, 7)) + list(range(200, len(sealed), 9973)) + [len(sealed) - 1]
    bad = [sealed[:at] for at in places] + [sealed + b'\n', sealed + bytes(16)]
    for at in places:
        bad.append(sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1:])
        bad.append(sealed[:at] + b' ' + sealed[at:])
    for number, data in enumerate(bad):
        ours = oilskin('unseal', '-i', 'key', '-o', 'out', stdin=data, code=None)
        theirs = age('-d', '-i', 'key', stdin=data, code=None)
        assert theirs.returncode != 0, number
        assert ours.returncode in ((3, 8) if data else (7,)), (number, ours)
        assert not os.path.exists('out'), number


def test_both_take_the_same_armor():
    """White space before it is not among these: the specification allows it, age's library takes it, its command line
    looks for the mark at the first byte."""
    key = pair('oilskin')
    text = oilskin('seal', '-a', '-r', key, stdin=b'x' * 100).stdout
    lines = text.split(b'\n')
    for name, data in (('as it is', text), ('CR LF', text.replace(b'\n', b'\r\n')), ('no last end', text[:-1]),
                       ('space behind', text + b'\n \n'), ('a blank line', b'\n'.join(lines[:2] + [b''] + lines[2:])),
                       ('a remark', b'\n'.join(lines[:1] + [b'Comment: x', b''] + lines[1:])),
                       ('no padding', text.replace(b'=', b'')), ('a short line', text.replace(lines[1], lines[1][:-4])),
                       ('something behind', text + b'x'), ('something before', b'x' + text), ('cut', text[:-20]),
                       ('two', text + text), ('a space', text.replace(lines[1], lines[1] + b' ')),
                       ('long lines', b'\n'.join([lines[0], lines[1] + lines[2], *lines[3:]]))):
        ours = oilskin('unseal', '-i', 'key', stdin=data, code=None).returncode == 0
        theirs = age('-d', '-i', 'key', stdin=data, code=None).returncode == 0
        assert ours == theirs, f'{name}: oilskin {ours}, age {theirs}'


def test_the_worked_example_is_what_it_says():
    """The dump of docs/sealing.md has no gap, and both programs open it with the key beside it."""
    page = read(os.path.join(ROOT, 'docs', 'sealing.md')).decode()
    sealed = b''
    for offset, digits in re.findall(r'^([0-9a-f]{8})  ((?:[0-9a-f]{2} )+)', page, re.M):
        assert int(offset, 16) == len(sealed), offset
        sealed += bytes.fromhex(digits)
    write('key', re.search(r'AGE-SECRET-KEY-1[A-Z0-9]{58}', page).group().encode() + b'\n')
    os.chmod('key', 0o600)
    assert re.search(r'-r (age1[a-z0-9]+)', page).group(1) == oilskin('keygen', '-y', 'key').stdout.decode().strip()
    assert age('-d', '-i', 'key', stdin=sealed).stdout == oilskin('unseal', '-i', 'key', stdin=sealed).stdout == b'hello\n'


def main():
    global OILSKIN
    OILSKIN = os.path.abspath(sys.argv[1])
    if shutil.which('age') is None or shutil.which('age-keygen') is None:
        print('ok # skip age is not installed')
        print('0 passed, 0 failed, 1 skipped')
        return 0
    passed = failed = 0
    home = os.getcwd()
    for name, test in sorted((n, t) for n, t in globals().items() if n.startswith('test_')):
        folder = tempfile.mkdtemp(prefix='oilskin-age-')
        os.chdir(folder)
        try:
            test()
            passed += 1
            print(f'ok {name}')
        except Exception:  # whatever broke it, it failed
            failed += 1
            print(f'not ok {name}')
            print('\n'.join('# ' + line for line in traceback.format_exc().splitlines()[-9:]))
        finally:
            os.chdir(home)
            shutil.rmtree(folder)
    print(f'{passed} passed, {failed} failed, 0 skipped')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
