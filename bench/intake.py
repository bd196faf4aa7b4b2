#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""intake.py OILSKIN LOAD SINK NGINX NODE TUS.MJS: acknowledged uploads a second (1 MiB, 16 connections) and MiB a second
(64 MiB, 4 connections). The servers take turns, three rounds, and the median counts, so that what else runs on the
machine meets all of them. nginx acknowledges what stands in the page cache; oilskin what is sealed, hashed, synced and
committed. Beside them stands what the same load reaches at most: a sink that throws away what it reads, and one that
writes it and syncs it, both without sealing, rows or names. Memory is what the server's processes have of their own at
their most."""
import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

SIZES = [('1 MiB', 1 << 20, 16, 'uploads_per_s'), ('64 MiB', 64 << 20, 4, 'mib_per_s')]
SECONDS = float(os.environ.get('OILSKIN_BENCH_SECONDS', '4'))
ROUNDS = int(os.environ.get('OILSKIN_BENCH_ROUNDS', '3'))


def own_kib(pid):
    """Anonymous memory of a process and of its children."""
    total = 0
    try:
        for line in pathlib.Path(f'/proc/{pid}/status').read_text().split('\n'):
            if line.startswith('RssAnon'):
                total += int(line.split()[1])
        for task in pathlib.Path(f'/proc/{pid}/task').iterdir():
            for child in (task / 'children').read_text().split():
                total += own_kib(int(child))
    except OSError:
        pass
    return total


class Watch(threading.Thread):
    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.most, self.ends = pid, 0, False
        self.start()

    def run(self):
        while not self.ends:
            self.most = max(self.most, own_kib(self.pid))
            time.sleep(0.05)


def first_line(process):
    line = process.stdout.readline()
    if not line:
        sys.exit(f'bench: {process.args[0]} ended before it served')
    return line


def start_nginx(tools, folder):
    for name in ('files', 'body', 'log'):
        (folder / name).mkdir()
    port = free_port()
    (folder / 'nginx.conf').write_text(f'''daemon off; worker_processes 2; pid {folder}/pid; error_log {folder}/log/error;
events {{ worker_connections 1024; }}
http {{
  access_log off; client_body_temp_path {folder}/body; client_max_body_size 0; keepalive_requests 1000000;
  server {{ listen 127.0.0.1:{port}; root {folder}/files; location / {{ dav_methods PUT; }} }}
}}
''')
    os.chmod(folder, 0o777)
    for name in ('files', 'body'):
        os.chmod(folder / name, 0o777)
    process = subprocess.Popen([tools['nginx'], '-c', f'{folder}/nginx.conf', '-p', str(folder), '-e',
                                f'{folder}/log/error'])
    wait_for(port)
    return process, port, ['put', '/u-']


def start_tus(tools, folder):
    process = subprocess.Popen([tools['node'], tools['tus'], str(folder)], stdout=subprocess.PIPE, text=True)
    return process, int(first_line(process)), ['tus', '/files']


def start_sink(tools, folder):
    process = subprocess.Popen([tools['sink']], stdout=subprocess.PIPE, text=True)
    return process, int(first_line(process)), ['tus', '/']


def start_disk(tools, folder):
    process = subprocess.Popen([tools['sink'], str(folder)], stdout=subprocess.PIPE, text=True)
    return process, int(first_line(process)), ['tus', '/']


def start_oilskin(tools, folder):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'tests' / 'flood'))
    import rig
    process, address = rig.start_server(tools['oilskin'], folder)
    return process, address[1], ['tus', '/uploads/']


def free_port():
    with socket.socket() as one:
        one.bind(('127.0.0.1', 0))
        return one.getsockname()[1]


def wait_for(port):
    for _ in range(200):
        try:
            socket.create_connection(('127.0.0.1', port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    sys.exit('bench: a peer does not start')


STARTS = {'nginx PUT': start_nginx, '@tus/server': start_tus, 'oilskin': start_oilskin,
          'read and thrown away': start_sink, 'written and synced': start_disk}
# Uploads of no submission yet: what is compared is taking them, not scrubbing, which no peer does.
EXTRA = {'oilskin': ['Upload-Metadata: attach eWVz']}


def measure(tools, name, size, connections):
    folder = pathlib.Path(tempfile.mkdtemp(prefix='oilskin-bench-', dir=os.environ.get('TMPDIR', '/var/tmp')))
    process, port, words = STARTS[name](tools, folder)
    try:
        watch = Watch(process.pid)
        done = subprocess.run([tools['load'], str(port), words[0], words[1], str(size), str(connections),
                               str(SECONDS)] + EXTRA.get(name, []), check=True, capture_output=True, text=True)
        watch.ends = True
        watch.join()
        result = json.loads(done.stdout)
        if result['wrong'] or not result['done']:
            print(f'bench: {name}: {result}', file=sys.stderr)
        result['mib'] = watch.most / 1024
        return result
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)
        os.sync()


def main():
    tools = dict(zip(['oilskin', 'load', 'sink', 'nginx', 'node', 'tus'], sys.argv[1:7]))
    for label, size, connections, unit in SIZES:
        found = {name: [] for name in STARTS}
        for _ in range(ROUNDS):
            for name in STARTS:
                found[name].append(measure(tools, name, size, connections))
        middle = {name: statistics.median(one[unit] for one in runs) for name, runs in found.items()}
        for name, runs in found.items():
            memory = max(one['mib'] for one in runs)
            print(f'intake {label}: {name}: {middle[name]:.1f} {unit.replace("_per_", "/")}, {memory:.0f} MiB, '
                  f'slowest {max(one["slowest_s"] for one in runs):.2f} s')
        print(f'intake {label}: oilskin against nginx PUT {middle["oilskin"] / middle["nginx PUT"]:.2f} (target 0.5), '
              f'against @tus/server {middle["oilskin"] / middle["@tus/server"]:.2f} (target 2; '
              f'a sink that writes and syncs reaches {middle["written and synced"] / middle["@tus/server"]:.2f})')


main()
