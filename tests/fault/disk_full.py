#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""disk_full.py OILSKIN: a small disk is filled by parallel uploads. What was acknowledged is there, uploads that have
their lease finish, the rest get a clear answer, and go on once there is room again. A photo in several segments that is
submitted when there is no room for its scrubbed copy is neither lost nor kept as it came. Needs to mount a tmpfs."""
import json
import pathlib
import random
import shutil
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

DISK = 128 << 20
UPLOAD = 6 << 20
UPLOADS = 40


class Sender(threading.Thread):
    def __init__(self, address, seed):
        super().__init__(daemon=True)
        self.address = address
        self.body = random.Random(seed).randbytes(UPLOAD)
        self.path, self.acknowledged, self.status, self.said = None, 0, None, b''
        self.began = False

    def run(self):
        one = wire.Wire(self.address, timeout=60)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                if self.step(one):
                    return
            except wire.Gone as fault:
                self.status, self.said = 0, str(fault).encode()
                return
        self.status = self.status or 503

    def step(self, one):
        """True when it is over: all is there, or the answer says that there is no room."""
        if self.path is None:
            answer = one.ask('POST', '/uploads/', senders.creation(UPLOAD, attach='yes'), b'')
            if answer.status == 201:
                self.path = senders.urllib.parse.urlsplit(answer.header('location')).path
                return False
            return self.over(answer)
        answer = one.ask('PATCH', self.path, {**senders.PATCH, 'Upload-Offset': str(self.acknowledged)},
                         self.body[self.acknowledged:])
        if answer.status == 204:
            self.acknowledged, self.status = int(answer.header('upload-offset')), 204
            return self.acknowledged == UPLOAD
        return self.over(answer)

    def over(self, answer):
        self.status, self.said = answer.status, answer.body
        if answer.status == 503 and b'room' not in answer.body:
            time.sleep(senders.pause_of(answer, 2))
            return False
        return True

    def reread(self):
        """What the server says of it now."""
        answer = wire.Wire(self.address).ask('HEAD', self.path, {'Tus-Resumable': '1.0.0'})
        return int(answer.header('upload-offset') or -1)


def send_all(all_of_them):
    for one in all_of_them:
        one.start()
    for one in all_of_them:
        one.join(120)


def look(oilskin, folder, data, ones, promise, count):
    identity, _ = rig.make_identity(oilskin, folder)
    index = sealed.Index(sealed.plaintexts(oilskin, identity, data))
    lost = [one for one in ones if not sealed.holds(index, one.body[:one.acknowledged])]
    count.check(promise, not lost, f'{sum(one.acknowledged for one in ones) >> 20} MiB acknowledged, {len(lost)} lost')


def fill(count, oilskin, folder, disk):
    data, ballast = disk / 'data', disk / 'ballast'
    with open(ballast, 'wb') as file:
        file.truncate(0)
        file.write(bytes(48 << 20))
    server, address = rig.start_server(oilskin, folder, data=data)
    try:
        ones = [Sender(address, i) for i in range(UPLOADS)]
        send_all(ones)
        done = [one for one in ones if one.acknowledged == UPLOAD]
        full = [one for one in ones if one.acknowledged < UPLOAD]
        count.check('a disk is filled', 3 <= len(done) < UPLOADS, f'{len(done)} of {UPLOADS} fit')
        count.check('what does not fit gets a clear answer', all(
            one.status in (413, 503, 507) and b'room' in one.said for one in full),
            str(sorted({(one.status, one.path is None, one.said[:60]) for one in full})[:4]))
        count.check('no upload that got its lease is cut off', all(one.acknowledged == 0 for one in full),
                    str([one.acknowledged for one in full if one.acknowledged]))
        count.check('offsets stay', all(one.reread() >= one.acknowledged for one in ones if one.path))
        look(oilskin, folder, data, ones, 'no false 2xx: what was acknowledged on a full disk is there', count)
        count.check('the server is still there', server.poll() is None)
        ballast.unlink()
        again = [one for one in full if one.path][:5] or full[:5]
        fresh = []
        for old in again:
            one = Sender(address, ones.index(old))
            one.path, one.acknowledged = old.path, old.acknowledged
            fresh.append(one)
        send_all(fresh)
        count.check('they go on once there is room', fresh and all(one.acknowledged == UPLOAD for one in fresh),
                    str({(one.status, one.said[:60]) for one in fresh}))
        look(oilskin, folder, data, fresh + done, 'and are there to their last byte', count)
    finally:
        rig.stop(server)


def send_pieces(one, photo, count):
    """A whole upload that waits to be submitted, in `count` requests; returns its path."""
    path, _ = senders.create(one, len(photo), attach='yes')
    step = len(photo) // count + 1
    for at in range(0, len(photo), step):
        answer = one.ask('PATCH', path, {**senders.PATCH, 'Upload-Offset': str(at)}, photo[at:at + step])
        if answer.status != 204:
            raise senders.Refused(f'patch: {answer.status} {answer.body[:200]!r}')
    return path


def leave_free(disk, ballast, length):
    free = shutil.disk_usage(disk).free
    with open(ballast, 'ab') as file:
        file.write(bytes(max(0, free - length)))


def submit_when_full(count, oilskin, folder, disk):
    data, ballast = disk / 'submitted', disk / 'ballast'
    photo = rig.picture(folder, 'photo.jpg', 6 << 20)
    server, address = rig.start_server(oilskin, folder, data=data)
    try:
        one = wire.Wire(address, timeout=60)
        path = send_pieces(one, photo, 3)
        body = json.dumps({'uploads': [path]}).encode()
        before = len(sealed.blobs(data))
        # Behind the 16 MiB that are kept for words: room for the copy, and not for the joined segments, too.
        leave_free(disk, ballast, 26 << 20)

        def ask():
            return wire.Wire(address, timeout=60).ask('POST', '/api/submissions', {'Content-Type': 'application/json'}, body)
        answer = one.ask('POST', '/uploads/', senders.creation(len(photo), attach='yes'), b'')
        count.check('an upload that could not be scrubbed then is refused before its first byte', answer.status == 507,
                    f'{answer.status} {answer.body[:120]!r}')
        answer = one.ask('POST', '/uploads/', senders.creation(len(photo), attach='yes', kind='original'), b'')
        count.check('an original, for which there is room, is not', answer.status == 201, f'{answer.status} {answer.body[:120]!r}')
        answer = ask()
        count.check('a scrub without room is not begun, and its sender hears so', answer.status == 507 and b'room' in answer.body,
                    f'{answer.status} {answer.body[:120]!r}')
        count.check('what came stays as it is', len(sealed.blobs(data)) == before, f'{before} {len(sealed.blobs(data))}')
        ballast.unlink()
        answer = ask()
        count.check('with room it is scrubbed', answer.status == 200 and b'"scrubbed"' in answer.body,
                    f'{answer.status} {answer.body[:200]!r}')
        identity, _ = rig.make_identity(oilskin, folder)
        texts = sealed.plaintexts(oilskin, identity, data)
        count.check('nothing of the original is left', texts and all(text and b'Exif' not in text for text in texts))
    finally:
        rig.stop(server)


def main():
    oilskin, count = sys.argv[1], rig.Count()
    folder = pathlib.Path(tempfile.mkdtemp(prefix='oilskin-full-', dir='/var/tmp'))
    disk = folder / 'disk'
    disk.mkdir()
    if subprocess.run(['mount', '-t', 'tmpfs', '-o', f'size={DISK}', 'tmpfs', str(disk)], capture_output=True).returncode:
        print('# SKIPPED: a tmpfs can be mounted by root only')
        count.skipped += 1
        shutil.rmtree(folder)
        return count.close()
    try:
        fill(count, oilskin, folder, disk)
        shutil.rmtree(disk / 'data')
        submit_when_full(count, oilskin, folder, disk)
    finally:
        subprocess.run(['umount', '-l', str(disk)], check=False)
        shutil.rmtree(folder, ignore_errors=True)
    return count.close()


if __name__ == '__main__':
    sys.exit(main())
