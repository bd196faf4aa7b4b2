# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys of a desk: made with a passphrase and a recovery key, and each tried before a drop opens."""
import os
import re
import stat

from harness import has, lacks, read, run
from terminal import on_terminal

KEY = re.compile(r'^recipient = (age1[a-z0-9]{58})\r?$', re.M)
SECRET = re.compile(r'AGE-SECRET-KEY-1[A-Z0-9]{58}')
WORDS = 'a long passphrase of several words'
TWICE = [('for the desk:', WORDS + '\n'), ('again:', WORDS + '\n')]


def made():
    """Makes `desk.key`; what was shown."""
    code, shown = on_terminal('desk', 'init', 'desk.key', keys=TWICE)
    assert code == 0, shown
    return shown


def opened(*words, typed):
    return on_terminal('desk', 'open', 'data', *words, keys=[(':', typed + '\n')])


def test_desk_init_makes_a_sealed_key_and_one_for_recovery():
    shown = made()
    assert len(KEY.findall(shown)) == 2 and len(SECRET.findall(shown)) == 1, shown
    lacks(shown, WORDS)
    assert stat.S_IMODE(os.stat('desk.key').st_mode) == 0o600
    text = read('desk.key').decode()
    assert text.startswith('-----BEGIN AGE ENCRYPTED FILE-----'), text
    lacks(text, 'SECRET')


def test_desk_init_replaces_no_key():
    made()
    before = read('desk.key')
    code, shown = on_terminal('desk', 'init', 'desk.key', keys=TWICE)
    assert code != 0 and read('desk.key') == before, shown


def test_desk_init_takes_no_passphrase_that_was_mistyped():
    code, shown = on_terminal('desk', 'init', 'desk.key', keys=[TWICE[0], ('again:', 'another\n')])
    assert code == 2 and not os.path.exists('desk.key'), shown


def test_desk_shows_a_secret_key_on_a_terminal_only():
    ran = run('desk', 'init', 'desk.key', code=2)
    assert not SECRET.search(ran.out + ran.err) and not os.path.exists('desk.key')
    has(ran.err, '--recovery-file')


def test_desk_opens_with_each_key_before_the_drop_does():
    os.mkdir('data')
    paper = SECRET.search(made()).group()
    code, shown = opened('desk.key', typed='another one')
    assert code == 8 and not os.path.exists('data/opening'), shown
    code, shown = opened('desk.key', typed=WORDS)
    assert code == 0, shown
    # As a person types it from paper.
    code, shown = opened('--recovery', typed=' '.join(re.findall('.{1,6}', paper.lower())))
    assert code == 0, shown
    assert len([name for name in os.listdir('data/opening') if name.endswith('.opened')]) == 2


def test_desk_notices_a_letter_copied_wrong():
    os.mkdir('data')
    paper = SECRET.search(made()).group()
    code, shown = opened('--recovery', typed=paper[:-1] + ('Q' if paper[-1] != 'Q' else 'P'))
    assert code == 3 and not os.path.exists('data/opening'), shown
