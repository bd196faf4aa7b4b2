# SPDX-License-Identifier: GPL-3.0-or-later
"""A drop on loopback, with a folder, a configuration and a key of its own."""
import os
import pathlib
import re
import signal
import socket
import subprocess
import time


PAGES = pathlib.Path(os.environ.get('OILSKIN_PAGES') or
                     pathlib.Path(__file__).resolve().parent.parent.parent / 'build' / 'web' / 'dist')


def free_port():
    with socket.socket() as one:
        one.bind(('127.0.0.1', 0))
        return one.getsockname()[1]


def make_identity(oilskin, folder):
    """Returns the identity's file and its recipient."""
    path = pathlib.Path(folder) / 'identity.txt'
    if not path.exists():
        subprocess.run([oilskin, 'keygen', '-o', str(path)], check=True, capture_output=True)
    return path, re.search(r'age1[0-9a-z]+', path.read_text()).group()


def write_config(folder, recipient, extra=''):
    path = pathlib.Path(folder) / 'oilskin.conf'
    path.write_text(f'''[drop]
operator = A test
readers = Nobody
contact = nobody
keep_days = 30
recipient = {recipient}
[server]
pages = {PAGES}
{extra}
''')
    return path


def start_server(oilskin, folder, data=None, extra='', port=None):
    """Returns the process and the address, when it answers."""
    folder = pathlib.Path(folder)
    key, recipient = make_identity(oilskin, folder)
    data = pathlib.Path(data or folder / 'data')
    if not data.exists():
        data.mkdir(mode=0o700)
        subprocess.run([oilskin, 'desk', 'open', str(data), str(key)], check=True, capture_output=True)
    config = write_config(folder, recipient, extra)
    address = ('127.0.0.1', port or free_port())
    log = open(folder / 'server.log', 'ab')
    process = subprocess.Popen([oilskin, 'serve', '--listen', f'127.0.0.1:{address[1]}', '--data',
                                str(data), '--config', str(config)],
                               stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    for _ in range(400):
        try:
            socket.create_connection(address, timeout=1).close()
            return process, address
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.025)
    stop(process)
    raise SystemExit(f'the server does not start:\n{(folder / "server.log").read_text()[-2000:]}')


def stop(process, how=signal.SIGTERM):
    if process.poll() is None:
        process.send_signal(how)
    try:
        return process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def own_mib(pid, field='RssAnon'):
    for line in pathlib.Path(f'/proc/{pid}/status').read_text().split('\n'):
        if line.startswith(field + ':'):
            return int(line.split()[1]) / 1024
    return 0.0


class Count:
    """Promises, one line each, and the closing line that ./test reads."""

    def __init__(self):
        self.passed, self.failed, self.skipped = 0, 0, 0

    def check(self, promise, holds, numbers=''):
        self.passed += bool(holds)
        self.failed += not holds
        print(f'{"ok" if holds else "not ok"} - {promise}' + (f'   # {numbers}' if numbers else ''), flush=True)

    def close(self):
        print(f'{self.passed} passed, {self.failed} failed, {self.skipped} skipped')
        return 1 if self.failed else 0


def picture(folder, name, length):
    """A JPEG with a place in it, of about `length` bytes; valid to its last byte."""
    path = pathlib.Path(folder) / name
    side = int((length / 0.743) ** 0.5)
    subprocess.run(['convert', '-seed', '7', '-size', f'{side}x{side}', 'xc:gray', '-attenuate', '3', '+noise', 'Random',
                    '-quality', '92', str(path)], check=True)
    subprocess.run(['exiftool', '-q', '-overwrite_original', '-GPSLatitude=44.97', '-GPSLatitudeRef=N',
                    '-GPSLongitude=93.26', '-GPSLongitudeRef=W', str(path)], check=True)
    return path.read_bytes()


def is_long():
    return os.environ.get('OILSKIN_LONG') == '1'
