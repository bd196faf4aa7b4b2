#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""flood.py OILSKIN [SCENARIO...]: a flood slows, never refuses, an honest report.

Loopback only, and each scenario ends by the clock. Nobody here has an identity that the server could tell apart: the
flood sends valid pictures, waits as it is told to, and comes again at once."""
import multiprocessing
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import rig
import senders
import wire

HERE = pathlib.Path(__file__).resolve().parent
SENDERS = (senders.send_tus, senders.send_form, senders.send_page)
ARGON2_MIB = 64
# Threads that derive receipts: RECEIPT_THREADS of intake/intake.c.
ARGON2_AT_ONCE = 2


# ---- the flood: processes of their own, so that what is measured does not wait for what floods ----

def flood_loop(send, address, body, until, tally):
    while time.monotonic() < until:
        try:
            if send(address, body, until) is not None:
                tally['sent'] += 1
        except (wire.Gone, senders.Refused, OSError, AttributeError) as fault:
            tally['failed'] += 1
            tally['why'] = str(fault)[:200]
            time.sleep(0.1)


def flood(address, body, clients, seconds, results):
    tally = {'sent': 0, 'failed': 0, 'why': ''}
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=flood_loop, daemon=True, args=(SENDERS[i % len(SENDERS)], address, body, until, tally))
               for i in range(clients)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(max(0.0, until + 5 - time.monotonic()))
    results.put(tally)


def start_flood(address, body, clients, seconds):
    results = multiprocessing.Queue()
    process = multiprocessing.Process(target=flood, args=(address, body, clients, seconds, results), daemon=True)
    process.start()
    return process, results


# ---- honest people ----

class Honest(threading.Thread):
    """Sends, waits a moment, sends again; keeps what each took and what went wrong."""

    def __init__(self, send, address, body, until, rest=0.2):
        super().__init__(daemon=True)
        self.send, self.address, self.body, self.until, self.rest = send, address, body, until, rest
        self.sent, self.wrong = [], []

    def run(self):
        while time.monotonic() < self.until:
            try:
                one = self.send(self.address, self.body)
                self.sent.append(one)
            except (wire.Gone, senders.Refused, OSError) as fault:
                self.wrong.append(str(fault))
            time.sleep(self.rest)


def p99(values):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]


def idle_times(send, address, body, count):
    return [send(address, body).took for _ in range(count)]


def send_upload(address, body):
    """An upload alone, as a page makes it before it submits."""
    one = wire.Wire(address)
    started = time.monotonic()
    try:
        path, later = senders.create(one, len(body), attach='yes')
        answer = one.ask('PATCH', path, {**senders.PATCH, 'Upload-Offset': '0'}, body)
        if answer.status != 204:
            raise senders.Refused(f'patch: {answer.status} {answer.body[:200]!r}')
        return senders.Sent(one.first_byte - started, time.monotonic() - one.first_byte, later)
    finally:
        one.close()


# ---- scenarios ----

class Memory(threading.Thread):
    """A server's, read so often that what a receipt takes for a moment is seen in each half of a short run, too."""

    def __init__(self, pid, every):
        super().__init__(daemon=True)
        self.pid, self.every, self.seen, self.is_over = pid, every, [], threading.Event()

    def run(self):
        while not self.is_over.wait(self.every):
            self.seen.append(rig.own_mib(self.pid))

    def halves(self):
        self.is_over.set()
        self.join()
        half = len(self.seen) // 2
        return sorted(self.seen[:half]), sorted(self.seen[half:])


def check_flat(count, first, second):
    """What is kept of each submission lifts the least as it does the most. The most alone is luck in half a minute: it tells
    how many derivations met in each half. So a short run holds it against as many as there can be, over the least."""
    numbers = f'MiB: {first[0]:.0f} to {first[-1]:.0f} in the first half, {second[0]:.0f} to {second[-1]:.0f} in the second, of {len(first)} each'
    most = first[-1] if rig.is_long() else first[0] + ARGON2_AT_ONCE * ARGON2_MIB
    count.check('memory is flat under a flood', second[-1] <= most + 16, numbers)
    count.check('nothing of what was sent stays in memory', second[0] <= first[0] + 16, numbers)


def hundredfold(count, server, address, pictures):
    seconds = 600 if rig.is_long() else 25
    most = 3
    body, small = pictures['5 MiB'], pictures['1 MiB']
    idle = {send.__name__: idle_times(send, address, body, 7) for send in SENDERS}
    process, results = start_flood(address, small, 200, seconds + 20)
    time.sleep(8)
    memory = Memory(server.pid, 0.05)
    memory.start()
    until = time.monotonic() + seconds
    people = [Honest(send, address, body, until) for send in SENDERS]
    for one in people:
        one.start()
    while any(one.is_alive() for one in people) and time.monotonic() < until + 60:
        time.sleep(1)
    first, second = memory.halves()
    tally = results.get(timeout=seconds + 120)
    process.join(10)
    print(f'# the flood: {tally}')
    for one in people:
        name = one.send.__name__
        # Before the flood and behind it: what else the machine does may have changed meanwhile.
        idle[name] += idle_times(one.send, address, body, 7)
        took, usual = [sent.took for sent in one.sent], statistics.median(idle[name])
        count.check(f'{name}: nobody honest is refused by a hundredfold flood', took and not one.wrong,
                    f'{len(took)} sent, {one.wrong[:2]}')
        count.check(f'{name}: from first byte to receipt within {most} times of an idle machine', took and
                    p99(took) <= most * usual,
                    f'idle {usual:.2f} s (most {max(idle[name]):.2f}), flood median {statistics.median(took or [0]):.2f}, '
                    f'p99 {p99(took or [0]):.2f}, before it {statistics.median([s.waited for s in one.sent] or [0]):.1f}')
    check_flat(count, first, second)


def memory_until(server, end, every=0.2):
    most = 0.0
    while time.monotonic() < end:
        most = max(most, rig.own_mib(server.pid))
        time.sleep(every)
    return most


def slow(count, server, address, pictures):
    body = pictures['1 MiB']
    usual = idle_times(senders.send_tus, address, body, 30)
    before = rig.own_mib(server.pid)
    seconds = 120 if rig.is_long() else 32
    started = time.monotonic()
    drips = subprocess.Popen([sys.executable, str(HERE / 'slow.py'), str(address[1]), '8000', str(seconds), '/uploads/'],
                             stdout=subprocess.PIPE, text=True)
    most = memory_until(server, started + 12)
    one = Honest(senders.send_tus, address, body, started + seconds - 8, rest=0.05)
    one.start()
    # One submission at a time: beside it, one receipt is derived at most, by Argon2id.
    served = 0.0
    while one.is_alive() and time.monotonic() < started + seconds + 30:
        served = max(served, memory_until(server, time.monotonic() + 0.2, every=0.02))
    most = max(most, memory_until(server, started + seconds - 1))
    opened = drips.communicate(timeout=seconds + 60)[0].split()
    took = [sent.took for sent in one.sent]
    waited = [sent.waited for sent in one.sent]
    count.check('8,000 slow connections are held', int(opened[0]) >= 8000, f'at most {opened[0]}, {opened[1]} ended')
    count.check('8,000 slow connections, half of them uploads, take at most 64 MiB', most - before <= 64,
                f'{before:.0f} to {most:.0f} MiB')
    count.check(f'and at most the {ARGON2_MIB} MiB of a receipt more while honest ones are served',
                served > 0 and served - before <= 64 + ARGON2_MIB, f'{before:.0f} to {served:.0f} MiB')
    count.check('8,000 slow connections hold nobody up', took and not one.wrong and
                p99(took) <= p99(usual) + (0.2 if rig.is_long() else 5),
                f'{len(took)} sent, p99 {p99(took or [0]):.3f} s, idle {p99(usual):.3f} s, before it '
                f'{p99(waited or [0]):.3f} s; {one.wrong[:2]}')


def disk_taken(folder):
    """What the files of a folder take of the disk: others write to it, too."""
    total = 0
    for path in pathlib.Path(folder).rglob('*'):
        try:
            total += path.lstat().st_blocks * 512
        except FileNotFoundError:
            continue
    return total


def creations(count, server, address, pictures):
    taken = disk_taken(server.data)
    before = rig.own_mib(server.pid)
    made, until = [0] * 8, time.monotonic() + 120

    def create_some(number):
        one = wire.Wire(address)
        while made[number] < 1250 and time.monotonic() < until:
            try:
                made[number] += senders.create(one, 1 << 30, until)[0] is not None
            except wire.Gone:
                pass

    people = Honest(send_upload, address, pictures['1 MiB'], until, rest=0.3)
    people.start()
    threads = [threading.Thread(target=create_some, args=(number,), daemon=True) for number in range(8)]
    started = time.monotonic()
    for one in threads:
        one.start()
    for one in threads:
        one.join(130)
    people.until = 0
    people.join(60)
    took = [sent.waited + sent.took for sent in people.sent]
    count.check('10,000 empty creations hold nobody up', took and not people.wrong and statistics.median(took) <= (3 if rig.is_long() else 15),
                f'{sum(made)} creations in {time.monotonic() - started:.0f} s; honest, with the wait: '
                f'median {statistics.median(took or [0]):.2f} s, most {max(took or [0]):.2f} s; {people.wrong[:2]}')
    # Beside what the honest ones sent, sealed and padded.
    taken = disk_taken(server.data) - taken - (len(people.sent) + 1) * (5 << 18)
    count.check('empty creations reserve no disk', taken < 64 << 20, f'{taken / (1 << 20):.0f} MiB more')
    count.check('empty creations take no memory', rig.own_mib(server.pid) - before < 32,
                f'{before:.0f} to {rig.own_mib(server.pid):.0f} MiB')


def send_endless(address, head, piece, seconds):
    """Seconds until the server had enough; None when it never had."""
    started = time.monotonic()
    with socket.create_connection(address, timeout=2) as one:
        one.sendall(head)
        try:
            while time.monotonic() < started + seconds:
                one.send(piece)
        except OSError:
            return time.monotonic() - started
    return None


def lies(count, server, address, pictures):
    host = f'Host: {address[0]}:{address[1]}\r\n'
    piece = b'10000\r\n' + bytes(65536) + b'\r\n'
    one = wire.Wire(address)
    path, _ = senders.create(one, 1 << 20, attach='yes')
    head = (f'PATCH {path} HTTP/1.1\r\n{host}Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nTransfer-Encoding: chunked\r\n'
            'Content-Type: application/offset+octet-stream\r\n\r\n').encode()
    took = send_endless(address, head, piece, 20)
    count.check('an endless body ends soon after its upload does', took is not None and took < 30, f'{took} s')
    head = (f'POST /submit HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\n'
            f'Origin: http://{address[0]}:{address[1]}\r\nContent-Type: multipart/form-data; boundary=e\r\n\r\n').encode()
    took = send_endless(address, head, piece, 20)
    count.check('an endless form that is none ends', took is not None and took < 30, f'{took} s')
    held = sum(path.stat().st_size for path in pathlib.Path(server.data).rglob('*') if path.is_file())
    count.check('neither leaves more on the disk than was announced', held < 32 << 20, f'{held >> 20} MiB')
    path, _ = senders.create(one, 1000, attach='yes')
    answer = one.ask('PATCH', path, {**senders.PATCH, 'Upload-Offset': '0'}, bytes(5000))
    count.check('more bytes than were announced are refused', answer.status in (400, 413), str(answer.status))
    one.close()
    path, _ = senders.create(one, 1 << 20, attach='yes')
    with socket.create_connection(address) as short:
        short.sendall((f'PATCH {path} HTTP/1.1\r\n{host}Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n'
                       'Content-Type: application/offset+octet-stream\r\nContent-Length: 1048576\r\n\r\n').encode() +
                      bytes(300000))
    time.sleep(0.5)
    answer = one.ask('HEAD', path, {'Tus-Resumable': '1.0.0'})
    offset = int(answer.header('upload-offset') or -1)
    count.check('a body shorter than it said is kept as far as it came', 0 <= offset <= 300000, f'{offset} of 300000')
    answer = one.ask('PATCH', path, {**senders.PATCH, 'Upload-Offset': str(offset)}, bytes((1 << 20) - offset))
    count.check('and goes on from there', answer.status == 204, str(answer.status))
    took = idle_times(send_upload, address, pictures['1 MiB'], 3)
    count.check('after all of it, others are served', max(took) < 15, f'{max(took):.2f} s')


def one_byte(count, server, address, pictures):
    del pictures
    one = wire.Wire(address)
    path, _ = senders.create(one, 1 << 20, attach='yes')
    sent, refused, until = 0, None, time.monotonic() + 60
    while sent < 2000 and time.monotonic() < until:
        answer = one.ask('PATCH', path, {**senders.PATCH, 'Upload-Offset': str(sent)}, b'x')
        if answer.status == 204:
            sent += 1
        elif answer.status != 503:
            refused = answer
            break
        else:
            time.sleep(senders.pause_of(answer))
    blobs = sum(1 for path in pathlib.Path(server.data, 'blobs').rglob('*') if path.is_file())
    count.check('one byte a request is not a way to fill the disk with rows', refused is not None and
                b'pieces' in refused.body and sent <= 1024 and refused.status == 413 and
                refused.header('retry-after') is None,
                f'{sent} bytes, then {refused and refused.status}; {blobs} blobs')
    path, _ = senders.create(one, 4 << 20, attach='yes')
    answer = one.ask('PATCH', path, {**senders.PATCH, 'Upload-Offset': '0'}, bytes(4 << 20))
    count.check('and the next one sends as ever', answer.status == 204, str(answer.status))


SCENARIOS = {'hundredfold': hundredfold, 'slow': slow, 'creations': creations, 'lies': lies, 'one_byte': one_byte}


def main():
    oilskin, wanted = sys.argv[1], sys.argv[2:] or list(SCENARIOS)
    folder = pathlib.Path(tempfile.mkdtemp(prefix='oilskin-flood-', dir='/var/tmp'))
    count = rig.Count()
    try:
        pictures = {'5 MiB': rig.picture(folder, '5.jpg', 5 << 20), '1 MiB': rig.picture(folder, '1.jpg', 1 << 20)}
        for name in wanted:
            home = folder / name
            home.mkdir()
            server, address = rig.start_server(oilskin, home)
            server.data = str(home / 'data')
            try:
                SCENARIOS[name](count, server, address, pictures)
                count.check(f'{name}: the server is still there', server.poll() is None)
            except (wire.Gone, senders.Refused, OSError) as fault:
                count.check(f'{name} runs to its end', False, str(fault))
                print((home / 'server.log').read_text()[-2000:])
            finally:
                rig.stop(server)
                shutil.rmtree(home / 'data', ignore_errors=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return count.close()


if __name__ == '__main__':
    sys.exit(main())
