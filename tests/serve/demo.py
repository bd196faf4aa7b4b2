#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`./run demo`: goes through unattended, and is no way to a drop whose keys everybody has.

usage: demo.py OILSKIN PAGES
"""
import fcntl
import glob
import os
import pty
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.dirname(HERE))
import tap  # noqa: E402  pylint: disable=wrong-import-position
from desk_rig import FOLDER, OILSKIN, PAGES, PASSPHRASE, Page, first_link, opened  # noqa: E402  pylint: disable=wrong-import-position

STAMPS = ('build/.built', 'build/web/.built')


def tree():
    """A checkout in which everything has been built a moment ago."""
    root = tempfile.mkdtemp(dir=FOLDER)
    for name in ('include', 'src', 'host', 'worker', 'http', 'store', 'intake', 'desk', 'publish', 'cli/sample', 'web', 'build/cli', 'build/web'):
        os.makedirs(os.path.join(root, name))
    for name in ('meson.build', 'meson_options.txt', 'run'):
        shutil.copy(os.path.join(ROOT, name), root)
    for name in ('demo', 'setup', 'web/node'):
        os.symlink(os.path.join(ROOT, name), os.path.join(root, name))
    for name in ('oilskin', 'oilskin-sample'):
        os.symlink(os.path.join(os.path.dirname(OILSKIN), name), os.path.join(root, 'build/cli', name))
    os.symlink(PAGES, os.path.join(root, 'build/web/dist'))
    for name in STAMPS:
        with open(os.path.join(root, name), 'w', encoding='ascii'):
            pass
        os.utime(os.path.join(root, name), (time.time() + 60,) * 2)
    return root


def test_it_tells_its_story_unattended_and_leaves_nothing():
    temporary = tempfile.mkdtemp(dir=FOLDER)
    done = subprocess.run([os.path.join(tree(), 'run'), 'demo', '--check'], capture_output=True, text=True, check=False, timeout=900,
                          env={**os.environ, 'TMPDIR': temporary})
    print('\n'.join('# ' + line for line in done.stdout.splitlines()))
    assert done.returncode == 0, done.stdout + done.stderr
    assert all('DEMO' in line for line in done.stdout.splitlines()), done.stdout
    assert re.search(r'2,020 files in \d+ seconds are 36 rows', done.stdout), done.stdout
    for words in ('20 reports, each a row of its own', '99 screenshots of them are 8 rows', 'Dismissed with one decision: the row of 665 copies', 'And undone', 'The desk looked at each byte of the copy again'):
        assert words in done.stdout, (words, done.stdout)
    assert not glob.glob(temporary + '/oilskin-demo-*'), 'it left its folder'


def begun(root, temporary, *words):
    return subprocess.Popen([os.path.join(root, 'run'), 'demo', *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            env={**os.environ, 'TMPDIR': temporary})


def test_a_check_that_a_signal_ends_has_failed_and_leaves_nothing():
    temporary, root = tempfile.mkdtemp(dir=FOLDER), tree()
    for number in (signal.SIGTERM, signal.SIGINT):
        with begun(root, temporary, '--check') as process:
            while 'reports arrive' not in (line := process.stdout.readline()):
                assert line, process.stderr.read()
            process.send_signal(number)
            said = process.communicate(timeout=120)[1]
        assert process.returncode == 128 + number and number.name in said, (process.returncode, said)
        assert not glob.glob(temporary + '/oilskin-demo-*'), 'it left its folder'


def test_a_check_that_takes_longer_than_it_may_has_failed():
    temporary = tempfile.mkdtemp(dir=FOLDER)
    with begun(tree(), temporary, '--check=3') as process:
        said = process.communicate(timeout=120)[1]
    assert process.returncode == 1 and 'did not end within 3 seconds' in said, (process.returncode, said)
    assert not glob.glob(temporary + '/oilskin-demo-*'), 'it left its folder'


def shown_on_a_terminal(columns, script):
    """What Node writes that runs `script` in demo/, on a terminal of this width."""
    node = glob.glob(os.path.join(ROOT, 'web/node/node_modules/node-linux-*/bin/node'))[0]
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack('HHHH', 24, columns, 0, 0))
    with subprocess.Popen([node, '--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script], stdin=subprocess.DEVNULL,
                          stdout=its, stderr=subprocess.PIPE, text=True, cwd=os.path.join(ROOT, 'demo')) as process:
        os.close(its)
        shown = b''
        try:
            while piece := os.read(ours, 65536):
                shown += piece
        except OSError:  # how Linux says that nobody has the other side any more
            pass
        said = process.communicate(timeout=120)[1]
    os.close(ours)
    assert process.returncode == 0, said
    return re.sub(r'\x1b\[[0-9;]*m', '', shown.decode())


def test_its_line_of_progress_stays_in_one_row_of_any_terminal():
    longest = '2,020 of 2,020 files, 20 of 20 reports; the desk has 1,234 rows'
    script = f"""import {{ say, sayProgress }} from './terminal.ts';
sayProgress('0 of 2,020 files'); sayProgress('{longest}'); sayProgress('{longest}'); say('Here they are.');"""
    for columns in (80, 40, 20, 9, 3):
        first, *rows, last = shown_on_a_terminal(columns, script).split('\r\x1b[K')
        assert first == '' and len(rows) == 3 and last == ' DEMO  Here they are.\r\n', (columns, rows, last)
        assert rows[1].startswith(' DEMO  ') and '\n' not in rows[1], rows
        if columns > 9:
            assert all(len(row) < columns for row in rows), (columns, rows)
            assert rows[1] == (f' DEMO  {longest}' if columns == 80 else f' DEMO  {longest}'[:columns - 2] + '…'), (columns, rows)
    # A terminal that does not say how wide it is.
    assert longest in shown_on_a_terminal(0, script)


def test_a_server_refuses_the_keys_of_demonstrations():
    with opened() as drop:
        drop.stop()
        for number in range(4):
            key = os.path.join(drop.folder, f'demo-{number}.key')
            said = drop.run('keygen', '--demo', str(number), '-o', key)
            assert 'everybody has this one' in said, said
            with open(key, encoding='ascii') as file:
                text = file.read()
            assert text.startswith('# DEMONSTRATION: everybody has this key\n'), text
            recipient = re.search(r'age1[a-z0-9]+', text).group()
            done = subprocess.run([OILSKIN, 'serve', '--config', drop.config, '--recipient', recipient], capture_output=True, text=True,
                                  check=False, timeout=60)
            assert done.returncode == 2 and 'a key of demonstrations, which everybody has' in done.stderr, done
            assert 'The drop is at' not in done.stdout, done
        done = subprocess.run([OILSKIN, 'serve', '--config', drop.config, '--set', 'desk.triage=desk', '--set', f'desk.triage_recipient={recipient}'],
                              capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 2 and 'a key of demonstrations' in done.stderr, done


def test_a_desk_refuses_a_reviewer_with_a_key_of_demonstrations():
    with opened() as drop:
        key = os.path.join(drop.folder, 'demo.key')
        drop.run('keygen', '--demo', '3', '-o', key)
        with open(key, encoding='ascii') as file:
            recipient = re.search(r'age1[a-z0-9]+', file.read()).group()
        port, link = first_link(drop)
        page = Page(port)
        assert page.get('/api/demo') == {'schema': 'oilskin/demo/1', 'demo': False}
        page.post('/api/first', {'link': link, 'name': 'eve', 'passphrase': PASSPHRASE, 'recipient': recipient}, code=400)


try:
    CODE = tap.run(dict(globals()))
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
sys.exit(CODE)
