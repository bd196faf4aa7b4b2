#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs each command of docs/operating.md, in its order, on a drop that is real.

usage: operating.py ROOT OILSKIN PAGES      (TAP; ends with `N passed, N failed, N skipped`)

Below a folder of the test, which stands for the root of a machine. What belongs to the system has doubles: users and
owners are left out, and `systemctl` starts, stops and signals what ExecStart of the unit says. Blocks marked `console
no-run` (packages, certificates, tor) are held against the files that `oilskin setup` writes. Between the steps the test
looks whether what the page says has come true.
"""
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..')
sys.path[:0] = [TESTS, os.path.join(TESTS, 'serve'), os.path.join(TESTS, 'cli')]
import harness  # noqa: E402 pylint: disable=wrong-import-position
import tap  # noqa: E402 pylint: disable=wrong-import-position
from client import Client, UnixConnection, sample_photo  # noqa: E402 pylint: disable=wrong-import-position
from terminal import on_terminal  # noqa: E402 pylint: disable=wrong-import-position

IS_DOUBLE = os.environ.get('OSK_DOUBLE') == '1'
SOURCE, OILSKIN, PAGES = (os.path.abspath(word) for word in sys.argv[1:4]) if not IS_DOUBLE else ('', '', os.environ['PAGES'])
PASSPHRASE = 'some words of a test'
FENCE = re.compile(r'^```(console|console no-run|ini)\n(.*?)^```', re.S | re.M)

DOUBLES = {
    'sudo': 'exec "$@"',
    'runuser': 'shift 3; exec "$@"',
    'chown': 'exit 0',
    # As the unit does it: StateDirectory, for its user alone.
    'adduser': 'mkdir -p -m 0700 "$ROOT/var/lib/oilskin" "$ROOT/run/oilskin"',
    'systemctl': 'exec python3 "$DOUBLE" "$@"',
    'install': 'exec python3 "$DOUBLE" install "$@"',
}


def here(text, root):
    """Paths of the system are below the folder of the test."""
    return re.sub(r'(?<![\w./])/(etc|var|run)/', root + r'/\1/', text)


# ---- the doubles: this file is called again by them ----

def double_install(words):
    root = os.environ['ROOT']
    plain, skip = [], False
    for word in words:
        # There is one user only.
        skip, now = word in ('-o', '-g'), skip
        if not skip and not now:
            plain.append(word)
    subprocess.run(['/usr/bin/install', *plain], check=True)
    target = plain[-1]
    if os.path.isfile(target) and target.endswith(('.conf', '.service')):
        with open(target, encoding='utf-8') as file:
            text = here(file.read().replace('unix:/run/', f'unix:{root}/run/'), root)
        text = text.replace('127.0.0.1:9090', '127.0.0.1:' + os.environ['METRICS']) + f'pages = {PAGES}\n'
        text = text.replace('127.0.0.1:8090', '127.0.0.1:' + os.environ['DESK'])
        with open(target, 'w', encoding='utf-8') as file:
            file.write(text if target.endswith('.conf') else text.replace(f'pages = {PAGES}\n', ''))


def double_systemctl(words):
    root = os.environ['ROOT']
    pid_file = os.path.join(root, 'pid')
    verb = words[0]
    if verb in ('enable', 'start'):
        with open(os.path.join(root, 'etc/systemd/system/oilskin.service'), encoding='utf-8') as file:
            command = re.search(r'^ExecStart=(.*)$', file.read(), re.M).group(1)
        with open(os.path.join(root, 'journal'), 'a', encoding='utf-8') as journal:
            process = subprocess.Popen(command.split(), stdout=subprocess.DEVNULL, stderr=journal, stdin=subprocess.DEVNULL,
                                       start_new_session=True)
        with open(pid_file, 'w', encoding='ascii') as file:
            file.write(str(process.pid))
        return
    with open(pid_file, encoding='ascii') as file:
        pid = int(file.read())
    os.kill(pid, {'stop': signal.SIGTERM, 'reload': signal.SIGHUP, 'kill': signal.SIGUSR2}[verb])
    while verb == 'stop' and is_alive(pid):
        time.sleep(0.05)


def is_alive(pid):
    try:
        with open(f'/proc/{pid}/stat', encoding='ascii') as file:
            return file.read().rpartition(')')[2].split()[0] != 'Z'
    except FileNotFoundError:
        return False


# ---- the machine ----

class Machine:
    def __init__(self):
        self.root = tempfile.mkdtemp(prefix='oilskin-operating-')
        os.makedirs(self.root + '/etc/systemd/system')
        os.makedirs(self.root + '/bin')
        for name, text in {**DOUBLES, 'oilskin': f'exec {OILSKIN} "$@"'}.items():
            path = os.path.join(self.root, 'bin', name)
            with open(path, 'w', encoding='utf-8') as file:
                file.write(f'#!/bin/sh\n{text}\n')
            os.chmod(path, 0o755)
        with socket.socket() as one, socket.socket() as other:
            one.bind(('127.0.0.1', 0))
            other.bind(('127.0.0.1', 0))
            self.metrics, self.desk = (socket_.getsockname()[1] for socket_ in (one, other))
        self.env = {**os.environ, 'PATH': f'{self.root}/bin:{os.environ["PATH"]}', 'ROOT': self.root, 'PAGES': PAGES,
                    'DOUBLE': os.path.abspath(__file__), 'METRICS': str(self.metrics), 'DESK': str(self.desk),
                    'OSK_DOUBLE': '1'}
        self.paper = None
        self.recipients = []

    def path(self, *words):
        return os.path.join(self.root, *words)

    def run(self, command):
        """(exit code, what it said)"""
        if command.startswith('oilskin desk'):
            return self.at_terminal(here(command, self.root).split()[1:])
        answers = ''
        if command.startswith('oilskin setup'):
            answers = 'The Herald\nTwo editors\ndesk@example.org\n30\ndrop.example.org\n{}\n{}\n\n'.format(*self.recipients)
        done = subprocess.run(['bash', '-c', here(command, self.root)], cwd=self.root, env=self.env, input=answers, check=False,
                              capture_output=True, text=True, timeout=120)
        return done.returncode, done.stdout + done.stderr

    def at_terminal(self, words):
        os.chdir(self.root)
        keys = [(':', (self.paper if '--recovery' in words else PASSPHRASE) + '\n')]
        if words[1] == 'init':
            keys = [('for the desk:', PASSPHRASE + '\n'), ('again:', PASSPHRASE + '\n')]
        code, said = on_terminal(*words, keys=keys)
        if words[1] == 'init':
            self.paper = re.search(r'AGE-SECRET-KEY-1[A-Z0-9]{58}', said).group()
            self.recipients = re.findall(r'recipient = (age1[a-z0-9]{58})', said)
        return code, said

    def client(self):
        return Client(lambda: UnixConnection(self.path('run/oilskin/drop.sock')))

    def figure(self, name):
        connection = http.client.HTTPConnection('127.0.0.1', self.metrics, timeout=10)
        connection.request('GET', '/metrics')
        text = connection.getresponse().read().decode()
        connection.close()
        return int(re.search(rf'^{name} (\d+)$', text, re.M).group(1))

    def is_open(self):
        try:
            return self.client().ask('GET', '/r')[0] == 200
        except OSError:
            return False

    def wait_until(self, what, condition):
        end = time.monotonic() + 30
        while not condition():
            assert time.monotonic() < end, (what, self.journal())
            time.sleep(0.1)

    def journal(self):
        try:
            with open(self.path('journal'), encoding='utf-8') as file:
                return file.read()[-500:]
        except FileNotFoundError:
            return ''

    def pid(self):
        with open(self.path('pid'), encoding='ascii') as file:
            return int(file.read())

    def close(self):
        if os.path.exists(self.path('pid')) and is_alive(self.pid()):
            os.kill(self.pid(), signal.SIGTERM)
        os.chdir('/')
        shutil.rmtree(self.root)


# ---- what must be true behind a command ----

def after_init(machine, said):
    assert len(machine.recipients) == 2 and machine.paper, said


def after_enable(machine, _):
    machine.wait_until('the test messages', lambda: len([
        name for name in os.listdir(machine.path('var/lib/oilskin')) if name == 'opening']) == 1 and len([
            name for name in os.listdir(machine.path('var/lib/oilskin/opening')) if name.endswith('.age')]) == 2)
    assert not machine.is_open(), 'a drop must stay closed until its keys were tried'


def after_opened(machine, _):
    machine.wait_until('the drop opens', machine.is_open)
    client = machine.client()
    action, receipt = client.form()
    status, _, body = client.submit(action, [('receipt', receipt), ('message', 'A first one'), ('kind', 'scrub')],
                                    [('a.jpg', 'image/jpeg', sample_photo(OILSKIN, machine.root))])
    assert status == 200, body[:300]
    assert machine.figure('oilskin_submissions') == 1


def after_doctor(_, said):
    assert 'each key has opened a test message' in said and 'there is more than one key' in said, said
    assert 'there is no backup' in said, said


def after_backup(machine, _):
    """With its folder named, the doctor has nothing left to say."""
    config = machine.path('etc/oilskin/oilskin.conf')
    with open(config, 'a', encoding='utf-8') as file:
        file.write('backups = ' + machine.path('var/backups/oilskin') + '\n')
    code, said = machine.run('sudo oilskin doctor --config /etc/oilskin/oilskin.conf')
    assert code == 0 and 'the newest backup can be restored' in said and 'Nothing must be done' in said, said


def after_start(machine, _):
    """Restored, and closed until the keys were tried again."""
    after_enable(machine, _)
    for words in ('desk.key', '--recovery'):
        code, said = machine.at_terminal(['desk', 'open', machine.path('var/lib/oilskin'), words])
        assert code == 0, said
    machine.wait_until('the drop opens again', machine.is_open)
    assert machine.figure('oilskin_submissions') == 1


def after_reload(machine, _):
    machine.wait_until('it was read', lambda: 'was read again' in machine.journal())
    assert machine.is_open()


def after_hand_over(machine, _):
    """The same process, which is another program now, and nobody was refused."""
    for _ in range(30):
        assert machine.is_open(), machine.journal()
        time.sleep(0.05)
    assert is_alive(machine.pid()), machine.journal()


def after_first_link(machine, said):
    """It makes the first admin, at the address that the page names, and what was sent is there."""
    link = re.search(r'/#first=([0-9a-f]{32})\n', said).group(1)

    def ask(method, path, value=None, cookie=''):
        connection = http.client.HTTPConnection('127.0.0.1', machine.desk, timeout=60)
        connection.request(method, path, value and json.dumps(value), {
            'Origin': f'http://127.0.0.1:{machine.desk}', 'Content-Type': 'application/json', 'Cookie': cookie})
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200, (path, answer.status, body[:300])
        return body, '; '.join(one.split(';')[0] for one in answer.headers.get_all('Set-Cookie', []))

    assert b'<html' in ask('GET', '/desk/')[0]
    me, cookie = ask('POST', '/api/first', {'link': link, 'name': 'anna', 'passphrase': PASSPHRASE,
                                            'recipient': machine.recipients[0]})
    assert json.loads(me)['role'] == 'admin', me
    rows = json.loads(ask('GET', '/api/queue', cookie=cookie)[0])['rows']
    assert len(rows) == 1 and rows[0]['has_words'], rows


AFTER = [('desk init', after_init), ('enable --now', after_enable), ('test/opening/*.opened', after_opened),
         ('oilskin doctor', after_doctor), ('store backup', after_backup), ('systemctl start', after_start),
         ('systemctl reload', after_reload), ('--signal=USR2', after_hand_over), ('first-link', after_first_link)]
# The doctor ends with 1 as long as there is no backup; the page says so.
CODES = {'oilskin doctor': 1}


def test_of(command):
    def run(machine):
        code, said = machine.run(command)
        wanted = next((code for word, code in CODES.items() if word in command), 0)
        assert code == wanted, f'exit {code}: {said[-400:]}'
        for word, look in AFTER:
            if word in command:
                look(machine, said)
    return run


def check_units(machine, blocks):
    """Units of the page, by systemd's own reading."""
    if shutil.which('systemd-analyze') is None:
        raise tap.Skip('systemd-analyze is not installed')
    paths = []
    for block in blocks:
        name = re.match(r'# /etc/systemd/system/(\S+)\n', block).group(1)
        paths.append(machine.path(name))
        with open(paths[-1], 'w', encoding='utf-8') as file:
            file.write(block.replace('/usr/local/bin/oilskin', machine.path('bin/oilskin')))
    assert len(paths) == 2
    done = subprocess.run(['systemd-analyze', 'verify', *paths], capture_output=True, text=True, check=False, timeout=60)
    wrong = [line for line in done.stderr.splitlines() if 'oilskin-night' in line]
    assert not wrong, wrong


def check_lines(machine, blocks):
    """What the page shows of the configuration is in the one that `oilskin setup` has written."""
    with open(machine.path('drop/oilskin.conf'), encoding='utf-8') as file:
        text = file.read()
    assert len(blocks) == 1 and all(f'\n{block}\n' in text for block in blocks), (blocks, text)


def check_albums(machine, blocks):
    """What the page adds to the configuration opens albums, at a restart."""
    assert len(blocks) == 1, blocks
    assert machine.client().ask('GET', '/a/')[0] == 404
    with open(machine.path('etc/oilskin/oilskin.conf'), 'a', encoding='utf-8') as file:
        file.write('\n' + blocks[0])
    for verb in ('stop', 'start'):
        code, said = machine.run(f'sudo systemctl {verb} oilskin')
        assert code == 0, said
    machine.wait_until('the drop opens again', machine.is_open)
    status, _, body = machine.client().ask('GET', '/a/')
    title = re.search(r'^title = (.+)$', blocks[0], re.M).group(1)
    assert status == 200 and title.encode() in body, (status, body[:300])


def check_others(machine, blocks):
    """What is not run names files that `oilskin setup` has written."""
    named = {name for block in blocks for name in re.findall(r'drop/(\S+)', block)}
    assert named == {'nginx.conf', 'Caddyfile', 'torrc'}, named
    for name in named:
        assert os.path.exists(machine.path('drop', name)), name


def main():
    with open(os.path.join(SOURCE, 'docs', 'operating.md'), encoding='utf-8') as file:
        blocks = FENCE.findall(file.read())
    tests = {}
    for kind, block in blocks:
        for line in block.splitlines() if kind == 'console' else []:
            assert line.startswith('$ '), line
            tests[f'test_{len(tests):02} {line[2:]}'] = test_of(line[2:])
    assert len(tests) > 15
    lines = [b for kind, b in blocks if kind == 'ini']
    tests['test_units of the page'] = lambda machine: check_units(machine, [b for b in lines if b.startswith('# /etc/systemd')])
    tests['test_lines of the configuration'] = lambda machine: check_lines(machine, [b for b in lines if b.startswith('[desk]')])
    tests['test_lines that open albums'] = lambda machine: check_albums(machine, [b for b in lines if b.startswith('[publish]')])
    assert all(b.startswith(('# /etc/systemd', '[desk]', '[publish]')) for b in lines), lines
    tests['test_files of the steps that are not run'] = lambda machine: check_others(
        machine, [b for kind, b in blocks if kind == 'console no-run'])
    harness.OILSKIN = OILSKIN
    machine = Machine()
    try:
        return tap.run(tests, machine)
    finally:
        machine.close()


if IS_DOUBLE:
    if sys.argv[1] == 'install':
        double_install(sys.argv[2:])
    else:
        double_systemctl(sys.argv[1:])
else:
    sys.exit(main())
