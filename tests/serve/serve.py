#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`oilskin serve` as an operator meets it: opening, reloading, stopping, figures.

usage: serve.py OILSKIN PAGES
"""
import json
import os
import select
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import tap  # noqa: E402  pylint: disable=wrong-import-position
from client import client_of  # noqa: E402  pylint: disable=wrong-import-position
from drop import Drop  # noqa: E402  pylint: disable=wrong-import-position

OILSKIN, PAGES = (os.path.abspath(word) for word in sys.argv[1:3])


def opened(**how):
    return Drop(OILSKIN, PAGES, tempfile.mkdtemp(dir=FOLDER), **how)


def wait_for(condition, what, seconds=20):
    until = time.time() + seconds
    while not condition():
        assert time.time() < until, what
        time.sleep(0.05)


def test_the_page_says_who_runs_it_who_reads_and_for_how_long():
    with opened() as drop:
        status, headers, body = drop.ask('/')
        text = body.decode()
        assert status == 200 and 'text/html' in headers['content-type'], headers
        for words in ('The Herald', 'Two editors of The Herald', 'drop@example.org', '30'):
            assert words in text, words
        assert headers['cache-control'] == 'no-store' and 'set-cookie' not in headers, headers


def test_it_stays_closed_until_each_key_has_opened_a_test_message():
    folder = tempfile.mkdtemp(dir=FOLDER)
    with Drop(OILSKIN, PAGES, folder) as drop:
        assert drop.stop() == 0
        done = [name for name in os.listdir(drop.data + '/opening') if name.endswith('.opened')]
        os.unlink(os.path.join(drop.data, 'opening', done[0]))
        with subprocess.Popen([OILSKIN, 'serve', '--config', drop.config], stdout=subprocess.PIPE, text=True) as process:
            lines = [process.stdout.readline() for _ in range(2)]
            assert 'Not opened yet: age1' in lines[0] and 'stays closed' in lines[1], lines
            for key in drop.keys:
                drop.run('desk', 'open', drop.data, key)
            rest = ''
            while 'The drop is at' not in rest:
                line = process.stdout.readline()
                assert line, rest
                rest += line
            process.terminate()
            assert process.wait(timeout=30) == 0


def test_it_does_not_start_without_saying_who_runs_it():
    with opened() as drop:
        for key in ('operator', 'readers', 'contact', 'keep_days', 'recipient'):
            text = open(drop.config, encoding='utf-8').read()
            path = drop.config + '.' + key
            with open(path, 'w', encoding='utf-8') as file:
                file.write('\n'.join(line for line in text.split('\n') if not line.startswith(key)))
            done = subprocess.run([OILSKIN, 'serve', '--config', path], capture_output=True, text=True, check=False, timeout=30)
            assert done.returncode == 2 and key in done.stderr, (key, done.stderr)


def test_a_reload_changes_texts_and_a_wrong_one_changes_nothing():
    with opened() as drop:
        text = open(drop.config, encoding='utf-8').read()
        with open(drop.config, 'w', encoding='utf-8') as file:
            file.write(text.replace('operator = The Herald', 'operator = The Evening Herald'))
        drop.process.send_signal(signal.SIGHUP)
        wait_for(lambda: b'The Evening Herald' in drop.ask('/')[2], 'the new text')
        with open(drop.config, 'w', encoding='utf-8') as file:
            file.write(text.replace('keep_days = 30', 'keep_days = soon'))
        drop.process.send_signal(signal.SIGHUP)
        wait_for(lambda: 'stays as it was' in drop.said(), 'what is wrong')
        assert 'line 5: keep_days' in drop.said(), drop.said()
        assert b'The Evening Herald' in drop.ask('/')[2]


def test_other_keys_wait_for_a_restart():
    with opened() as drop:
        other = os.path.join(drop.folder, 'other.key')
        drop.run('keygen', '-o', other)
        key = open(other, encoding='ascii').read().split('age1')[1].split()[0]
        text = open(drop.config, encoding='utf-8').read()
        with open(drop.config, 'w', encoding='utf-8') as file:
            file.write(text.replace('keep_days = 30', 'keep_days = 31\nrecipient = age1' + key))
        drop.process.send_signal(signal.SIGHUP)
        wait_for(lambda: 'other keys need a restart' in drop.said(), 'what is wrong')
        assert b'>31<' not in drop.ask('/')[2]


def test_it_ends_with_0_on_sigterm_and_goes_on_where_it_was():
    with opened() as drop:
        before = drop.ask('/')[0]
        assert drop.stop() == 0
        drop.start()
        assert before == drop.ask('/')[0] == 200


def form(*fields):
    """The body of a form; a field with a third part is a file."""
    out = b''
    for name, value, *file in fields:
        out += (b'--B\r\nContent-Disposition: form-data; name="%s"' % name + (b'; filename="%s"' % file[0] if file else b'') +
                b'\r\n\r\n' + value + b'\r\n')
    return out + b'--B--\r\n'


def head_of_form(length):
    return (b'POST /submit HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n'
            b'Content-Type: multipart/form-data; boundary=B\r\nContent-Length: %d\r\n\r\n' % length)


def test_a_form_hears_before_its_first_file_that_large_ones_wait():
    with opened(drop='pause_large = yes') as drop:
        body = form((b'message', b'These words took an hour.'), (b'files', b'x' * 1000, b'film.mp4'))
        answer = drop.raw(head_of_form(500 << 20) + body)
        assert answer.startswith(b'HTTP/1.1 413'), answer[:200]
        assert b'These words took an hour.</textarea>' in answer and b'at a time are taken' in answer, answer[-3000:]


def test_a_form_under_way_at_a_restart_is_received():
    with opened() as drop:
        body = form((b'message', b'Written before, sent behind.'), (b'files', os.urandom(300000), b'a.bin'))
        with drop.connect() as peer:
            peer.sendall(head_of_form(len(body)) + body[:100000])
            drop.process.send_signal(signal.SIGUSR2)
            time.sleep(1)
            peer.sendall(body[100000:])
            answer = b''
            while got := peer.recv(65536):
                answer += got
        assert answer.startswith(b'HTTP/1.1 200') and b'Everything is stored and sealed' in answer, answer[:300]


def test_a_form_that_a_stop_cannot_wait_for_is_told_and_gives_its_words_back():
    with opened() as drop:
        body = form((b'message', b'These words took an hour.'), (b'files', b'x' * (20 << 20), b'a.bin'))
        with drop.connect() as peer:
            peer.sendall(head_of_form(len(body)) + body[:100000])
            drop.process.send_signal(signal.SIGTERM)
            answer, sent, until = b'', 100000, time.time() + 30
            while not answer and time.time() < until:
                peer.sendall(body[sent:sent + 8192])
                sent += 8192
                answer = peer.recv(65536) if select.select([peer], [], [], 0.1)[0] else b''
            while got := peer.recv(65536):
                answer += got
        assert drop.process.wait(timeout=30) == 0
        assert answer.startswith(b'HTTP/1.1 503'), answer[:300]
        assert b'These words took an hour.</textarea>' in answer and b'disk' not in answer, answer[-3000:]


def test_a_restart_refuses_no_connection():
    with opened() as drop:
        port, figures, refused, answered, ends = drop.port, drop.metrics.port, [], [], threading.Event()

        def ask():
            while not ends.is_set():
                try:
                    answered.append(drop.ask('/')[0])
                except (OSError, ValueError, IndexError) as error:
                    refused.append(repr(error))
        asking = [threading.Thread(target=ask) for _ in range(4)]
        for one in asking:
            one.start()
        for _ in range(3):
            count = len(answered)
            drop.process.send_signal(signal.SIGUSR2)
            wait_for(lambda before=count: len(answered) > before + 50, 'answers after the restart')
        ends.set()
        for one in asking:
            one.join()
        assert not refused and set(answered) == {200}, (refused[:3], set(answered))
        assert drop.process.poll() is None and (drop.port, drop.metrics.port) == (port, figures)
        assert drop.metrics.ask('/readyz')[0] == 200


WORKER = os.path.join(os.path.dirname(os.path.dirname(OILSKIN)), 'worker', 'oilskin-strip')


def without_a_worker():
    """A copy of the program in a tree of its own, whose worker can't do anything."""
    tree = tempfile.mkdtemp(dir=FOLDER)
    for folder in ('cli', 'worker'):
        os.mkdir(os.path.join(tree, folder))
    lame = shutil.copy(OILSKIN, os.path.join(tree, 'cli', 'oilskin'))
    put_worker(lame, '/bin/false')
    return lame


def put_worker(oilskin, worker):
    """As an upgrade does, at once."""
    place = os.path.join(os.path.dirname(os.path.dirname(oilskin)), 'worker', 'oilskin-strip')
    os.symlink(worker, place + '.new')
    os.replace(place + '.new', place)


def send_file(drop):
    """The answers to an upload, and to its submission."""
    sender = client_of(drop)
    head = [('Tus-Resumable', '1.0.0'), ('Upload-Length', '5'), ('Upload-Metadata', 'attach eWVz'),
            ('Content-Type', 'application/offset+octet-stream')]
    status, headers, _ = sender.ask('POST', '/uploads/', b'hello', head)
    if status != 201:
        return status, 0
    body = json.dumps({'uploads': [headers['location']]}).encode()
    return status, client_of(drop).ask('POST', '/api/submissions', body, [('Content-Type', 'application/json')])[0]


def test_where_nothing_can_be_scrubbed_the_drop_stays_closed():
    lame = without_a_worker()
    with opened() as drop:
        assert drop.figure('oilskin_scrub_up') == 1
        assert drop.stop() == 0
        done = subprocess.run([lame, 'serve', '--config', drop.config], capture_output=True, text=True, check=False,
                              timeout=60)
        assert done.returncode != 0 and 'no file can be scrubbed on this machine, so the drop stays closed' in done.stderr, done
        assert 'The drop is at' not in done.stdout, done
        done = subprocess.run([lame, 'doctor', '--config', drop.config], capture_output=True, text=True, check=False)
        assert done.returncode == 1 and 'BAD   no file can be scrubbed' in done.stdout, done.stdout


def test_where_nothing_can_be_scrubbed_what_browsers_seal_is_taken():
    with Drop(without_a_worker(), PAGES, tempfile.mkdtemp(dir=FOLDER), drop='seal_on_device = yes') as drop:
        assert drop.figure('oilskin_scrub_up') == 0
        assert 'only what browsers have sealed can be taken' in drop.said(), drop.said()
        size = ('Upload-Length', '5')
        sender = client_of(drop)
        status, headers, body = sender.ask('POST', '/uploads/', b'', [('Tus-Resumable', '1.0.0'), size])
        assert status == 415 and 'retry-after' not in headers and b'scrubbed' in body, (status, headers, body)
        sealed = ('Upload-Metadata', 'sealed ZGV2aWNl')
        assert sender.ask('POST', '/uploads/', b'', [('Tus-Resumable', '1.0.0'), size, sealed])[0] == 201
        # And it does not become another drop by a reload.
        with open(drop.config, encoding='utf-8') as file:
            text = file.read()
        with open(drop.config, 'w', encoding='utf-8') as file:
            file.write(text.replace('seal_on_device = yes', ''))
        drop.process.send_signal(signal.SIGHUP)
        wait_for(lambda: 'so browsers must seal' in drop.said(), 'the reload is refused')


def test_a_busy_machine_at_the_start_does_not_close_the_drop():
    lame = without_a_worker()
    busy = os.path.join(os.path.dirname(lame), 'busy.sh')
    with open(busy, 'w', encoding='ascii') as file:
        # As the kernel does where memory ends.
        file.write('#!/bin/sh\nkill -9 $$\n')
    os.chmod(busy, 0o755)
    put_worker(lame, busy)
    with Drop(lame, PAGES, tempfile.mkdtemp(dir=FOLDER)) as drop:
        assert 'is not known yet' in drop.said() and drop.ask('/')[0] == 200, drop.said()
        uploaded, submitted = send_file(drop)
        assert uploaded == 201 and submitted in (500, 503), (uploaded, submitted)
        assert drop.figure('oilskin_submissions') == 0
        put_worker(lame, WORKER)
        assert send_file(drop) == (201, 200)


def test_a_worker_that_breaks_under_a_running_drop_refuses_files_and_no_connection():
    lame = without_a_worker()
    put_worker(lame, WORKER)
    with Drop(lame, PAGES, tempfile.mkdtemp(dir=FOLDER)) as drop:
        assert drop.figure('oilskin_scrub_up') == 1 and send_file(drop) == (201, 200)
        put_worker(lame, '/bin/false')
        uploaded, submitted = send_file(drop)
        assert uploaded == 201 and submitted in (500, 503), (uploaded, submitted)
        assert drop.figure('oilskin_submissions') == 1
        # A successor opens all the same.
        drop.process.send_signal(signal.SIGUSR2)
        wait_for(lambda: 'no file can be scrubbed on this machine any more' in drop.said(), 'the trial of the successor')
        assert drop.ask('/')[0] == 200 and drop.figure('oilskin_scrub_up') == 0
        assert send_file(drop)[0] == 415
        drop.api('/api/submissions', {'message': 'Words are never in the way.'})
        # And finds out by itself that it was mended.
        put_worker(lame, WORKER)
        wait_for(lambda: drop.figure('oilskin_scrub_up') == 1, 'the next trial', 40)
        assert send_file(drop) == (201, 200)
        # Who reads the configuration again need not wait for an hour.
        put_worker(lame, '/bin/false')
        drop.process.send_signal(signal.SIGHUP)
        wait_for(lambda: drop.figure('oilskin_scrub_up') == 0, 'the trial of a reload')


def test_figures_say_nothing_of_a_source():
    with opened() as drop:
        status, headers, body = drop.metrics.ask('/metrics')
        text = body.decode()
        assert status == 200 and headers['content-type'].startswith('text/plain; version=0.0.4'), headers
        assert drop.figure('oilskin_store_up') == 1 and drop.figure('oilskin_recipients') == 2
        assert '{' not in text, text
        for line in text.splitlines():
            assert line.startswith('# ') or line.split()[0].startswith('oilskin_'), line
        assert drop.metrics.ask('/healthz')[0] == 200 and drop.metrics.ask('/readyz')[0] == 200
        assert drop.ask('/metrics')[0] == 404, 'figures are not for the public listener'


def test_secrets_are_in_no_core_dump_and_no_other_process_may_look():
    with opened() as drop:
        limits = open(f'/proc/{drop.process.pid}/limits', encoding='ascii').read()
        core = [line for line in limits.splitlines() if line.startswith('Max core file size')][0]
        assert core.split()[4] == '0', core
        assert os.stat(f'/proc/{drop.process.pid}/environ').st_uid == 0


def test_doctor_finds_what_is_wrong_and_says_what_to_do():
    with opened() as drop:
        done = subprocess.run([OILSKIN, 'doctor', '--config', drop.config], capture_output=True, text=True, check=False)
        assert done.returncode == 1 and 'there is no backup' in done.stdout, done.stdout + done.stderr
        assert 'each key has opened' in done.stdout and 'more than one key' in done.stdout, done.stdout
        os.chmod(drop.data, 0o755)
        done = subprocess.run([OILSKIN, 'doctor', '--config', drop.config], capture_output=True, text=True, check=False)
        assert 'others on this machine' in done.stdout, done.stdout


def set_believed(drop, days):
    """Lets the drop have believed a day so many days from today."""
    path = next(os.path.join(top, name) for top, _, names in os.walk(drop.data) for name in names if name.endswith('.db'))
    with sqlite3.connect(path) as rows:
        rows.execute("INSERT OR REPLACE INTO settings (name, value) VALUES ('last day', ?)",
                     (struct.pack('=i', int(time.time() // 86400) + days),))


def test_a_doubted_clock_is_said_until_somebody_says_that_it_is_right():
    with opened() as drop:
        assert drop.figure('oilskin_clock_up') == 1
        for days, words in ((-30, 'ahead of'), (30, 'before')):
            assert drop.stop() == 0
            set_believed(drop, days)
            drop.start()
            for _ in range(100):
                if drop.figure('oilskin_clock_up') == 0:
                    break
                time.sleep(0.05)
            assert drop.figure('oilskin_clock_up') == 0
            said = drop.said()
            assert words in said and 'oilskin store clock' in said, said
            doctor = [OILSKIN, 'doctor', '--config', drop.config]
            done = subprocess.run(doctor, capture_output=True, text=True, check=False)
            assert done.returncode == 1 and 'BAD   the clock' in done.stdout and words in done.stdout, done.stdout
            subprocess.run([OILSKIN, 'store', 'clock', drop.data], check=True, capture_output=True)
            done = subprocess.run(doctor, capture_output=True, text=True, check=False)
            assert 'good  the clock' in done.stdout, done.stdout


# What a front's file must say, and what it may not; the doctor's word for it, its option, its file of `oilskin setup`.
FRONTS = [
    ('nginx keeps', '--nginx', 'nginx.conf', ['access_log off;', 'error_log /dev/null crit;'],
     ['server { listen 81; }', 'access_log /var/log/drop;', 'error_log /var/log/drop;']),
    ('Caddy keeps', '--caddyfile', 'Caddyfile', ['exclude http', '{\n    log {\n        exclude http\n    }\n}\n'],
     ['debug', 'import sites/*', 'http://other.example {\n    log\n}', 'http://other.example {\n\tlog {\n\texclude http\n\t}\n}']),
    ('tor', '--torrc', 'torrc', ['HiddenServicePoWDefensesEnabled 1'], ['SafeLogging 0', 'SafeLogging relay']),
]


def test_doctor_believes_the_files_of_setup_and_none_that_log():
    with opened() as drop:
        out = os.path.join(drop.folder, 'setup')
        answers = ['The Herald', 'Two editors', 'desk@example.org', '30', 'drop.example.org', *drop.recipients(), '', '']
        subprocess.run([OILSKIN, 'setup', out], check=True, input='\n'.join(answers), stdout=subprocess.DEVNULL, text=True)

        def said_of(front, text):
            path = os.path.join(drop.folder, 'front')
            with open(path, 'w', encoding='utf-8') as file:
                file.write(text)
            done = subprocess.run([OILSKIN, 'doctor', '--config', drop.config, front[1], path], capture_output=True, text=True,
                                  check=False)
            lines = [line for line in done.stdout.splitlines() if line.startswith(('  good  ' + front[0].split()[0],
                                                                                   '  BAD   ' + front[0].split()[0]))]
            return lines[0].split()[0] if lines else None

        for front in FRONTS:
            with open(os.path.join(out, front[2]), encoding='utf-8') as file:
                text = file.read()
            assert said_of(front, text) == 'good', (front, text)
            for needed in front[3]:
                assert needed in text and said_of(front, text.replace(needed, '', 1)) == 'BAD', (front, needed)
                # A remark does nothing.
                remark = '\n'.join('# ' + line for line in needed.splitlines())
                assert said_of(front, text.replace(needed, remark, 1)) == 'BAD', (front, remark)
            for wrong in front[4]:
                assert said_of(front, text + wrong + '\n') == 'BAD', (front, wrong)
            assert said_of(front, text.replace('oilskin/drop.sock', 'other/other.sock')) is None, front


FOLDER = tempfile.mkdtemp(prefix='oilskin-serve-')
try:
    CODE = tap.run(dict(globals()))
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
sys.exit(CODE)
