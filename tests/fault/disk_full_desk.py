#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""disk_full_desk.py OILSKIN PAGES: the desk on a disk without a free byte. What must not be seen goes all the same: a
reviewer comes in, hides, withdraws, and ends links. Needs to mount a tmpfs."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / 'serve')]
import desk_rig  # noqa: E402
import published_rows as public  # noqa: E402
import tap  # noqa: E402

DISK = 64 << 20
# store/spare.c has it
SPARE = 8 << 20
PUBLISH = '\n[publish]\nalbums = yes\nlinks = yes\n'


def fill(path):
    """To the last byte."""
    with open(path, 'ab', buffering=0) as file:
        step = 1 << 20
        while step:
            try:
                if file.write(bytes(step)) < step:
                    step //= 2
            except OSError:
                step //= 2
    return os.path.getsize(path)


def keep_spare(drop, ballast):
    """What the server keeps free for such a day, and makes again at its next care once there is room."""
    spare = os.path.join(drop.data, 'spare')
    if not os.path.exists(spare):
        os.truncate(ballast, os.path.getsize(ballast) - 2 * SPARE)
        with open(spare, 'wb') as file:
            file.write(bytes(SPARE))
    return spare


def fill_log(page, album):
    """Until nothing more gets in: the log of the rows has some room of its own, which ends."""
    for length in (2000, 1):
        for _ in range(2000):
            change = {'album': album['album'], 'version': album['version'], 'description': 'x' * length}
            try:
                album = page.post('/api/albums', change)
            except AssertionError as refusal:
                assert ': 507 ' in str(refusal), refusal
                break
        else:
            raise AssertionError('the disk is not full')
    return album


def state(drop, publication):
    with public.rows(drop.data) as database:
        return database.execute('SELECT flags FROM records WHERE space=? AND id=?',
                                (public.PUBLICATION, bytes.fromhex(publication))).fetchone()[0]


def test_on_a_full_disk_what_must_go_is_hidden_withdrawn_and_ended():
    with desk_rig.opened(PUBLISH) as drop:
        page = desk_rig.come_in(drop)
        hidden, withdrawn, kept = (public.add_publication(drop.data, copy=b'x' * 100) for _ in range(3))
        album = page.post('/api/albums', {'title': 'March', 'language': 'en'})['album']
        share = page.post('/api/shares', {'publication': hidden})['address']
        other = page.post('/api/albums', {'title': 'April', 'language': 'en'})
        ballast = os.path.join(desk_rig.FOLDER, 'ballast')
        assert fill(ballast) > SPARE
        again = desk_rig.Page(page.port)
        # Each on a disk that is full anew: the first would make room for the rest.
        for path, deed in (
                ('/api/login', {'name': 'anna', 'passphrase': desk_rig.PASSPHRASE}),
                ('/api/publications/change', {'publication': hidden, 'state': 'hide'}),
                ('/api/publications/change', {'publication': withdrawn, 'state': 'withdraw'}),
                ('/api/albums', {'album': album, 'state': 'hidden'}),
                ('/api/shares/end', {'address': share})):
            spare = keep_spare(drop, ballast)
            fill(ballast)
            other = fill_log(page, other)
            assert os.path.exists(spare), path
            again.post(path, deed)
            assert not os.path.exists(spare), f'{path} needed no room: the disk was not full'
        assert [state(drop, one) for one in (hidden, withdrawn, kept)] == [public.HIDDEN, public.WITHDRAWN, public.UNLISTED]
        assert [one['state'] for one in again.get('/api/albums')['albums'] if one['album'] == album] == ['hidden']
        assert drop.ask('/s/' + share.rsplit('/', 1)[1])[0] == 404


def main():
    folder = tempfile.mkdtemp(prefix='oilskin-full-', dir='/var/tmp')
    if subprocess.run(['mount', '-t', 'tmpfs', '-o', f'size={DISK}', 'tmpfs', folder], capture_output=True).returncode:
        print('# SKIPPED: a tmpfs can be mounted by root only\n0 passed, 0 failed, 1 skipped')
        shutil.rmtree(folder)
        return 0
    shutil.rmtree(desk_rig.FOLDER)
    desk_rig.FOLDER = folder
    try:
        return tap.run(globals())
    finally:
        subprocess.run(['umount', '-l', folder], check=False)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == '__main__':
    sys.exit(main())
