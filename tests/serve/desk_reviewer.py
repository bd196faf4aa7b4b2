# SPDX-License-Identifier: GPL-3.0-or-later
"""A reviewer at the command line, and a server between her and the desk."""
import http.client
import http.server
import json
import os
import subprocess
import tempfile
import threading
import time

from desk_rig import FOLDER, OILSKIN, PASSPHRASE, come_in, opened


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


def triaged(settings=''):
    """(a drop whose server has no key of packs, the file of that key)"""
    key = os.path.join(tempfile.mkdtemp(dir=FOLDER), 'packs.key')
    subprocess.run([OILSKIN, 'keygen', '-o', key], check=True, capture_output=True)
    with open(key, encoding='ascii') as file:
        recipient = [word for word in file.read().split() if word.startswith('age1')][0]
    return opened(f'triage = desk\ntriage_recipient = {recipient}\n{settings}'), key


def wait_for_packs(page, count):
    until = time.time() + 60
    while len(page.get('/api/packs?waiting=1')['packs']) < count:
        assert time.time() < until, page.get('/api/queue')
        time.sleep(0.2)


class Listening:
    """A server that hands everything on to another port, or answers as a test says."""

    def __init__(self, answer=None):
        self.answer, self.paths, self.cookies, self.bodies = answer, [], [], []

    def before(self, port):
        listening = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def handle_any(self):
                body = self.rfile.read(int(self.headers.get('Content-Length', 0)))
                listening.paths.append(self.path)
                listening.bodies.append(body)
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
