# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways in which a run can fail: nothing half-written, the original untouched, a clear word."""
import os
import resource
import shutil
import signal
import struct
import subprocess
import tempfile
import time

import harness
import media
from harness import Skip, has, lacks, new_names, read, run, state, write

NOBODY = 65534


def as_nobody():
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def run_as_nobody(*words, code):
    """The program may lie where only root may go, so that nobody gets a copy of it."""
    program = harness.OILSKIN
    with tempfile.TemporaryDirectory(prefix='oilskin-nobody-') as folder:
        os.chmod(folder, 0o755)
        harness.OILSKIN = shutil.copy(program, folder)
        try:
            return run(*words, code=code, preexec=as_nobody)
        finally:
            harness.OILSKIN = program


def need_root():
    if os.getuid() != 0:
        raise Skip('needs root, to become somebody else')


def test_missing_file():
    ran = run('scrub', 'missing.png', code=7)
    has(ran.err, 'there is no such file', 'What you can do')
    run('inspect', 'missing.png', code=7)
    run('verify', 'missing.png', code=7)


def test_a_folder_without_recursive():
    os.mkdir('in')
    has(run('inspect', 'in', code=7).err, 'this is a folder', '-r')


def test_devices_and_pipes_without_a_writer_do_not_hang():
    os.mkfifo('pipe')
    for command in ('inspect', 'scrub', 'verify'):
        has(run(command, '/dev/null', code=7).err, 'no ordinary file but a device', 'name a picture')
        for words in (('pipe',), ('-',)):
            ran = run(command, *words, code=7)
            has(ran.err, 'nothing came out of this pipe', 'name the picture itself')
            lacks(ran.err, 'empty', "don't share")


def test_an_empty_file_is_called_empty():
    write('empty.jpg', b'')
    for command in ('inspect', 'scrub', 'verify'):
        with open('empty.jpg', 'rb') as file:
            direct = run(command, 'empty.jpg', code=3)
            piped = subprocess.run([harness.OILSKIN, command, '-'], stdin=file, capture_output=True, check=False)
        assert piped.returncode == 3, piped
        for err in (direct.err, piped.stderr.decode()):
            has(err, 'the file is empty', 'get it again from where it came from', "don't share this file")
            lacks(err, 'the end', 'screenshot')


def test_failures_are_no_warnings_about_the_picture():
    """What is no refusal of a file says nothing about what is in the file."""
    media.png('a.png')
    os.mkdir('in')
    write('b.png', 'precious')
    for words in (('a.png', '-o', 'b.png'), ('in',), ('missing.png',), ('a.png', '-o', 'no/b.png'),
                  ('-r', 'a.png', '-d', 'b.png')):
        ran = run('scrub', *words, code=7)
        has(ran.err, 'failed: ', 'What you can do: ')
        lacks(ran.err + ran.out, "don't share")


def test_refusals_leave_no_file():
    media.png('a.png')
    whole = read('a.png')
    for name, data, code in (('text', b'words', 4), ('empty', b'', 3), ('cut', whole[:-20], 3),
                             ('head', whole[:8], 3)):
        write(name, data)
        before = state()
        ran = run('scrub', name, '-o', 'out', code=None)
        assert ran.code in (3, 4), (name, ran)
        if code == 4:
            assert ran.code == 4
        has(ran.err, "don't share this file", 'What you can do')
        run('scrub', name, code=ran.code)
        run('scrub', name, '-d', '.', code=ran.code)
        assert state() == before, name


def test_cut_at_every_byte_leaves_no_file_and_says_where():
    media.png('a.png', side=4)
    whole = read('a.png')
    before = None
    for length in range(0, len(whole), 1 if harness.LONG else 7):
        write('cut.png', whole[:length])
        before = before or set(state())
        ran = run('scrub', 'cut.png', '-o', 'out.png', code=None)
        assert ran.code in (3, 4), (length, ran)
        assert set(state()) == before


def test_no_right_to_read():
    need_root()
    media.png('a.png')
    os.chmod('a.png', 0o600)
    os.chmod('.', 0o777)
    ran = run_as_nobody('scrub', 'a.png', code=7)
    has(ran.err, 'no right to read')
    assert list(state()) == ['a.png']


def test_no_right_to_write():
    need_root()
    media.png('a.png')
    os.chmod('a.png', 0o644)
    os.chmod('.', 0o755)
    ran = run_as_nobody('scrub', 'a.png', code=7)
    has(ran.err, 'no right to write', '-d')
    assert list(state()) == ['a.png']


def test_in_place_keeps_the_owner():
    need_root()
    media.png('a.png')
    os.chown('a.png', NOBODY, NOBODY)
    run('scrub', '--in-place', '-y', 'a.png')
    info = os.stat('a.png')
    assert (info.st_uid, info.st_gid) == (NOBODY, NOBODY)


class SmallDisk:
    """A file system that is soon full, or cannot be written."""

    def __init__(self, options):
        self.options = options

    def __enter__(self):
        need_root()
        self.path = tempfile.mkdtemp()
        if subprocess.run(['mount', '-t', 'tmpfs', '-o', self.options, 'tmpfs', self.path], capture_output=True,
                          check=False).returncode != 0:
            os.rmdir(self.path)
            raise Skip('needs the right to mount a small file system')
        return self.path

    def __exit__(self, *_):
        subprocess.run(['umount', '-l', self.path], check=True)
        os.rmdir(self.path)


def test_full_disk():
    media.png('a.png', side=600, noise=True)
    before = read('a.png')
    with SmallDisk('size=256k') as disk:
        ran = run('scrub', 'a.png', '-d', disk, code=7)
        has(ran.err, 'the disk is full', 'free some disk space')
        assert os.listdir(disk) == []
        ran = run('scrub', 'a.png', '-d', disk, code=7, env={'OSK_TEST_NO_TMPFILE': '1'})
        assert os.listdir(disk) == []
    assert read('a.png') == before


def test_full_disk_under_a_movie():
    if shutil.which('ffmpeg') is None:
        raise Skip('ffmpeg is not installed')
    media.movie('a.mp4', seconds=5, size='320x240')
    with SmallDisk('size=64k') as disk:
        ran = run('scrub', 'a.mp4', '-d', disk, code=7)
        has(ran.err, 'the disk is full')
        assert os.listdir(disk) == []
        media_folder = {'TMPDIR': disk}
        ran = run('scrub', 'a.mp4', '-o', '-', code=7, env=media_folder)
        assert ran.raw == b''


def test_full_disk_in_place_keeps_the_original():
    with SmallDisk('size=1500k') as disk:
        path = media.png(os.path.join(disk, 'a.png'), side=600, noise=True)
        before = read(path)
        run('scrub', '--in-place', '-y', path, code=7)
        assert read(path) == before and os.listdir(disk) == ['a.png']


def test_disk_that_can_only_be_read():
    media.png('a.png')
    with SmallDisk('size=64k,ro') as disk:
        has(run('scrub', 'a.png', '-d', disk, code=7).err, 'can only be read')


def test_file_size_limit():
    media.png('a.png', side=600, noise=True)
    before = state()

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    has(run('scrub', 'a.png', '-o', 'b.png', code=7, preexec=limit).err, 'cannot hold a file of this size')
    assert state() == before


def test_full_standard_output_is_an_error():
    media.png('a.png')
    with open('/dev/full', 'wb') as full:
        run('inspect', 'a.png', stdout=full, code=7)
        ran = run('scrub', 'a.png', '-o', '-', stdout=full, code=7)
        has(ran.err, 'the disk is full')


def test_without_unnamed_files_the_copy_is_the_same():
    media.png('a.png')
    run('scrub', 'a.png', '-o', 'b.png')
    run('scrub', 'a.png', '-o', 'c.png', env={'OSK_TEST_NO_TMPFILE': '1'})
    assert read('b.png') == read('c.png') and sorted(state()) == ['a.png', 'b.png', 'c.png']
    run('scrub', 'a.png', '-o', 'c.png', code=7, env={'OSK_TEST_NO_TMPFILE': '1'})
    run('scrub', 'a.png', '-o', 'c.png', '--force', env={'OSK_TEST_NO_TMPFILE': '1'})
    run('scrub', 'a.png', '--in-place', '-y', env={'OSK_TEST_NO_TMPFILE': '1'})
    assert sorted(state()) == ['a.png', 'b.png', 'c.png'] and read('a.png') == read('b.png')


def kill_in_the_middle(number, env=None):
    """Ends a scrub at many moments; returns how many were still at work then."""
    media.png('a.png', side=2500, noise=True)
    original = read('a.png')
    before = set(state())
    interrupted = 0
    delay = 0.0
    for _ in range(40 if harness.LONG else 14):
        process = subprocess.Popen([harness.OILSKIN, 'scrub', 'a.png', '-o', 'out.png'], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, env={**os.environ, **(env or {})},
                                   preexec_fn=lambda: number == signal.SIGKILL or signal.signal(number, signal.SIG_DFL))
        time.sleep(delay)
        process.send_signal(number)
        code = process.wait()
        assert read('a.png') == original
        if code == 0:
            delay = 0.0
        else:
            interrupted += 1
            assert code == -number, code
        delay += 0.012
        names = set(state()) - before
        if names:
            # It has a name only when it is whole.
            assert names == {'out.png'}, names
            run('verify', 'out.png')
            os.remove('out.png')
    return interrupted


def test_kill_9_leaves_the_original_and_no_output():
    assert kill_in_the_middle(signal.SIGKILL) > 3


def test_ctrl_c_leaves_no_temporary_name():
    assert kill_in_the_middle(signal.SIGINT, {'OSK_TEST_NO_TMPFILE': '1'}) > 3


def test_a_file_that_grows_while_it_is_read():
    change_while_reading(lambda: append_bytes('a.png', b'more'))


def test_a_file_that_is_cut_while_it_is_read():
    change_while_reading(lambda: os.truncate('a.png', 1000))


def test_a_file_that_is_rewritten_while_it_is_read():
    change_while_reading(lambda: poke('a.png', 5000))


def append_bytes(path, data):
    with open(path, 'ab') as file:
        file.write(data)


def poke(path, offset):
    with open(path, 'r+b') as file:
        file.seek(offset)
        file.write(b'\xAA')


def change_while_reading(change):
    """Stops the program between reading and writing, by a debugger's means: SIGSTOP at many moments."""
    caught = 0
    for attempt in range(1, 25):
        media.png('a.png', side=2200, noise=True)
        time.sleep(0.01)
        process = subprocess.Popen([harness.OILSKIN, 'scrub', 'a.png', '-o', 'out.png'], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        time.sleep(0.004 * attempt)
        process.send_signal(signal.SIGSTOP)
        running = process.poll() is None and not os.path.exists('out.png')
        change()
        process.send_signal(signal.SIGCONT)
        _, err = process.communicate()
        if running and process.returncode == 7:
            has(err, 'the file changed while it was read')
            assert not os.path.exists('out.png')
            caught += 1
            if caught == 2:
                return
        elif os.path.exists('out.png'):
            os.remove('out.png')
    raise AssertionError('no run was caught in the middle')


def test_in_place_does_not_replace_a_newer_file():
    """Another program saves over the original while it is scrubbed."""
    caught = 0
    for attempt in range(1, 25):
        media.png('a.png', side=2200, noise=True)
        write('new', 'newer work')
        process = subprocess.Popen([harness.OILSKIN, 'scrub', '--in-place', '-y', 'a.png'], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        time.sleep(0.004 * attempt)
        process.send_signal(signal.SIGSTOP)
        os.replace('new', 'a.png')
        process.send_signal(signal.SIGCONT)
        process.communicate()
        assert read('a.png') == b'newer work' or process.returncode != 0, process.returncode
        if process.returncode == 7:
            assert read('a.png') == b'newer work'
            caught += 1
            if caught == 2:
                return
    raise AssertionError('no run was caught in the middle')


def test_a_closed_standard_output_does_not_end_up_in_a_file():
    """Whoever starts without a stream gives its number to the next file that is opened."""
    # Enough of them that what is said does not wait in a buffer until the end.
    names = [f'{index:03}-{"x" * 150}.png' for index in range(60)]
    for name in names:
        media.png(name)
    for streams in ((1,), (1, 2), (0, 1, 2)):
        shutil.rmtree('out', ignore_errors=True)
        subprocess.run([harness.OILSKIN, 'scrub', *names, '-d', 'out', '--map', 'list.tsv'], check=False, timeout=60,
                       preexec_fn=lambda: [os.close(fd) for fd in streams], stderr=subprocess.DEVNULL)
        lines = read('list.tsv').decode().splitlines()
        assert [line.split('\t')[0] for line in lines[1:]] == names, (streams, lines[:20])
        assert len({read('out/' + name) for name in os.listdir('out')}) == 1
        os.remove('list.tsv')


def test_rights_that_a_folder_hands_down_do_not_reach_a_copy():
    media.png('a.png')
    os.mkdir('out')
    # Version 2: owner rwx, user 65534 rw-, group r-x, mask rwx, others ---.
    rights = struct.pack('<I', 2) + b''.join(struct.pack('<HHI', tag, bits, who) for tag, bits, who in (
        (1, 7, 2**32 - 1), (2, 6, NOBODY), (4, 5, 2**32 - 1), (16, 7, 2**32 - 1), (32, 0, 2**32 - 1)))
    try:
        os.setxattr('out', 'system.posix_acl_default', rights)
    except OSError as error:
        raise Skip('this file system has no lists of rights') from error
    run('scrub', 'a.png', '-d', 'out')
    run('scrub', 'a.png', '-d', 'out', env={'OSK_TEST_NO_TMPFILE': '1'})
    for name in os.listdir('out'):
        assert os.listxattr('out/' + name) == [], os.listxattr('out/' + name)
        assert os.stat('out/' + name).st_mode & 0o777 == 0o600


def test_ends_when_the_reader_of_its_output_goes_away():
    media.png('a.png')
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, 'wb') as pipe:
        run('inspect', 'a.png', stdout=pipe, code=7)


def test_faults_and_json_name_no_more_of_a_file_than_needed():
    write('words.txt', media.SECRET * 50)
    ran = run('scrub', 'words.txt', code=4)
    lacks(ran.err + ran.out, 'Greta')
