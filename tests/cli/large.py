# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures too large for a small computer's memory: what they cost, and that nothing else about them is different."""
import os
import resource
import signal
import subprocess
import time

import harness
import media
from harness import has, read, run, state

MEMORY_MOST_KIB = 64 << 10
GPS = (b'\xff\xe1\0\x3eExif\0\0MM\0*\0\0\0\x08\0\x01\x88\x25\0\4\0\0\0\1\0\0\0\x1a\0\0\0\0'
       b'\0\1\0\1\0\2\0\0\0\2N\0\0\0\0\0\0\0' + bytes(10))
HIDDEN = b'\xff\xfe\0\x1c' + media.SECRET.encode()
REGIONS = ('--region', 'rect:300,500,900,700', '--region', 'ellipse:2000,2100,800,900:fill#ffffff')


def own_memory(pid):
    """What a process and its children hold of their own: anonymous pages and shared ones of no file."""
    held = 0
    try:
        with open(f'/proc/{pid}/status', encoding='ascii') as file:
            held = sum(int(line.split()[1]) for line in file if line.startswith(('RssAnon', 'RssShmem')))
        with open(f'/proc/{pid}/task/{pid}/children', encoding='ascii') as file:
            held += sum(own_memory(child) for child in file.read().split())
    except OSError:
        pass
    return held


def peak_of(*words):
    process = subprocess.Popen([harness.OILSKIN, *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    peak = 0
    while process.poll() is None:
        peak = max(peak, own_memory(process.pid))
        time.sleep(0.005)
    err = process.stderr.read().decode()
    process.stderr.close()
    assert process.returncode == 0, err
    return peak


def test_a_dense_jpeg_of_200_megapixels_takes_64_mebibytes():
    media.dense_jpeg('dense.jpg', 14000, 896, lead=HIDDEN)
    assert os.path.getsize('dense.jpg') > 120e6
    for words in (['scrub'], ['redact', '--region', 'rect:3000,3000,2000,2000:blur'],
                  ['redact', '--region', 'rect:3000,3000,600,600', '--invert', '--style', 'mosaic'],
                  ['redact', '--crop', '100,100,13000,14000', '--region', 'ellipse:3000,3000,9000,9000:mosaic']):
        peak = peak_of(*words, 'dense.jpg', '-o', 'out.jpg')
        assert peak <= MEMORY_MOST_KIB, f'{words}: {peak / 1024:.1f} MiB'
        run('verify', 'out.jpg')
        os.remove('out.jpg')


def test_a_large_picture_becomes_what_it_becomes_in_memory():
    """Through a pipe it is in memory. Without chance the copies are one, whatever has to move in front of them."""
    for restart, tail in ((False, b'\xff\xd8' + os.urandom(50000)), (True, b'')):
        media.dense_jpeg('large.jpg', 4000, 1024, restart, GPS + HIDDEN, tail)
        assert 24 << 20 < os.path.getsize('large.jpg') < 64 << 20
        before = read('large.jpg')
        for words in (['scrub'], ['redact', *REGIONS], ['redact', '--crop', '200,300,2500,9000', *REGIONS]):
            run(*words, 'large.jpg', '-o', 'file.jpg')
            with open('piped.jpg', 'wb') as out:
                piped = subprocess.run([harness.OILSKIN, *words, '-'], input=before, stdout=out,
                                       stderr=subprocess.PIPE, check=False)
            assert piped.returncode == 0, piped
            with open('streamed.jpg', 'wb') as out:
                run(*words, 'large.jpg', '-o', '-', stdout=out)
            copy = read('file.jpg')
            assert copy == read('piped.jpg') == read('streamed.jpg'), words
            assert media.SECRET.encode() not in copy and b'Exif' not in copy
            run('verify', 'file.jpg')
            os.remove('file.jpg')
        assert read('large.jpg') == before


def test_a_large_picture_in_place():
    media.dense_jpeg('large.jpg', 4000, 512, False, HIDDEN)
    run('scrub', '--in-place', '--yes', 'large.jpg')
    assert media.SECRET.encode() not in read('large.jpg')
    assert os.listdir('.') == ['large.jpg']


def change_while_it_is_read(change, *words):
    """Starts, and changes the file as soon as it is looked at; `change` is told whether the run goes on."""
    media.dense_jpeg('large.jpg', 6000, 1024, False, HIDDEN)
    process = subprocess.Popen([harness.OILSKIN, *words, '-d', 'out'], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    while process.poll() is None:
        try:
            with open(f'/proc/{process.pid}/maps', encoding='ascii') as maps:
                if 'large.jpg' in maps.read():
                    break
        except OSError:
            pass
    change(lambda: process.poll() is None)
    said = process.communicate(timeout=60)[0].decode()
    assert process.returncode == 7, (process.returncode, said)
    has(said, 'the file changed while it was read', 'What you can do')


def cut_while_it_is_read(*words):
    change_while_it_is_read(lambda _goes_on: os.truncate('large.jpg', 3 << 20), *words)


def write_all_over(goes_on):
    """Under the mapping, again and again: lengths of segments, a comment, what was decoded already."""
    size = os.path.getsize('large.jpg')
    with open('large.jpg', 'r+b', buffering=0) as file:
        while True:
            for place, what in ((2, os.urandom(4)), (600, os.urandom(20)), (size // 3, HIDDEN), (size // 2, HIDDEN),
                                (size - 4096, HIDDEN), (size - 2, b'\xff\xd8')):
                file.seek(place)
                file.write(what)
            if not goes_on():
                return


def test_a_large_picture_that_is_written_meanwhile_becomes_nothing():
    for words in (['scrub'], ['redact', *REGIONS]):
        change_while_it_is_read(write_all_over, *words, 'large.jpg')
        assert os.listdir('out') == [], words


def test_a_large_picture_that_others_may_write_is_the_same():
    """It is taken into memory instead."""
    media.dense_jpeg('large.jpg', 4000, 512, False, HIDDEN)
    run('scrub', 'large.jpg', '-o', 'own.jpg')
    os.chmod('large.jpg', 0o664)
    run('scrub', 'large.jpg', '-o', 'shared.jpg')
    assert read('own.jpg') == read('shared.jpg')


def test_a_large_picture_that_is_cut_meanwhile_ends_alone():
    """No signal ends the run, no copy appears, and the other file is done."""
    media.png('other.png')
    cut_while_it_is_read('redact', '--region', 'rect:0,0,30,30', 'large.jpg')
    assert os.listdir('out') == []
    cut_while_it_is_read('scrub', '-j', '1', 'large.jpg', 'other.png')
    assert [read(os.path.join('out', name))[:4] for name in os.listdir('out')] == [b'\x89PNG']


def test_a_full_disk_leaves_nothing_of_a_large_picture():
    media.dense_jpeg('large.jpg', 4000, 512, False, HIDDEN)
    before = state()

    def small():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (8 << 20, 8 << 20))

    for tmpfile in ({}, {'OSK_TEST_NO_TMPFILE': '1'}):
        for words in (['scrub'], ['redact', *REGIONS]):
            ran = run(*words, 'large.jpg', '-o', 'out.jpg', code=7, preexec=small, env=tmpfile)
            has(ran.err, 'What you can do')
            assert state() == before


def test_a_killed_run_leaves_nothing_of_a_large_picture():
    media.dense_jpeg('large.jpg', 6000, 1024, False, HIDDEN)
    for wait in (0.05, 0.3, 0.6):
        process = subprocess.Popen([harness.OILSKIN, 'redact', *REGIONS, 'large.jpg', '-o', 'out.jpg'],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(wait)
        process.kill()
        process.wait()
        if process.returncode != 0:
            assert os.listdir('.') == ['large.jpg'], os.listdir('.')
        else:
            os.remove('out.jpg')


def test_without_unnamed_files_a_large_picture_has_no_name_before_it_is_proven():
    """Kills at moments that are shares of the time a run takes: what was not proven yet is gone with it."""
    media.dense_jpeg('large.jpg', 6000, 1024, False, HIDDEN)
    words = [harness.OILSKIN, 'redact', *REGIONS, 'large.jpg', '-o', 'out.jpg']
    env = {**os.environ, 'OSK_TEST_NO_TMPFILE': '1'}
    began = time.monotonic()
    subprocess.run(words, env=env, stdout=subprocess.DEVNULL, check=True)
    whole = time.monotonic() - began
    copy = read('out.jpg')
    os.remove('out.jpg')
    killed = 0
    for share in (0.1, 0.2, 0.3, 0.4, 0.5):
        process = subprocess.Popen(words, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(whole * share)
        process.kill()
        if process.wait() != 0:
            killed += 1
            assert os.listdir('.') == ['large.jpg'], (share, os.listdir('.'))
        else:
            os.remove('out.jpg')
    assert killed > 2
    run('redact', *REGIONS, 'large.jpg', '-o', 'out.jpg')
    assert read('out.jpg') == copy
