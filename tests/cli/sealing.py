# SPDX-License-Identifier: GPL-3.0-or-later
"""keygen, seal, unseal: who gets a secret, what is left when something goes wrong, what is said."""
import os
import re
import resource
import signal
import stat
import subprocess
import time

import harness
from harness import has, lacks, read, run, state, write
from terminal import on_terminal

SECRET = re.compile(r'AGE-SECRET-KEY-1[A-Z0-9]{58}')


def keys(path='me.key', *words):
    run('keygen', '-o', path, *words)
    return path


def public(path, *words):
    return run('keygen', '-y', path, *words).out.strip()


def test_a_secret_key_is_for_its_owner_alone():
    os.umask(0)
    made = run('keygen', '-o', 'me.key')
    info = os.stat('me.key')
    assert stat.S_IMODE(info.st_mode) == 0o600, oct(info.st_mode)
    assert info.st_mtime == 315532800, info.st_mtime
    assert len(SECRET.findall(read('me.key').decode())) == 1
    assert not SECRET.search(made.out + made.err)
    has(made.out, public('me.key'), 'nobody can bring it back')


def test_keygen_replaces_no_key():
    keys()
    before = state()
    failed = run('keygen', '-o', 'me.key', code=7)
    has(failed.err, 'exists already', 'another name')
    assert state() == before


def test_a_secret_key_goes_to_no_pipe():
    for words in ((), ('-o', '-')):
        os.makedirs('x', exist_ok=True)
        made = run('keygen', *words, code=None)
        assert not SECRET.search(made.out + made.err), made
    has(run('keygen', code=2).err, 'terminal only', '-o FILE')
    with open('open.key', 'wb') as file:
        os.fchmod(file.fileno(), 0o644)
        run('keygen', code=2, stdout=file)
    assert read('open.key') == b''
    with open('private.key', 'wb') as file:
        os.fchmod(file.fileno(), 0o600)
        run('keygen', stdout=file)
    assert SECRET.search(read('private.key').decode())
    code, shown = on_terminal('keygen')
    assert code == 0 and SECRET.search(shown), shown


def test_a_passphrase_protects_a_key():
    write('pass', 'six words that nobody guesses easily\n')
    keys('me.key', '--passphrase-file', 'pass')
    assert not SECRET.search(read('me.key').decode())
    key = public('me.key', '--passphrase-file', 'pass')
    write('a.txt', 'planted')
    run('seal', '-r', key, '-o', 'a.age', 'a.txt')
    assert run('unseal', '-i', 'me.key', '--passphrase-file', 'pass', 'a.age').raw == b'planted'
    write('wrong', 'six words\n')
    has(run('unseal', '-i', 'me.key', '--passphrase-file', 'wrong', 'a.age', code=8).err, 'me.key', 'passphrase')


def test_what_is_sealed_opens_again():
    key = public(keys())
    for size in (0, 1, 65535, 65536, 65537, 300000):
        plain = os.urandom(size)
        write('plain', plain)
        run('seal', '-r', key, '-o', 'sealed', '--force', 'plain')
        assert run('unseal', '-i', 'me.key', 'sealed').raw == plain
        assert run('seal', '-r', key, stdin=plain).raw[:21] == b'age-encryption.org/v1'
        text = run('seal', '-a', '-r', key, stdin=plain).raw
        assert text.isascii()
        run('unseal', '-i', 'me.key', '-o', 'again', '--force', stdin=text)
        assert read('again') == plain


def test_several_people_open_alone():
    people = [public(keys(f'{n}.key')) for n in range(3)]
    write('list', '# the desk\n\n' + people[1] + '\r\n' + people[2] + '\n')
    run('seal', '-r', people[0], '-R', 'list', '-o', 'a.age', stdin=b'for all')
    for n in range(3):
        assert run('unseal', '-i', f'{n}.key', 'a.age').raw == b'for all'
    run('seal', '-i', '1.key', '-o', 'b.age', stdin=b'for one')
    has(run('unseal', '-i', '0.key', 'b.age', code=8).err, 'no key', 'What you can do')
    assert run('unseal', '-i', '0.key', '-i', '1.key', 'b.age').raw == b'for one'


def test_a_passphrase_is_typed_unseen():
    code, shown = on_terminal('seal', '-p', '-o', 'a.age', harness.__file__,
                              keys=[('Passphrase', 'planted words\n'), ('again', 'planted words\n')])
    assert code == 0, shown
    lacks(shown, 'planted')
    code, shown = on_terminal('unseal', '-p', '-o', 'a.py', 'a.age', keys=[('Passphrase', 'planted words\n')])
    assert code == 0, shown
    lacks(shown, 'planted')
    assert read('a.py') == read(harness.__file__)
    code, shown = on_terminal('unseal', '-p', '-o', 'b.py', 'a.age', keys=[('Passphrase', 'other words\n')])
    assert code == 8 and not os.path.exists('b.py'), shown


def test_two_passphrases_that_differ_seal_nothing():
    write('a', 'a')
    for second in ('other\n', '\n', '\x04'):
        code, shown = on_terminal('seal', '-p', '-o', 'a.age', 'a', keys=[('Passphrase', 'planted\n'), ('again', second)])
        assert code == 2 and not os.path.exists('a.age'), shown
    code, shown = on_terminal('seal', '-p', '-o', 'a.age', 'a', keys=[('Passphrase', '\n')])
    assert code == 2 and not os.path.exists('a.age'), shown
    has(shown, 'empty')


def test_ctrl_c_at_a_passphrase_ends_it():
    write('a', 'a')
    code, shown = on_terminal('seal', '-p', '-o', 'a.age', 'a', keys=[('Passphrase', 'plan\x03')])
    assert code == -signal.SIGINT and not os.path.exists('a.age'), (code, shown)
    lacks(shown, 'plan')


def test_a_changed_file_leaves_no_output():
    key = public(keys())
    write('plain', os.urandom(200000))
    run('seal', '-r', key, '-o', 'sealed', 'plain')
    sealed = read('sealed')
    for bad in (sealed[:-1], sealed[:100000], sealed[:150] + b'x' + sealed[151:], sealed[:100] + sealed[101:],
                sealed + b'\n', sealed[:-5] + bytes([sealed[-5] ^ 1]) + sealed[-4:],
                sealed[:70000] + bytes([sealed[70000] ^ 1]) + sealed[70001:]):
        write('bad', bad)
        before = state()
        failed = run('unseal', '-i', 'me.key', '-o', 'out', 'bad', code=None)
        assert failed.code in (3, 8), failed
        has(failed.err, 'bad', 'What you can do')
        assert state() == before
        write('out', 'kept')
        run('unseal', '-i', 'me.key', '--force', '-o', 'out', 'bad', code=None)
        assert read('out') == b'kept'
        os.unlink('out')


def test_no_terminal_gets_what_steers_it():
    key = public(keys())
    run('seal', '-r', key, '-o', 'a.age', stdin=b'text\n\x1b]0;planted\x07')
    code, shown = on_terminal('unseal', '-i', 'me.key', 'a.age')
    assert code == 2, shown
    lacks(shown, 'planted')
    has(shown, '-o FILE')
    run('seal', '-r', key, '-o', 'b.age', stdin='Grüße\n'.encode())
    code, shown = on_terminal('unseal', '-i', 'me.key', 'b.age')
    assert code == 0 and 'Grüße' in shown, shown
    code, shown = on_terminal('seal', '-r', key, 'a.age')
    assert code == 2, shown
    has(shown, '-o FILE', '-a')


def test_wrong_use_is_told_with_the_next_step():
    key = public(keys())
    write('a', 'a')
    write('ssh', 'ssh-ed25519 AAAA you@there\n')
    write('none', '# nothing\n')
    for words, code, said in (
            (('seal', 'a'), 2, 'to whom'),
            (('seal', '-p', '-r', key, 'a'), 2, 'stands alone'),
            (('seal', '-r', key, 'a', 'b'), 2, 'one file'),
            (('seal', '-r', key[:-1], 'a'), 3, 'too short'),
            (('seal', '-r', key[:-1] + 'q' * (key[-1] != 'q') + 'p' * (key[-1] == 'q'), 'a'), 3, 'mistyped'),
            (('seal', '-r', key.upper(), 'a'), 3, 'does not begin'),
            (('seal', '-r', 'ssh-ed25519 AAAA', 'a'), 3, 'SSH'),
            (('seal', '-R', 'ssh', 'a'), 3, 'line 1: is a key of SSH'),
            (('seal', '-R', 'none', 'a'), 3, 'no key'),
            (('seal', '-R', 'nowhere', 'a'), 7, 'no such file'),
            (('seal', '-r', key, 'nowhere'), 7, 'no such file'),
            (('seal', '-r', key, '-o', 'no/where', 'a'), 7, 'folder'),
            (('seal', '-r', key, '-o', 'a', 'a'), 7, 'exists already'),
            (('seal', '--passphrase-file', 'nowhere', 'a'), 7, '--passphrase-file'),
            (('seal', '--pasphrase', 'a'), 2, 'did you mean --passphrase'),
            (('unseal', 'a'), 2, 'which key'),
            (('unseal', '-p', '-i', 'me.key', 'a'), 2, 'either'),
            (('unseal', '-i', 'me.key', 'ssh'), 3, 'not that of a sealed file'),
            (('unseal', '-i', 'me.key', 'a'), 3, 'ends early'),
            (('unseal', '-i', 'a', 'a'), 3, 'AGE-SECRET-KEY-1'),
            (('keygen', 'a'), 2, '-o FILE'),
            (('keygen', '-y', 'a', 'b'), 2, 'one file'),
            (('decrypt', 'a'), 2, 'unseal')):
        failed = run(*words, code=code, stdin=b'')
        has(failed.err, said)
        assert 'What you can do' in failed.err or 'Try: ' in failed.err or 'mean' in failed.err, failed


def test_a_key_that_others_can_read_is_told():
    key = public(keys())
    run('seal', '-r', key, '-o', 'a.age', stdin=b'x')
    os.chmod('me.key', 0o644)
    has(run('unseal', '-i', 'me.key', 'a.age').err, 'chmod 600')


def test_no_secret_is_in_a_core_dump():
    """While it waits for its input, the process may leave no core."""
    key = public(keys())
    process = subprocess.Popen([harness.OILSKIN, 'seal', '-r', key, '-o', 'a.age'], stdin=subprocess.PIPE,
                               preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (1 << 20, 1 << 20)))
    try:
        end = time.time() + 10
        while 'Max core file size        0 ' not in read(f'/proc/{process.pid}/limits').decode():
            assert time.time() < end, 'a core may be written'
            time.sleep(0.02)
    finally:
        process.communicate(b'x', timeout=30)
    assert process.returncode == 0


def test_a_full_disk_leaves_nothing_sealed():
    key = public(keys())
    write('big', os.urandom(3 << 20))
    before = state()

    def small():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))

    failed = run('seal', '-r', key, '-o', 'a.age', 'big', code=7, preexec=small)
    has(failed.err, 'a.age', 'What you can do')
    assert state() == before
