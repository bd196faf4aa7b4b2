#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""kill.py OILSKIN [COUNT]: kill -9 at random points under load. Not one acknowledged byte is lost, no offset shrinks.

Six senders upload in pieces, note each offset that was acknowledged, and after each death ask for it again. At the end
the blobs are opened with the desk's key and compared with what was sent: an offset alone could lie."""
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'flood'))
import rig  # noqa: E402
import sealed  # noqa: E402
import senders  # noqa: E402
import wire  # noqa: E402

SENDERS = 6
UPLOAD = 1500000
EPOCH = 200000000  # bytes that are compared at once: all of them are in memory then


class Upload:
    def __init__(self, seed):
        self.body = random.Random(seed).randbytes(UPLOAD)
        self.path, self.acknowledged = None, 0


class Sender(threading.Thread):
    """One life of the server: goes on with what there is until the connection breaks."""

    def __init__(self, address, uploads, seed, faults):
        super().__init__(daemon=True)
        self.address, self.uploads, self.random, self.faults = address, uploads, random.Random(seed), faults

    def run(self):
        one = wire.Wire(self.address, timeout=20)
        try:
            while True:
                self.send_some(one)
        except wire.Gone:
            pass
        except senders.Refused as fault:
            self.faults.append(str(fault))

    def send_some(self, one):
        if not self.uploads or self.uploads[-1].acknowledged == UPLOAD:
            self.uploads.append(Upload(self.random.getrandbits(64)))
        upload = self.uploads[-1]
        if upload.path is None:
            path, _ = senders.create(one, UPLOAD, attach='yes')
            upload.path = path
        answer = one.ask('HEAD', upload.path, {'Tus-Resumable': '1.0.0'})
        if answer.status == 503:
            return time.sleep(0.1)
        offset = int(answer.header('upload-offset') or -1)
        if answer.status not in (200, 204) or offset < upload.acknowledged:
            raise senders.Refused(f'HEAD {answer.status}: offset {offset}, {upload.acknowledged} were acknowledged')
        upload.acknowledged = offset
        size = self.random.choice([1, 3000, 65536, 200000, 700000])
        piece = upload.body[offset:offset + size]
        answer = one.ask('PATCH', upload.path, {**senders.PATCH, 'Upload-Offset': str(offset)}, piece)
        if answer.status == 204:
            upload.acknowledged = max(upload.acknowledged, int(answer.header('upload-offset')))
            if upload.acknowledged != offset + len(piece):
                raise senders.Refused(f'204 at {upload.acknowledged}, {offset + len(piece)} were sent')
        elif answer.status != 503:
            raise senders.Refused(f'PATCH {answer.status} {answer.body[:100]!r}')


def live_once(oilskin, folder, port, uploads, seconds, seed):
    """Returns what went wrong, and how long the server took to answer again."""
    began = time.monotonic()
    server, address = rig.start_server(oilskin, folder, port=port)
    started = time.monotonic() - began
    faults = []
    threads = [Sender(address, uploads[i], seed * 100 + i, faults) for i in range(SENDERS)]
    for one in threads:
        one.start()
    time.sleep(seconds)
    server.send_signal(signal.SIGKILL)
    server.wait()
    for one in threads:
        one.join(30)
    return faults, started


def compare(oilskin, folder, uploads):
    identity, _ = rig.make_identity(oilskin, folder)
    texts = sealed.plaintexts(oilskin, identity, folder / 'data')
    index = sealed.Index(texts)
    lost = [upload for some in uploads for upload in some
            if upload.acknowledged and not sealed.holds(index, upload.body[:upload.acknowledged])]
    return lost, texts


def main():
    oilskin = sys.argv[1]
    lives = int(sys.argv[2]) if len(sys.argv) > 2 else 1000 if rig.is_long() else 20
    seed = int(os.environ.get('OILSKIN_SEED', '0')) or random.SystemRandom().getrandbits(32)
    chance = random.Random(seed)
    count, faults, slowest = rig.Count(), [], 0.0
    folder = pathlib.Path(tempfile.mkdtemp(prefix='oilskin-kill-', dir='/var/tmp'))
    uploads, port = [[] for _ in range(SENDERS)], rig.free_port()
    print(f'# OILSKIN_SEED={seed}')
    total, lost, opened, broken = 0, [], 0, 0
    try:
        for life in range(lives):
            wrong, started = live_once(oilskin, folder, port, uploads, chance.uniform(0.05, 1.2), seed + life)
            faults += wrong
            slowest = max(slowest, started)
            held = sum(one.acknowledged for some in uploads for one in some)
            if held > EPOCH or life + 1 == lives:
                # Compared and begun anew, so that a thousand lives fit on the disk.
                gone, texts = compare(oilskin, folder, uploads)
                lost += gone
                total += held
                opened += len(texts)
                broken += texts.count(None)
                done = subprocess.run([oilskin, 'store', 'check', str(folder / 'data')], capture_output=True, text=True)
                # Blobs that no row names are what a kill between the two leaves: the sweep takes them.
                if done.returncode not in (0, 1):
                    faults.append(f'store check: {done.stdout[-300:]}{done.stderr[-300:]}')
                if life + 1 < lives:
                    shutil.rmtree(folder / 'data')
                    uploads = [[] for _ in range(SENDERS)]
        count.check(f'kill -9, {lives} times: no offset shrinks, no answer is wrong', not faults, str(faults[:3]))
        count.check('not one acknowledged byte is lost', total > 0 and not lost,
                    f'{total / 1e6:.0f} MB acknowledged, {len(lost)} uploads lost')
        count.check('every blob opens', opened and not broken, f'{opened} blobs, {broken} of them closed')
        count.check('it serves again at once', slowest < 10, f'at most {slowest:.2f} s')
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return count.close()


if __name__ == '__main__':
    sys.exit(main())
