#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Public pages: an album's page and a picture against nginx with the same bytes as files, and every page of an album with
10,000 pictures.

usage: albums.py OILSKIN PAGES PUBLISH_FILL GET_LOAD NGINX      (NGINX "" compares nothing)
"""
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'tests', 'serve'))
from drop import Drop  # noqa: E402  pylint: disable=wrong-import-position

OILSKIN, PAGES, FILL, LOAD = (os.path.abspath(word) for word in sys.argv[1:5])
NGINX = sys.argv[5]
FOLDER = tempfile.mkdtemp(prefix='oilskin-bench-albums-')
CONFIG = '\n[desk]\nlisten = 127.0.0.1:0\n[publish]\nalbums = yes\n'
PICTURES, CONNECTIONS, SECONDS, ROUNDS = 10000, 16, 2, 3


def worked_ms(drop):
    """What the server has used of its processors: other programs take none of it."""
    return time.clock_gettime(~drop.process.pid << 3 | 2) * 1e3


def make(name, size, quality):
    path = os.path.join(FOLDER, name)
    subprocess.run(['convert', '-seed', '7', '-size', size, 'plasma:fractal', '-quality', str(quality), path], check=True)
    return path


def fill(data):
    """(the album, one picture of it)."""
    def say(*lines):
        done = subprocess.run([FILL, data], input=''.join(line + '\n' for line in lines), capture_output=True, text=True, check=True)
        return done.stdout.split()
    [album] = say('album\tTen thousand\tOf a bench\t\ten\topen')
    # As long as captions are; of each size one file, since only the index grows with their number.
    many = ['many', str(PICTURES), album, 'public', '20700', 'jpg', '1600', '1200', '0', 'What is seen here, in a sentence or two, as captions are written. ' * 2,
            'A square with many people', '', make('copy.jpg', '64x48', 80), make('1.jpg', '48x36', 80) + ':480:360', make('2.jpg', '60x45', 80) + ':1280:960']
    real = ['piece', album, 'public', '20800', 'jpg', '1600', '1200', '0', 'One', 'One', '', make('real.jpg', '1600x1200', 85), make('real1.jpg', '480x360', 80) + ':480:360']
    return album, say('\t'.join(many), '\t'.join(real))[1]


def start_nginx(files):
    with socket.socket() as one:
        one.bind(('127.0.0.1', 0))
        port = one.getsockname()[1]
    os.mkdir(os.path.join(FOLDER, 'files'))
    for name, data in files.items():
        with open(os.path.join(FOLDER, 'files', name), 'wb') as file:
            file.write(data)
    for top, _, names in os.walk(FOLDER):
        os.chmod(top, 0o755)
        for name in names:
            if name in files:
                os.chmod(os.path.join(top, name), 0o644)
    with open(os.path.join(FOLDER, 'nginx.conf'), 'w', encoding='ascii') as file:
        file.write(f'''daemon off; worker_processes 2; pid {FOLDER}/pid; error_log stderr;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; open_file_cache max=100;
  server {{ listen 127.0.0.1:{port}; root {FOLDER}/files; }}
}}
''')
    process = subprocess.Popen([NGINX, '-c', f'{FOLDER}/nginx.conf', '-p', FOLDER, '-e', 'stderr'])
    for _ in range(200):
        try:
            socket.create_connection(('127.0.0.1', port)).close()
            return process, port
        except ConnectionRefusedError:
            time.sleep(0.05)
    raise AssertionError('nginx does not serve')


def rate(port, path):
    done = subprocess.run([LOAD, str(port), path, str(CONNECTIONS), str(SECONDS)], capture_output=True, text=True, check=True)
    return float(done.stdout.split()[0])


def compare(drop, addresses):
    """Turns about, since other programs are at work; the best of each."""
    files = {name: drop.ask(path)[2] for name, path in addresses.items()}
    nginx, port = start_nginx(files)
    try:
        for name, path in addresses.items():
            rounds = [(rate(drop.port, path), rate(port, '/' + name)) for _ in range(ROUNDS)]
            ours, theirs = (max(pair[i] for pair in rounds) for i in (0, 1))
            middle = sorted(a / b for a, b in rounds)[ROUNDS // 2]
            print(f'{name} ({len(files[name])} bytes): oilskin {ours:.0f} a second, nginx {theirs:.0f}; '
                  f'against nginx {ours / theirs:.2f}, in the middle of {ROUNDS} rounds {middle:.2f}', flush=True)
    finally:
        nginx.terminate()
        nginx.wait()


def walk(drop, album):
    """Every page of the album: the slowest by the clock, and of the processor."""
    slowest = worked = count = 0
    older = 1
    while older:
        began, before = time.monotonic(), worked_ms(drop)
        status, _, body = drop.ask(f'/a/{album}?page={older}')
        slowest, worked = max(slowest, (time.monotonic() - began) * 1e3), max(worked, worked_ms(drop) - before)
        assert status == 200, status
        count += 1
        found = re.search(rb'rel="next" href="[^"]*page=(\d+)', body)
        older = int(found.group(1)) if found else 0
    print(f'pages {count}\npage_ms_most {slowest:.1f}\npage_processor_ms_most {worked:.1f}')


def main():
    folder = os.path.join(FOLDER, 'drop')
    os.makedirs(os.path.join(folder, 'data'), mode=0o700)
    album, picture = fill(os.path.join(folder, 'data'))
    with Drop(OILSKIN, PAGES, folder, categories=CONFIG) as drop:
        began = time.monotonic()
        drop.ask('/a/' + album)
        print(f'first_page_ms {(time.monotonic() - began) * 1e3:.1f}')
        walk(drop, album)
        if NGINX:
            compare(drop, {'page.html': f'/a/{album}?page=80', 'picture.jpg': f'/a/f/{picture}', 'small.jpg': f'/a/f/{picture}/1'})
        with open(f'/proc/{drop.process.pid}/status', encoding='ascii') as status:
            peak = int(re.search(r'VmHWM:\s+(\d+) kB', status.read()).group(1)) / 1024
        print(f'memory_peak_mib {peak:.0f}')


try:
    main()
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
