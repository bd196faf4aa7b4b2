#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`oilskin desk` against a drop that runs: a reviewer's work without the page.

usage: desk_command.py OILSKIN PAGES
"""
import http.server
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import tap  # noqa: E402  pylint: disable=wrong-import-position
from desk_rig import FOLDER, OILSKIN, PASSPHRASE, come_in, opened, send  # noqa: E402  pylint: disable=wrong-import-position


class Reviewer:
    """anna at her machine: a folder of her own, her passphrase in a file."""

    def __init__(self, port, key=None):
        self.folder, self.key = tempfile.mkdtemp(dir=FOLDER), key
        self.url = f'http://127.0.0.1:{port}'
        self.login = self.path('login')
        with open(self.login, 'w', encoding='ascii') as file:
            file.write(PASSPHRASE + '\n')

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self, *words, code=0, who=True, env=None):
        """What was printed; with `code` 0 on standard output, else on standard error."""
        at = ['--desk', self.url, '--name', 'anna', '--login-file', self.login] if who else []
        done = subprocess.run([OILSKIN, 'desk', *words, *at], capture_output=True, text=True, check=False, timeout=120,
                              env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL)
        assert done.returncode == code, f'{words}: {done.returncode} {done.stdout}{done.stderr}'
        return done.stderr if code else done.stdout

    def json(self, *words):
        return json.loads(self.run(*words, '--json'))

    def read(self, *names):
        with open(os.path.join(self.folder, *names), 'rb') as file:
            return file.read()


def at_desk(drop):
    """(the page of anna, anna at the command line)"""
    page = come_in(drop)
    return page, Reviewer(page.port, drop.keys[0])


def only_submission(anna):
    rows = anna.json('list')['rows']
    assert len({row['representative']['submission'] for row in rows}) == 1, rows
    return rows[0]['representative']['submission']


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
        drop.stop()
        shown = anna.run('unseal', anna.path('taken'), '-i', anna.key, '-o', anna.path('out'), who=False)
        assert 'Look at the second window.' in shown, shown
        assert anna.read('out', 'file-0.bin') == letter
        assert b'secret' not in anna.read('out', 'file-1.gif') and anna.read('out', 'file-1.gif')[:6] == b'GIF89a'
        assert json.loads(anna.read('out', 'manifest.json'))['message'] == 'Look at the second window.'


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


class Listening:
    """A server that hands everything on to another port, or answers as a test says."""

    def __init__(self, answer=None):
        self.answer, self.paths, self.cookies = answer, [], []

    def before(self, port):
        listening = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def handle_any(self):
                body = self.rfile.read(int(self.headers.get('Content-Length', 0)))
                listening.paths.append(self.path)
                listening.cookies.append(self.headers.get('Cookie'))
                told = listening.answer(self.path) if listening.answer else None
                code, headers, answer = told or self.hand_on(body)
                self.send_response(code)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header('Content-Length', str(len(answer)))
                self.end_headers()
                try:
                    self.wfile.write(answer)
                except OSError:
                    pass  # who asked has hung up

            def hand_on(self, body):
                there = http.client.HTTPConnection(f'127.0.0.1:{port}', timeout=60)
                headers = {k: v for k, v in self.headers.items() if k.lower() not in ('host', 'origin')}
                if self.command == 'POST':
                    headers['Origin'] = f'http://127.0.0.1:{port}'
                there.request(self.command, self.path, body, {**headers, 'Host': f'127.0.0.1:{port}'})
                answer = there.getresponse()
                kept = [(k, v) for k, v in answer.getheaders() if k.lower() in ('set-cookie', 'content-type')]
                return answer.status, kept, answer.read()

            do_GET = do_POST = handle_any

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f'http://127.0.0.1:{self.server.server_port}'

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


LOGIN = (200, [('Set-Cookie', 'oilskin-desk=' + 'a' * 32 + '; Path=/')], b'{"token": "' + b'b' * 32 + b'"}')


def test_an_answer_that_is_no_desks_is_refused():
    for answer in ((200, [], b'<html>'), (200, [], b'[' * 100000), (302, [('Location', 'http://127.0.0.1:1/')], b''),
                   (500, [], b'{"error": 5}'), (200, [], b'{"rows": [[]], "next": 7, "next": 8}'),
                   (403, [], b'{"error": "\\u001b[2J\\u202enot you"}'), (200, [], b'x' * (65 << 20))):
        with Listening(lambda path, answer=answer: LOGIN if path == '/api/login' else answer) as listening:
            anna = Reviewer(0)
            anna.url = listening.before(0)
            at = ['--desk', anna.url, '--name', 'anna', '--login-file', anna.login]
            done = subprocess.run([OILSKIN, 'desk', 'list', '--json', *at], capture_output=True, check=False, timeout=120)
            assert done.returncode in (3, 5, 7, 8) and not done.stdout, (answer[:1], done)
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
