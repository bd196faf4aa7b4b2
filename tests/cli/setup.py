# SPDX-License-Identifier: GPL-3.0-or-later
"""Six questions, and files that the programs they are for take as they are."""
import os
import re
import shutil
import subprocess

from harness import Skip, has, lacks, read, run

ANSWERS = 'The Herald\nTwo editors\ndrop@example.org\n30\ndrop.example.org\n{0}\nrecipient = {1}\n\n'


def fresh_key():
    ran = run('desk', 'init', '--recovery-file', os.urandom(8).hex(), '--passphrase-file', 'words', os.urandom(8).hex())
    return re.search(r'recipient = (\S+)', ran.out).group(1)


def answered(text=ANSWERS):
    with open('words', 'w', encoding='ascii') as file:
        file.write('some words\n')
    return text.format(fresh_key(), fresh_key())


def checked(program, *words):
    """What a program says of its file; skips where it isn't installed."""
    if shutil.which(program, path=os.environ['PATH'] + ':/usr/sbin') is None:
        raise Skip(f'{program} is not installed')
    done = subprocess.run([program, *words], capture_output=True, text=True, check=False, timeout=60,
                          env={**os.environ, 'PATH': os.environ['PATH'] + ':/usr/sbin'})
    return done.returncode, done.stdout + done.stderr


def test_setup_asks_six_questions_and_writes_the_files():
    ran = run('setup', 'drop', stdin=answered().encode())
    assert len(re.findall(r'[1-6]\. [A-Z]', ran.out)) == 6, ran
    assert sorted(os.listdir('drop')) == ['Caddyfile', 'README.txt', 'nginx.conf', 'oilskin.conf', 'oilskin.service',
                                          'torrc']
    text = read('drop/oilskin.conf').decode()
    has(text, 'operator = The Herald', 'readers = Two editors', 'contact = drop@example.org', 'keep_days = 30')
    assert text.count('recipient = age1') == 2, text
    # The desk is kept to this machine.
    assert text.count('\n[desk]\nlisten = 127.0.0.1:8090\n') == 1, text
    has(read('drop/README.txt').decode(), 'desk first-link /var/lib/oilskin', 'ssh -N -L 8090:127.0.0.1:8090')


def test_setup_needs_no_site_for_an_onion_address_alone():
    run('setup', 'drop', stdin=answered(ANSWERS.replace('drop.example.org', '', 2).replace('drop@', 'drop@x.org')).encode())
    assert 'nginx.conf' not in os.listdir('drop') and 'torrc' in os.listdir('drop')


def test_setup_asks_again_for_what_makes_no_sense():
    text = ANSWERS.replace('\n30\n', '\n0\nsoon\n30\n').replace('\n{0}\n', '\nage1nonsense\n{0}\n')
    text = text.replace('\ndrop.example.org\n', '\ndrop.example.org; rm\ndrop.example.org\n')
    run('setup', 'drop', stdin=answered(text).encode())
    has(read('drop/nginx.conf').decode(), 'server_name drop.example.org;')
    lacks(read('drop/nginx.conf').decode(), 'rm')


def test_setup_writes_nothing_when_the_answers_end_early():
    ran = run('setup', 'drop', stdin=b'The Herald\n', code=2)
    has(ran.err, 'nothing was written')
    assert not os.path.exists('drop')


def test_setup_replaces_no_file():
    run('setup', 'drop', stdin=answered().encode())
    before = read('drop/oilskin.conf')
    ran = run('setup', 'drop', stdin=answered().encode(), code=None)
    assert ran.code != 0 and read('drop/oilskin.conf') == before, ran


def test_setup_files_log_nothing_and_name_no_sender():
    run('setup', 'drop', stdin=answered().encode())
    nginx = read('drop/nginx.conf').decode()
    assert nginx.count('access_log off;') == nginx.count('server {') == 2
    has(nginx, 'proxy_request_buffering off', 'proxy_set_header User-Agent ""', 'proxy_set_header X-Forwarded-For ""')
    caddy = [line.strip() for line in read('drop/Caddyfile').decode().splitlines() if not line.startswith('#')]
    assert caddy[:5] == ['{', 'log {', 'exclude http', '}', '}'] and not any(line.startswith('log') for line in caddy[5:]), caddy
    has(read('drop/torrc').decode(), 'HiddenServicePoWDefensesEnabled 1')


def test_setup_unit_is_one_that_systemd_takes():
    run('setup', 'drop', stdin=answered().encode())
    code, said = checked('systemd-analyze', 'verify', os.path.abspath('drop/oilskin.service'))
    wrong = [line for line in said.splitlines() if 'oilskin.service' in line and 'not executable' not in line]
    assert not wrong, said


def test_setup_torrc_is_one_that_tor_takes():
    run('setup', 'drop', stdin=answered().encode())
    text = read('drop/torrc').decode().replace('/var/lib/tor/oilskin/', os.path.abspath('hidden') + '/')
    with open('torrc', 'w', encoding='ascii') as file:
        file.write(text + 'DataDirectory ' + os.path.abspath('tor') + '\n')
    code, said = checked('tor', '--verify-config', '-f', 'torrc')
    assert code == 0, said
