# SPDX-License-Identifier: GPL-3.0-or-later
"""On a terminal: questions, colours, the progress bar."""
import os
import pty
import select
import signal
import time

import harness
import media
from harness import has, lacks, read, state

CLEAR = '\r\x1b[K'


def on_terminal(*words, keys=(), columns=90, env=None):
    """Runs on a pseudo-terminal; `keys` are (wait for, type) pairs. Returns (exit code, everything shown)."""
    pid, fd = pty.fork()
    if pid == 0:
        # A shell lets what it runs in the background ignore Ctrl-C; a terminal's own programs do not.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        environment = {**os.environ, 'TERM': 'xterm', **(env or {})}
        environment.pop('NO_COLOR', None)
        environment.update(env or {})
        os.execve(harness.OILSKIN, [harness.OILSKIN, *words], environment)
    import fcntl
    import struct
    import termios
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', 24, columns, 0, 0))
    shown, pending, end = b'', list(keys), time.time() + 60
    while time.time() < end:
        if select.select([fd], [], [], 0.2)[0]:
            try:
                data = os.read(fd, 65536)
            except OSError:
                break
            if not data:
                break
            shown += data
        if pending and pending[0][0].encode() in shown:
            os.write(fd, pending.pop(0)[1].encode())
    else:
        os.kill(pid, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(fd)
    return code, shown.decode('utf-8', 'replace')


def test_in_place_asks_and_takes_no_for_an_answer():
    for answer in ('n\n', '\n', 'maybe\n', '\x04'):
        media.png('a.png')
        before = state()
        code, shown = on_terminal('scrub', '--in-place', 'a.png', keys=[('[y/N]', answer)])
        assert code == 2, shown
        has(shown, 'evidence', 'lost for good', '[y/N]')
        assert state() == before


def test_in_place_asks_and_takes_yes_for_an_answer():
    for answer in ('y\n', 'yes\n', 'Y\n'):
        media.png('a.png')
        code, shown = on_terminal('scrub', '--in-place', 'a.png', keys=[('[y/N]', answer)])
        assert code == 0, shown
        assert media.SECRET.encode() not in read('a.png')


def test_in_place_asks_once_for_many_files():
    for name in 'abc':
        media.png(name + '.png')
    code, shown = on_terminal('scrub', '--in-place', 'a.png', 'b.png', 'c.png', keys=[('[y/N]', 'y\n')])
    assert code == 0 and shown.count('[y/N]') == 1, shown
    has(shown, 'replaces 3 files')


def test_in_place_with_yes_does_not_ask():
    media.png('a.png')
    code, shown = on_terminal('scrub', '--in-place', '--yes', 'a.png')
    assert code == 0
    lacks(shown, '[y/N]')


def test_a_picture_is_not_written_to_the_terminal():
    media.png('a.png')
    code, shown = on_terminal('scrub', 'a.png', '-o', '-')
    assert code == 2
    has(shown, '-o OUT')


def test_colours_on_a_terminal_that_wants_them():
    media.png('a.png')
    assert '\x1b[1m' in on_terminal('inspect', 'a.png')[1]
    lacks(on_terminal('inspect', 'a.png', env={'NO_COLOR': '1'})[1], '\x1b')
    lacks(on_terminal('inspect', 'a.png', env={'TERM': 'dumb'})[1], '\x1b')


def test_progress_bar_for_long_work():
    media.png('a.png', side=3200, noise=True)
    for index in range(96):
        os.link('a.png', f'{index:02}.png')
    code, shown = on_terminal('scrub', '-j', '1', *(f'{i:02}.png' for i in range(96)), '-d', 'out')
    assert code == 0, shown
    has(shown, CLEAR.replace('\r', ''), '/96 files', ' MB of ', 'MB/s', ' left', '[#')
    # The line is gone when there is something to read, and at the end.
    assert shown.rstrip().endswith('96 files: 96 scrubbed.'), shown[-200:]


def test_progress_bar_fits_a_narrow_terminal():
    media.png('a.png', side=3200, noise=True)
    for index in range(96):
        os.link('a.png', f'{index:02}.png')
    # Nine of them, or another number that ends so, are enough to see.
    _, shown = on_terminal('scrub', '-j', '1', *(f'{i:02}.png' for i in range(96)), '-d', 'out', columns=40,
                           keys=[('9/96 files', '\x03')])
    bars = [part for part in shown.split('\r') if ' files' in part and '%' in part]
    assert bars, shown[-300:]
    for part in bars:
        assert len(part.split('\x1b')[0]) < 40, part


def test_short_work_shows_no_bar():
    media.png('a.png')
    _, shown = on_terminal('scrub', 'a.png', '-o', 'b.png')
    lacks(shown, ' files', '%')
