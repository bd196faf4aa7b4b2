#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`oilskin desk` against a drop that runs: a reviewer's work without the page.

usage: desk_command.py OILSKIN PAGES
"""
import base64
import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import tap  # noqa: E402  pylint: disable=wrong-import-position
from desk_reviewer import Listening, Reviewer, at_desk, only_submission, triaged, wait_for_packs  # noqa: E402  pylint: disable=wrong-import-position
from desk_rig import FOLDER, OILSKIN, PASSPHRASE, code_of, make_key, opened, picture, send, unseal, upload  # noqa: E402  pylint: disable=wrong-import-position


def test_list_shows_each_row_once_and_filters():
    with opened() as drop:
        _, anna = at_desk(drop)
        assert anna.json('list') == {**anna.json('list'), 'schema': 'oilskin/queue/1', 'rows': []}
        for number in range(3):
            send(drop, f'{number} words', (f'{number}.bin', os.urandom(3000)))
        rows = anna.json('list')['rows']
        assert len({row['cluster'] for row in rows}) == 3, rows
        shown = anna.run('list')
        for row in rows:
            assert shown.count(row['cluster']) == 1 and shown.count(row['representative']['submission']) == 1, shown
        assert anna.json('list', '--view', 'kept')['rows'] == []
        assert anna.json('list', '--first', '2100-01-01')['rows'] == []
        assert len(anna.json('list', '--view', 'all', '--claimed', 'nobody')['rows']) == 3
        assert 'filter' in anna.run('list', '--view', 'a&b', code=2)
        assert 'filter' in anna.run('list', '--view', 'nothing', code=7)


def test_list_goes_on_to_the_last_page():
    with opened() as drop:
        _, anna = at_desk(drop)
        for number in range(105):
            send(drop, f'{number} words')
        rows = anna.json('list')['rows']
        assert len({row['representative']['submission'] for row in rows}) == 105, len(rows)


def test_show_opens_words_with_a_key_and_without_one_tells_none():
    with opened() as drop:
        _, anna = at_desk(drop)
        send(drop, 'The red house.\n\x1b[2J‮evil', ('a.bin', os.urandom(100)))
        one = only_submission(anna)
        assert 'red house' not in anna.run('show', one)
        shown = anna.run('show', one, '-i', anna.key)
        assert 'The red house.' in shown and '\x1b' not in shown and '‮' not in shown, shown
        said = anna.run('show', one, '-i', anna.key, '--json')
        assert json.loads(said)['words']['message'].startswith('The red house.') and '‮' not in said, said
        assert 'submission' in anna.run('show', 'f' * 32, code=7)
        assert '32 letters' in anna.run('show', '../me', code=2)


def test_what_fetch_brings_the_key_opens_on_a_machine_without_a_network():
    with opened() as drop:
        page, anna = at_desk(drop)
        letter = b'A letter of an unknown kind. ' + os.urandom(5 << 20)
        picture = b'GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff!\xfe\x06secret\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;'
        send(drop, 'Look at the second window.', ('letter.bin', letter), ('a.gif', picture))
        one = only_submission(anna)
        anna.run('fetch', one, '-o', anna.path('taken'), '--why', 'evidence')
        assert sorted(os.listdir(anna.path('taken'))) == ['file-0.age', 'file-1.age', 'submission.json']
        for name in os.listdir(anna.path('taken')):
            assert stat.S_IMODE(os.stat(anna.path('taken/' + name)).st_mode) == 0o600, name
            assert b'second window' not in anna.read('taken', name) and letter[:20] not in anna.read('taken', name)
        said = [json.loads(entry['text']) for entry in page.get('/api/audit')['entries']]
        assert [about['about']['why'] for about in said if about['did'] == 'open'] == ['evidence'] * 2, said
        assert drop.stop() == 0
        shown = anna.run('unseal', anna.path('taken'), '-i', anna.key, '-o', anna.path('out'), who=False)
        assert 'Look at the second window.' in shown, shown
        assert anna.read('out', 'file-0.bin') == letter
        assert b'secret' not in anna.read('out', 'file-1.gif') and anna.read('out', 'file-1.gif')[:6] == b'GIF89a'
        assert json.loads(anna.read('out', 'manifest.json'))['message'] == 'Look at the second window.'


def test_an_original_that_came_in_pieces_is_put_together():
    with opened() as drop:
        _, anna = at_desk(drop)
        pieces = [os.urandom(100000), os.urandom(100000), os.urandom(70000), b'x', os.urandom(1200000)]
        drop.api('/api/submissions', {'uploads': [upload(drop, pieces, ('kind', 'original'))]})
        one = only_submission(anna)
        anna.run('fetch', one, '-o', anna.path('taken'))
        assert len(os.listdir(anna.path('taken'))) == 6, os.listdir(anna.path('taken'))
        anna.run('unseal', anna.path('taken'), '-i', anna.key, '-o', anna.path('out'), who=False)
        assert anna.read('out', 'file-0.bin') == b''.join(pieces)
        anna.run('export', one, '-i', anna.key, '-o', anna.path('out.age'))
        said = anna.run('verify-export', anna.path('out.age'), '-i', anna.key, who=False)
        assert hashlib.sha256(b''.join(pieces)).hexdigest() in said and 'WRONG' not in said, said
        # Two parts in each other's place are not it, though each opens.
        os.rename(anna.path('taken/file-0-part-1.age'), anna.path('kept'))
        os.rename(anna.path('taken/file-0-part-2.age'), anna.path('taken/file-0-part-1.age'))
        os.rename(anna.path('kept'), anna.path('taken/file-0-part-2.age'))
        said = anna.run('unseal', anna.path('taken'), '-i', anna.key, '-o', anna.path('other'), who=False, code=3)
        assert 'not what was received' in said and os.listdir(anna.path('other')) == ['manifest.json'], said


def test_what_was_sealed_on_the_device_is_opened_twice():
    with opened() as drop:
        _, anna = at_desk(drop)
        picture_bytes = os.urandom(300000)
        inner = subprocess.run([OILSKIN, 'seal', *(word for key in drop.recipients() for word in ('-r', key))], input=picture_bytes,
                               capture_output=True, check=True).stdout
        with open(drop.config, encoding='utf-8') as file:
            text = file.read()
        with open(drop.config, 'w', encoding='utf-8') as file:
            file.write(text.replace('[drop]', '[drop]\nseal_on_device = yes'))
        drop.restart()
        anna.url = 'http://127.0.0.1:' + [re.search(r':(\d+)/?$', line).group(1) for line in drop.lines if 'The desk is at' in line][0]
        drop.api('/api/submissions', {'uploads': [upload(drop, [inner], ('sealed', 'device'))]})
        one = only_submission(anna)
        anna.run('fetch', one, '-o', anna.path('taken'))
        anna.run('unseal', anna.path('taken'), '-i', anna.key, '-o', anna.path('out'), who=False)
        assert anna.read('out', 'file-0.age') == inner and anna.read('out', 'file-0.bin') == picture_bytes


def test_a_login_with_a_second_factor_needs_its_code():
    with opened() as drop:
        page, anna = at_desk(drop)
        key = page.post('/api/totp', {'passphrase': PASSPHRASE})['key']
        page.post('/api/totp', {'code': code_of(key, -1)})
        assert '--totp' in anna.run('list', code=8)
        with open(anna.path('code'), 'w', encoding='ascii') as file:
            file.write(code_of(key) + '\n')
        anna.run('list', '--totp-file', anna.path('code'))
        # A code counts once.
        anna.run('list', '--totp-file', anna.path('code'), code=8)


def test_what_was_changed_on_the_way_is_not_opened():
    with opened() as drop:
        _, anna = at_desk(drop)
        send(drop, None, ('letter.bin', os.urandom(200000)))
        anna.run('fetch', only_submission(anna), '-o', anna.path('taken'))
        whole = anna.read('taken', 'file-0.age')
        for number, broken in enumerate((whole[:-1], whole[:100000] + b'\0' + whole[100001:], whole[:70], b'')):
            with open(anna.path('taken/file-0.age'), 'wb') as file:
                file.write(broken)
            out = f'out{number}'
            done = subprocess.run([OILSKIN, 'desk', 'unseal', anna.path('taken'), '-i', anna.key, '-o', anna.path(out)],
                                  capture_output=True, text=True, check=False)
            assert done.returncode in (3, 8) and 'file-0.age' in done.stderr, done
            assert not os.path.exists(anna.path(out + '/file-0.bin')), number


def test_a_reply_is_read_by_who_has_the_receipt_and_by_the_desk():
    with opened() as drop:
        _, anna = at_desk(drop)
        words = drop.api('/api/submissions', {'message': 'Who reads this?'})['receipt']
        one = only_submission(anna)
        with open(anna.path('reply'), 'w', encoding='utf-8') as file:
            file.write('We do.\nIs there a picture?\n')
        anna.run('reply', one, anna.path('reply'))
        letters = drop.api('/api/receipts', {'receipt': words})['letters']
        assert [(one['from'], one['text']) for one in letters] == [('desk', 'We do.\nIs there a picture?')], letters
        shown = anna.run('show', one, '-i', anna.key)
        assert 'We do.' in shown and 'Is there a picture?' in shown, shown
        assert 'We do.' not in anna.run('show', one)
        with open(anna.path('reply'), 'wb') as file:
            file.write(b'\r\n\n')
        assert 'no words' in anna.run('reply', one, anna.path('reply'), code=2)
        with open(anna.path('reply'), 'wb') as file:
            file.write(b'a' * 8193)
        assert '8 KiB' in anna.run('reply', one, anna.path('reply'), code=2)
        with open(anna.path('reply'), 'wb') as file:
            file.write(b'\xff\xfe')
        assert 'UTF-8' in anna.run('reply', one, anna.path('reply'), code=2)


def test_a_reply_that_leads_to_a_person_is_not_sent_until_that_is_meant():
    with opened() as drop:
        _, anna = at_desk(drop)
        receipt = drop.api('/api/submissions', {'message': 'Whom do I call?'})['receipt']
        one = only_submission(anna)
        text = 'Call Ben on +49 170 1234567,\nben@example.org or IG: ben_m'
        for before, found in ((text, ('phone: +49 170 1234567\n', 'email: ben@example.org\n', 'handle: IG: ben_m\n')),
                              ('a ' * 4000 + '@ben', ('handle: @ben\n',))):
            with open(anna.path('reply'), 'w', encoding='utf-8') as file:
                file.write(before)
            said = anna.run('reply', one, anna.path('reply'), code=2)
            assert all('reply: ' + each in said for each in found) and '--words-checked' in said, said
        assert drop.api('/api/receipts', {'receipt': receipt})['letters'] == []
        with open(anna.path('reply'), 'w', encoding='utf-8') as file:
            file.write(text)
        anna.run('reply', one, anna.path('reply'), '--words-checked')
        assert [letter['text'] for letter in drop.api('/api/receipts', {'receipt': receipt})['letters']] == [text]


def tiers(anna):
    return sorted((row['tier'], row['count']) for row in anna.json('list')['rows'])


def test_triage_folds_on_the_reviewers_machine_as_a_server_does():
    drop, key = triaged()
    with drop:
        page, anna = at_desk(drop)
        send(drop, None, ('first.jpg', picture(1, 92)))
        wait_for_packs(page, 1)
        assert 'another key' in anna.run('triage', '-i', anna.key, code=8)
        assert len(page.get('/api/packs?waiting=1')['packs']) == 1
        assert anna.run('triage', '-i', key) == '1 new, 0 different, 0 copies, 0 unreadable.\n'
        patch = ('-fill', 'white', '-draw', 'circle 300,300 300,380', '-fill', 'black', '-draw', 'circle 320,300 330,330')
        send(drop, None, ('a.jpg', picture(1, 40)), ('b.jpg', picture(1, 60)), ('c.jpg', picture(1, 70, '-flop')),
             ('d.jpg', picture(1, 80, *patch)), ('e.jpg', picture(2, 80)), ('f.jpg', picture(2, 50)))
        wait_for_packs(page, 6)
        said = anna.run('triage', '-i', key)
        assert said == '1 new, 1 different, 4 copies, 0 unreadable.\n', said
        assert tiers(anna) == [('different', 1), ('new', 2), ('new', 4)], tiers(anna)
        # What lies under a representative has no pack any more.
        assert len(page.get('/api/packs')['packs']) == 3 and anna.run('triage', '-i', key).startswith('0 new, 0 different, 0')


def test_triage_takes_a_pack_that_nobody_can_read_for_what_it_is():
    drop, key = triaged()
    with drop:
        page, anna = at_desk(drop)
        send(drop, None, ('first.jpg', picture(1, 92)))
        wait_for_packs(page, 1)
        with open(key, encoding='ascii') as file:
            recipient = [word for word in file.read().split() if word.startswith('age1')][0]
        forged = subprocess.run([OILSKIN, 'seal', '-r', recipient], input=b'okpk' + os.urandom(500), capture_output=True, check=True)
        packs = page.get('/api/packs')
        packs['packs'][0]['pack'] = base64.b64encode(forged.stdout).decode()
        lie = (200, [], json.dumps(packs).encode())
        with Listening(lambda path: lie if path.startswith('/api/packs') else None) as listening:
            anna.url = listening.before(page.port)
            assert '1 unreadable' in anna.run('triage', '-i', key)
        anna.url = f'http://127.0.0.1:{page.port}'
        assert len(anna.json('list')['rows']) == 1, anna.json('list')
        # A desk that names no end is not followed for ever.
        packs = {'packs': [], 'next': '0' * 32}
        lie = (200, [], json.dumps(packs).encode())
        with Listening(lambda path: lie if path.startswith('/api/packs') else None) as listening:
            anna.url = listening.before(page.port)
            anna.run('triage', '-i', key, code=3)


def test_triage_is_for_servers_that_leave_it_to_reviewers():
    with opened() as drop:
        _, anna = at_desk(drop)
        assert 'folds by itself' in anna.run('triage', '-i', anna.key, code=7)


def manifest_of(page, submission):
    return base64.b64decode(page.get('/api/submissions/' + submission)['manifest'])


def opens(drop, sealed, key):
    try:
        unseal(drop, sealed, key)
        return True
    except subprocess.CalledProcessError:
        return False


def test_who_rotates_a_key_is_sealed_to_by_the_new_one_and_has_what_came_before_after_a_rewrap():
    with opened() as drop:
        page, anna = at_desk(drop)
        old = os.path.join(drop.folder, 'anna.key')
        now = make_key(drop, 'anna2')
        new = os.path.join(drop.folder, 'anna2.key')
        send(drop, 'Before.')
        before = only_submission(anna)
        said = anna.run('rotate', '-i', new)
        assert now in said and page.get('/api/me', code=401) is not None and 'goes on being' not in said, said
        page.post('/api/login', {'name': 'anna', 'passphrase': PASSPHRASE})
        assert page.get('/api/me')['recipient'] == now
        send(drop, 'After.')
        after = [row['representative']['submission'] for row in anna.json('list')['rows']]
        after.remove(before)
        assert opens(drop, manifest_of(page, after[0]), new) and not opens(drop, manifest_of(page, after[0]), old)
        assert opens(drop, manifest_of(page, before), old) and not opens(drop, manifest_of(page, before), new)
        anna.run('rewrap', '-i', old)
        assert opens(drop, manifest_of(page, before), new) and not opens(drop, manifest_of(page, before), old)
        # What is said of the old key is what the drop does with it.
        anna.run('rotate', '-i', anna.key)
        assert 'goes on being sealed to' in anna.run('rotate', '-i', new)


def test_a_key_is_rotated_with_the_passphrase_and_its_own_file_which_goes_nowhere():
    with opened() as drop:
        page, anna = at_desk(drop)
        first = page.get('/api/me')['recipient']
        now = make_key(drop, 'anna2')
        new = os.path.join(drop.folder, 'anna2.key')
        with open(new, 'rb') as file:
            secret = file.read()
        with open(anna.path('two.key'), 'wb') as file:
            file.write(secret + anna.read(anna.key))
        kept = anna.path('session')
        anna.run('login', '--session', kept)
        assert '-i' in anna.run('rotate', code=2)
        assert 'file of one' in anna.run('rotate', '-i', anna.path('two.key'), code=2)
        with open(anna.login, 'w', encoding='ascii') as file:
            file.write('something else\n')
        # A session alone changes no key.
        assert 'passphrase' in anna.run('rotate', '-i', new, '--session', kept, code=8)
        assert page.get('/api/me')['recipient'] == first
        with open(anna.login, 'w', encoding='ascii') as file:
            file.write(PASSPHRASE + '\n')
        with Listening() as listening:
            anna.url = listening.before(page.port)
            anna.run('rotate', '-i', new)
            assert any(now.encode() in body for body in listening.bodies)
            key = [line for line in secret.splitlines() if line.startswith(b'AGE-SECRET-KEY-1')][0]
            assert not any(key in body or key.lower() in body for body in listening.bodies)
        anna.url = f'http://127.0.0.1:{page.port}'
        # Every other session has ended; one that is kept goes on with the answer.
        page.get('/api/me', code=401)
        anna.run('login', '--session', kept)
        anna.run('rotate', '-i', os.path.join(drop.folder, 'anna.key'), '--session', kept)
        anna.run('list', '--session', kept, who=False)
        page.post('/api/login', {'name': 'anna', 'passphrase': PASSPHRASE})
        entries = page.get('/api/audit')['count']
        assert 'nothing was changed' in anna.run('rotate', '-i', os.path.join(drop.folder, 'anna.key'), '--session', kept)
        assert page.get('/api/audit')['count'] == entries


def test_a_session_is_kept_nowhere_unless_asked():
    with opened() as drop:
        page, anna = at_desk(drop)
        before = os.listdir(anna.folder)
        home = {'HOME': anna.folder, 'XDG_RUNTIME_DIR': anna.folder, 'TMPDIR': anna.folder}
        anna.run('list', env=home)
        assert os.listdir(anna.folder) == before
        kept = anna.path('session')
        anna.run('login', '--session', kept)
        assert stat.S_IMODE(os.stat(kept).st_mode) == 0o600
        assert PASSPHRASE.encode() not in anna.read('session')
        anna.run('list', '--session', kept, who=False)
        os.chmod(kept, 0o644)
        assert 'others may read' in anna.run('list', '--session', kept, who=False, code=2)
        os.chmod(kept, 0o600)
        cookie = json.loads(anna.read('session'))['cookie']
        anna.run('logout', '--session', kept, who=False)
        assert not os.path.exists(kept)
        page.cookies = {'oilskin-desk': cookie}
        page.get('/api/me', code=401)


def test_a_login_without_a_session_ends_with_the_command():
    with opened() as drop:
        page, anna = at_desk(drop)
        with Listening() as listening:
            anna.url = listening.before(page.port)
            anna.run('list')
            cookies = {text.split('=')[1] for text in listening.cookies if text}
        assert len(cookies) == 1, cookies
        page.cookies = {'oilskin-desk': cookies.pop()}
        page.get('/api/me', code=401)


def test_a_wrong_passphrase_is_not_let_in_and_no_name_is_told_apart():
    with opened() as drop:
        _, anna = at_desk(drop)
        with open(anna.login, 'w', encoding='ascii') as file:
            file.write('something else\n')
        wrong = anna.run('list', code=8)
        nobody = subprocess.run([OILSKIN, 'desk', 'list', '--desk', anna.url, '--name', 'nobody', '--login-file', anna.login],
                                capture_output=True, text=True, check=False)
        assert nobody.returncode == 8 and nobody.stderr == wrong, (nobody, wrong)


def test_a_passphrase_goes_to_no_address_that_somebody_on_the_way_reads():
    anna = Reviewer(9)
    for address in ('http://desk.example.org', 'ftp://127.0.0.1', 'https://a/b', 'https://a@b', 'desk.example.org'):
        anna.url = address
        assert 'address' in anna.run('list', code=2), address
    anna.url = 'http://' + 'a' * 56 + '.onion'
    assert 'names' in anna.run('list', '--proxy', 'socks5://127.0.0.1:9', code=2)
    # Nothing listens there: what is asked for goes to the proxy alone.
    assert '--proxy' in anna.run('list', '--proxy', 'socks5h://127.0.0.1:9', code=7)
    with Listening() as listening:
        anna.url = 'http://127.0.0.1:9'
        proxy = listening.before(9)
        anna.run('list', code=7, env={'http_proxy': proxy, 'all_proxy': proxy, 'HTTPS_PROXY': proxy})
        assert not listening.paths, listening.paths


LOGIN = (200, [('Set-Cookie', 'oilskin-desk=' + 'a' * 32 + '; Path=/')], b'{"token": "' + b'b' * 32 + b'"}')


def test_an_answer_that_is_no_desks_is_refused():
    for answer in ((200, [], b'<html>'), (200, [], b'[' * 100000), (302, [('Location', '/elsewhere')], b''),
                   (500, [], b'{"error": 5}'), (200, [], b'{"rows": [[]], "next": 7, "next": 8}'),
                   (403, [], b'{"error": "\\u001b[2J\\u202enot you"}'), (200, [], b'x' * (65 << 20))):
        with Listening(lambda path, answer=answer: LOGIN if path == '/api/login' else answer) as listening:
            anna = Reviewer(0)
            anna.url = listening.before(0)
            at = ['--desk', anna.url, '--name', 'anna', '--login-file', anna.login]
            done = subprocess.run([OILSKIN, 'desk', 'list', '--json', *at], capture_output=True, check=False, timeout=120)
            # What does not end is not taken to its end.
            codes = (5,) if len(answer[2]) > 64 << 20 else (3, 7, 8)
            assert done.returncode in codes and not done.stdout, (answer[:2], done)
            assert b'\x1b' not in done.stderr and '‮'.encode() not in done.stderr, done.stderr
            assert set(listening.paths) <= {'/api/login', '/api/queue', '/api/logout'}, listening.paths


def test_an_address_of_a_file_that_is_over_is_asked_for_again():
    with opened() as drop:
        page, anna = at_desk(drop)
        letter = os.urandom(3 << 20)
        send(drop, None, ('letter.bin', letter))
        one = only_submission(anna)
        seen = []

        def over_once(path):
            seen.append(path)
            over = path.startswith('/blobs/') and sum(p.startswith('/blobs/') for p in seen) == 2
            return (404, [], b'{"error": "This address is over"}') if over else None

        with Listening(over_once) as listening:
            anna.url = listening.before(page.port)
            anna.run('fetch', one, '-o', anna.path('taken'))
        assert len([path for path in seen if path == '/api/open']) == 2, seen
        anna.run('unseal', anna.path('taken'), '-i', anna.key, '-o', anna.path('out'), who=False)
        assert anna.read('out', 'file-0.bin') == letter


try:
    CODE = tap.run(dict(globals()))
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
sys.exit(CODE)
