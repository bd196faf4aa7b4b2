# SPDX-License-Identifier: GPL-3.0-or-later
"""Every option of `oilskin scrub`, and what its copies are like."""
import os
import re
import shutil
import stat
import subprocess

import media
from harness import NOTHING_LEFT, Skip, has, lacks, new_names, read, run, state, write

NEUTRAL_TIME = 315532800  # 1980-01-01 00:00 UTC


def check_clean(path):
    assert media.SECRET.encode() not in read(path)
    run('verify', path)


def test_default_is_a_neutrally_named_copy_beside_the_original():
    os.mkdir('photos')
    media.png('photos/IMG_2041.png')
    before = state()
    run('scrub', 'photos/IMG_2041.png')
    names = new_names(before)
    assert len(names) == 1 and re.fullmatch(r'photos/[a-z2-9]{12}\.png', names[0]), names
    check_clean(names[0])
    assert read('photos/IMG_2041.png') == before['photos/IMG_2041.png']


def test_random_names_differ():
    media.png('a.png')
    for _ in range(3):
        run('scrub', 'a.png')
    assert len(state()) == 4


def test_output_o():
    media.png('a.png')
    run('scrub', 'a.png', '-o', 'b.png')
    check_clean('b.png')


def test_output_o_takes_one_file():
    media.png('a.png')
    media.png('b.png')
    has(run('scrub', 'a.png', 'b.png', '-o', 'c.png', code=2).err, '-d DIR')
    assert not os.path.exists('c.png')


def test_output_o_into_a_folder_or_onto_the_original_is_refused():
    media.png('a.png')
    os.mkdir('out')
    has(run('scrub', 'a.png', '-o', 'out', code=7).err, '-d FOLDER')
    os.link('a.png', 'same.png')
    has(run('scrub', 'a.png', '-o', 'same.png', '--force', code=2).err, '--in-place')
    assert media.SECRET.encode() in read('a.png')


def test_output_d_makes_the_folder():
    media.png('a.png')
    run('scrub', 'a.png', '-d', 'new/deep')
    names = os.listdir('new/deep')
    assert len(names) == 1 and re.fullmatch(r'[a-z2-9]{12}\.png', names[0])
    assert stat.S_IMODE(os.stat('new').st_mode) == 0o700
    check_clean('new/deep/' + names[0])


def test_name_number_follows_the_order_of_the_files():
    for index in range(6):
        media.png(f'{index}.png', side=8 + index)
    run('scrub', *(f'{i}.png' for i in range(6)), '-d', 'out', '--name=number', '-j', '4')
    assert sorted(os.listdir('out')) == [f'000{i}.png' for i in range(1, 7)]
    for index in range(6):
        width = int.from_bytes(read(f'out/000{index + 1}.png')[16:20], 'big')
        assert width == 8 + index, (index, width)


def test_name_number_goes_on_where_an_earlier_run_ended():
    media.png('a.png')
    for _ in range(3):
        run('scrub', 'a.png', '-d', 'out', '--name=number')
    assert sorted(os.listdir('out')) == ['0001.png', '0002.png', '0003.png']


def test_name_keep_needs_a_folder_and_mirrors_it():
    os.makedirs('in/day 1')
    media.png('in/day 1/a.png')
    media.png('in/a.png')
    run('scrub', '-r', 'in', '--name=keep', code=2)
    run('scrub', '-r', 'in', '--name=keep', '-d', 'out')
    assert sorted(state('out')) == ['a.png', 'day 1', 'day 1/a.png']


def test_name_wants_a_word_that_it_knows():
    media.png('a.png')
    has(run('scrub', 'a.png', '--name=nice', code=2).err, 'random, number or keep')
    run('scrub', 'a.png', '--name=random', '-o', 'b.png', code=2)


def test_existing_copies_are_kept_without_force():
    media.png('a.png')
    write('b.png', 'precious')
    ran = run('scrub', 'a.png', '-o', 'b.png', code=7)
    has(ran.err, 'exists already', '--force')
    assert read('b.png') == b'precious'
    run('scrub', 'a.png', '-o', 'b.png', '--force')
    check_clean('b.png')


def test_existing_copies_are_kept_in_folders_too():
    media.png('a.png')
    os.mkdir('out')
    write('out/a.png', 'precious')
    run('scrub', 'a.png', '-d', 'out', '--name=keep', code=7)
    assert read('out/a.png') == b'precious'
    run('scrub', 'a.png', '-d', 'out', '--name=keep', '--force')
    check_clean('out/a.png')


def test_force_replaces_a_link_and_not_what_it_points_to():
    media.png('a.png')
    write('precious', 'precious')
    os.symlink('precious', 'b.png')
    run('scrub', 'a.png', '-o', 'b.png', '--force')
    assert read('precious') == b'precious' and not os.path.islink('b.png')


def test_in_place_with_yes():
    media.png('a.png')
    ran = run('scrub', '--in-place', '--yes', 'a.png')
    has(ran.err, 'evidence', 'lost for good')
    has(ran.out, 'a.png was replaced', NOTHING_LEFT)
    lacks(ran.out, 'still reveals')
    check_clean('a.png')
    assert list(state()) == ['a.png']


def test_in_place_without_a_terminal_needs_yes():
    media.png('a.png')
    before = state()
    has(run('scrub', '--in-place', 'a.png', code=2).err, '--yes')
    assert state() == before


def test_in_place_tells_of_other_names_of_the_same_file():
    media.png('a.png')
    os.link('a.png', 'other.png')
    ran = run('scrub', '--in-place', '-y', 'a.png')
    has(ran.out, '1 other name')
    assert media.SECRET.encode() in read('other.png')
    check_clean('a.png')


def test_in_place_does_not_follow_links():
    media.png('real.png')
    os.symlink('real.png', 'a.png')
    before = read('real.png')
    has(run('scrub', '--in-place', '-y', 'a.png', code=7).err, 'symbolic link')
    assert read('real.png') == before and os.path.islink('a.png')


def test_in_place_of_a_refused_file_changes_nothing():
    write('a.txt', 'words')
    before = state()
    run('scrub', '--in-place', '-y', 'a.txt', code=4)
    assert state() == before


def test_in_place_is_idempotent():
    media.png('a.png')
    run('scrub', '--in-place', '-y', 'a.png')
    once = read('a.png')
    run('scrub', '--in-place', '-y', 'a.png')
    assert read('a.png') == once


def test_targets_exclude_each_other():
    media.png('a.png')
    for words in (('-o', 'b.png', '-d', 'out'), ('-o', 'b.png', '--in-place'), ('-d', 'out', '--in-place')):
        has(run('scrub', 'a.png', *words, code=2).err, 'choose one of')
    assert list(state()) == ['a.png']


def test_map_lists_originals_and_copies_for_the_owner_alone():
    media.png('a.png')
    media.png('tab\tname.png')
    run('scrub', 'a.png', 'tab\tname.png', '-d', 'out', '--map', 'list.tsv')
    rows = [line.split('\t') for line in read('list.tsv').decode().splitlines() if not line.startswith('#')]
    assert [row[0] for row in rows] == ['a.png', 'tab\\tname.png']
    assert all(os.path.exists(row[1]) for row in rows)
    assert stat.S_IMODE(os.stat('list.tsv').st_mode) == 0o600


def test_map_grows_and_never_replaces_another_file():
    media.png('a.png')
    run('scrub', 'a.png', '-d', 'out', '--map', 'list.tsv')
    run('scrub', 'a.png', '-d', 'out', '--map', 'list.tsv')
    assert len(read('list.tsv').splitlines()) == 3
    write('letter.txt', 'dear all')
    ran = run('scrub', 'a.png', '-d', 'other', '--map', 'letter.txt', '--force', code=7)
    has(ran.err, 'no such list', 'choose another name for the list')
    lacks(ran.err, '--force', "don't share")
    has(run('scrub', 'a.png', '-d', 'other', '--map', '/dev/null', code=7).err, 'choose another name for the list')
    lacks(run('scrub', 'a.png', '-d', 'other', '--map', '.', code=7).err, '-d FOLDER', 'copy')
    has(run('scrub', 'a.png', '-d', 'other', '--map', 'no/list', code=7).err, 'make the folder first')
    assert read('letter.txt') == b'dear all' and not os.listdir('other')


def test_map_leaves_out_what_was_refused():
    media.png('a.png')
    write('b.txt', 'words')
    run('scrub', 'a.png', 'b.txt', '-d', 'out', '--map', 'list.tsv', code=4)
    lacks(read('list.tsv').decode(), 'b.txt')


def test_dry_run_writes_nothing():
    media.png('a.png')
    before = state()
    for words in ((), ('-o', 'b.png'), ('-d', 'out'), ('--in-place',), ('-d', 'out', '--map', 'list.tsv')):
        ran = run('scrub', '--dry-run', 'a.png', *words)
        has(ran.out, 'would be removed', media.SECRET, 'IHDR', 'nothing was written')
    assert state() == before


def test_jobs():
    for index in range(12):
        media.png(f'{index:02}.png', side=16)
    ran = run('scrub', '-j', '5', *(f'{i:02}.png' for i in range(12)), '-d', 'out')
    assert len(os.listdir('out')) == 12
    told = re.findall(r'^(\d\d\.png): ', ran.out, re.M)
    assert told == [f'{i:02}.png' for i in range(12)], told
    has(ran.out, '12 files: 12 scrubbed')
    for bad in ('0', '129', '-1', 'x', '2x', ''):
        run('scrub', '-j', bad, '00.png', code=2)


def test_several_files_go_on_and_exit_with_the_highest_status():
    media.png('a.png')
    write('b.txt', 'words')
    write('c.png', read('a.png')[:60])
    media.png('d.png')
    ran = run('scrub', 'a.png', 'b.txt', 'c.png', 'd.png', '-d', 'out', code=4)
    assert len(os.listdir('out')) == 2
    has(ran.out, "4 files: 2 scrubbed, 2 refused: don't share those.")
    run('scrub', 'a.png', 'c.png', '-d', 'out', code=3)
    ran = run('scrub', 'a.png', 'b.txt', 'missing.png', '-d', 'out', code=7)
    has(ran.out, "3 files: 1 scrubbed, 1 refused: don't share that one; 1 failed: the reason stands above.")


def test_recursive_walks_folders_and_follows_no_links():
    os.makedirs('in/deep/er')
    media.png('in/a.png')
    media.png('in/deep/er/b.png')
    os.mkdir('elsewhere')
    media.png('elsewhere/c.png')
    os.symlink('../elsewhere', 'in/link')
    os.symlink('../elsewhere/c.png', 'in/c.png')
    has(run('scrub', 'in', '-d', 'out', code=7).err, 'this is a folder', '-r')
    run('scrub', '-r', 'in', '-d', 'out')
    assert len(os.listdir('out')) == 2
    has(run('inspect', '-r', 'in').out, 'in/a.png', 'in/deep/er/b.png')


def folder_with_outsiders():
    os.makedirs('in/day')
    media.png('in/a.png')
    write('in/notes.txt', 'words\n')
    write('in/.nomedia', b'')
    write('in/day/.DS_Store', b'\0\0\0\1Bud1' + b'\0' * 40)
    write('in/day/._a.png', b'\0\5\x16\7\0\2\0\0Mac OS X        ' + b'\0' * 60)
    write('in/IMG_1.AAE', '<?xml version="1.0"?><plist></plist>')


def test_recursive_leaves_alone_what_is_no_picture():
    folder_with_outsiders()
    before = state('in')
    for words in (('scrub', '-d', 'out'), ('scrub', '--dry-run'), ('scrub', '--in-place', '-y'), ('inspect',)):
        ran = run(*words, '-r', 'in')
        has(ran.out, '5 files are not pictures or videos and were left alone: in/.nomedia, in/IMG_1.AAE, ', ' and 2 more.')
        lacks(ran.out + ran.err, "don't share this", 'refused', 'screenshot', '6 files: 1')
    assert len(os.listdir('out')) == 1
    assert {name: data for name, data in state('in').items() if name != 'a.png'} == {
        name: data for name, data in before.items() if name != 'a.png'}
    files = {file['file']: file for file in run('scrub', '-r', 'in', '-d', 'out', '--json').json['files']}
    assert files['in/notes.txt']['left_alone'] is True and files['in/notes.txt']['exit'] == 0, files
    assert files['in/notes.txt']['status'] == 'unsupported' and 'fault' not in files['in/notes.txt']
    assert 'left_alone' not in files['in/a.png'] and len(files) == 6
    # Who names such a file gets an answer about it, and a broken picture beside them is still one.
    run('scrub', 'in/notes.txt', '-d', 'out', code=4)
    write('in/b.png', read('in/a.png')[:-20])
    has(run('scrub', '-r', 'in', '-d', 'out', code=3).out, "2 files: 1 scrubbed, 1 refused: don't share that one.")


def test_recursive_in_a_folder_without_pictures():
    os.mkdir('in')
    write('in/notes.txt', 'words\n')
    has(run('scrub', '-r', 'in', '-d', 'out').out, 'There are no pictures or videos to scrub.',
        '1 file is not a picture or a video and was left alone: in/notes.txt.')
    has(run('inspect', '-r', 'in').out, 'There are no pictures or videos to read.')


def test_recursive_refuses_what_claims_to_be_a_picture():
    claims = {'old.jpg': b'words', 'none.jpeg': b'', 'film': b'RIFF\x24\0\0\0AVI LIST', 'drawing': b'<?xml?>\n<svg width="1">',
              'layers': b'8BPS\0\1', 'raw': b'FUJIFILMCCD-RAW 0201', 'stream': b'G' + b'\0' * 187 + b'G' + b'\0' * 187,
              'scan.DCM': b'words', 'map': b'P6\n1 1\n255\nabc', 'new': b'\0\0\0\x0cjP  \r\n\x87\n', 'sound.ogv': b'words'}
    for name, data in claims.items():
        os.mkdir('in')
        write('in/' + name, data)
        code = 3 if not data else 4
        for words in (('scrub', '-d', 'out'), ('inspect',), ('verify',)):
            ran = run(*words, '-r', 'in', code=code)
            has(ran.err, 'in/' + name + ': refused', "don't share this file", 'What you can do')
            lacks(ran.out, 'left alone')
        shutil.rmtree('in')


def test_who_vouches_for_a_folder_does_not_pass_over_files():
    folder_with_outsiders()
    run('scrub', '-r', 'in', '--in-place', '-y')
    for words in (('verify',), ('inspect', '--check')):
        ran = run(*words, '-r', 'in', code=4)
        has(ran.out, '5 files are not pictures or videos and were left alone: ', 'Nobody looked into them.', 'take them out')
        file = [f for f in run(*words, '--json', '-r', 'in', code=4).json['files'] if f['file'] == 'in/notes.txt'][0]
        assert file['left_alone'] is True and file['exit'] == 4 and 'take it out' in file['fault']['next'], file


def test_recursive_leaves_out_the_folder_of_the_copies():
    media.png('a.png')
    run('scrub', '-r', '.', '-d', './out')
    run('scrub', '-r', '.', '-d', './out')
    assert len(os.listdir('out')) == 2


def test_recursive_in_an_empty_folder():
    os.mkdir('in')
    has(run('scrub', '-r', 'in', '-d', 'out').out, 'no files')


def test_standard_input_goes_to_standard_output():
    media.png('a.png')
    ran = run('scrub', '-', stdin=read('a.png'))
    write('b.png', ran.raw)
    check_clean('b.png')
    run('scrub', 'a.png', '-o', 'c.png')
    assert ran.raw == read('c.png')
    has(ran.err, 'standard input', NOTHING_LEFT)


def test_standard_input_into_a_file_or_a_folder():
    data = read(media.png('a.png'))
    run('scrub', '-', '-o', 'b.png', stdin=data)
    check_clean('b.png')
    run('scrub', '-', '-d', 'out', stdin=data)
    assert len(os.listdir('out')) == 1
    has(run('inspect', '-', stdin=data).out, media.SECRET)
    run('verify', '-', stdin=data, code=1)


def test_standard_output_of_a_refused_file_is_empty():
    assert run('scrub', '-', stdin=b'no picture', code=4).raw == b''
    media.png('a.png')
    assert run('scrub', '-', stdin=read('a.png')[:-20], code=3).raw == b''


def test_standard_input_as_a_redirected_file():
    media.png('a.png')
    with open('a.png', 'rb') as file:
        shell = subprocess.run([__import__('harness').OILSKIN, 'scrub', '-'], stdin=file, capture_output=True, check=True)
    write('b.png', shell.stdout)
    check_clean('b.png')


def test_output_to_standard_output():
    media.png('a.png')
    ran = run('scrub', 'a.png', '-o', '-')
    write('b.png', ran.raw)
    check_clean('b.png')


def test_standard_input_cannot_be_mixed():
    media.png('a.png')
    run('scrub', '-', 'a.png', stdin=b'', code=2)
    run('scrub', '--in-place', '-', stdin=b'', code=2)
    run('scrub', '-', '-d', 'out', '--name=keep', stdin=b'', code=2)


def test_big_streams_leave_memory():
    # More than the 64 MiB that a stream may hold in memory.
    path = media.png('big.png', side=5200, noise=True)
    assert os.path.getsize(path) > 70 << 20
    ran = run('scrub', '-', stdin=read(path))
    assert len(ran.raw) > 70 << 20 and media.SECRET.encode() not in ran.raw


def test_copies_have_a_neutral_time_and_are_for_the_owner_alone():
    os.umask(0o022)
    media.png('a.png')
    run('scrub', 'a.png', '-o', 'b.png')
    run('scrub', '--in-place', '-y', 'a.png')
    for path in ('a.png', 'b.png'):
        info = os.stat(path)
        assert stat.S_IMODE(info.st_mode) == 0o600, oct(info.st_mode)
        assert info.st_mtime_ns == NEUTRAL_TIME * 10**9, info.st_mtime


def test_copies_have_no_extended_attributes():
    media.png('a.png')
    try:
        os.setxattr('a.png', 'user.xdg.origin.url', b'https://example.org/greta')
    except OSError as error:
        raise Skip('this file system has no extended attributes') from error
    run('scrub', 'a.png', '-o', 'b.png')
    run('scrub', '--in-place', '-y', 'a.png')
    assert os.listxattr('a.png') == [] and os.listxattr('b.png') == []


def test_copies_carry_no_fingerprint_of_ours():
    media.png('a.png')
    run('scrub', 'a.png', '-o', 'b.png')
    assert b'oilskin' not in read('b.png').lower()


def test_scrubbing_twice_gives_the_same_bytes():
    media.png('a.png')
    run('scrub', 'a.png', '-o', 'b.png')
    ran = run('scrub', 'b.png', '-o', 'c.png')
    assert read('b.png') == read('c.png')
    has(ran.out, 'nothing to remove', 'b.png is unchanged.')
    lacks(ran.out, 'still reveals')


def test_icc():
    profile = subprocess.run(['convert', '-list', 'configure'], capture_output=True, check=False)
    if profile.returncode != 0:
        raise Skip('ImageMagick is not installed')
    import zlib
    icc = make_profile()
    media.png('plain.png', secret='')
    head = read('plain.png')
    write('a.png', head[:33] + media.chunk(b'iCCP', b'Greta\0\0' + zlib.compress(icc)) + head[33:])
    run('scrub', 'a.png', '-o', 'rebuilt.png')
    run('scrub', 'a.png', '-o', 'dropped.png', '--icc=drop')
    run('scrub', 'a.png', '-o', 'same.png', '--icc=rebuild')
    assert b'iCCP' in read('rebuilt.png') and b'iCCP' not in read('dropped.png')
    assert read('same.png') == read('rebuilt.png')
    # One that no viewer can use goes, whatever the option; one that we don't know is for the person to decide.
    write('broken.png', head[:33] + media.chunk(b'iCCP', b'Greta\0\0' + zlib.compress(icc[:36] + b'none' + icc[40:]))
          + head[33:])
    for how in 'rebuild', 'keep':
        ran = run('scrub', 'broken.png', '-o', f'{how}-broken.png', f'--icc={how}')
        assert b'iCCP' not in read(f'{how}-broken.png')
        has(ran.out, 'no viewer can use')
        lacks(ran.out, 'and stays')
    write('b.png', head[:33] + media.chunk(b'iCCP', b'Greta\0\0' + zlib.compress(icc[:8] + b'\5' + icc[9:]))
          + head[33:])
    has(run('scrub', 'b.png', '-o', 'x.png', code=4).err, '--icc=drop', '--icc=keep')
    run('scrub', 'b.png', '-o', 'dropped-b.png', '--icc=drop')
    ran = run('scrub', 'b.png', '-o', 'kept.png', '--icc=keep')
    has(ran.out, 'stays because you asked for it with --icc=keep:', 'apart from what stays: ',
        '"oilskin verify" of the copy will name this, too, and exit with 1')
    lacks(ran.out, 'without loss', '--keep-preroll')
    stays = run('scrub', '--json', '--dry-run', 'b.png', '--icc=keep').json['files'][0]['findings']
    assert stays and all(finding['asked'] and finding['stays'] for finding in stays if finding['field'].startswith('icc.')), stays
    assert b'iCCP' in read('kept.png')
    ran = run('verify', 'kept.png', code=1)
    has(ran.out, 'a copy made with --icc=keep has such a profile')
    lacks(ran.out, '--keep-preroll')
    has(run('scrub', 'a.png', '-o', 'x.png', '--icc=some', code=2).err, 'rebuild, drop or keep')


def make_profile():
    """An sRGB-like matrix profile with a name in it (ICC.1:2010, sections 7 and 9)."""
    import struct

    def s15(*numbers):
        return b''.join(struct.pack('>i', round(n * 65536)) for n in numbers)

    def xyz(*numbers):
        return b'XYZ \0\0\0\0' + s15(*numbers)

    name = b'Greta display'
    desc = b'desc\0\0\0\0' + struct.pack('>I', len(name) + 1) + name + b'\0' * (1 + 8 + 3 + 67)
    curve = b'curv\0\0\0\0' + struct.pack('>IH', 1, round(2.2 * 256)) + b'\0\0'
    tags = [(b'desc', desc), (b'cprt', b'text\0\0\0\0Greta\0'), (b'wtpt', xyz(.9642, 1, .8249)),
            (b'rXYZ', xyz(.4361, .2225, .0139)), (b'gXYZ', xyz(.3851, .7169, .0971)), (b'bXYZ', xyz(.1431, .0606, .7141)),
            (b'rTRC', curve), (b'gTRC', curve), (b'bTRC', curve)]
    at = 128 + 4 + 12 * len(tags)
    table, body = struct.pack('>I', len(tags)), b''
    for tag, data in tags:
        table += tag + struct.pack('>II', at + len(body), len(data))
        body += data + b'\0' * (-len(data) % 4)
    head = (b'\0\0\0\0lcms' + b'\x02\x10\0\0' + b'mntrRGB XYZ ' + struct.pack('>6H', 2026, 5, 1, 18, 42, 7) + b'acsp' +
            b'APPL' + b'\0' * 4 + b'GRTA' + b'P7  ' + b'\0' * 12 + s15(.9642, 1, .8249) + b'GRTA' + b'\0' * 44)
    whole = head + table + body
    return struct.pack('>I', len(whole)) + whole[4:]


def need_ffmpeg():
    if shutil.which('ffmpeg') is None or shutil.which('ffprobe') is None:
        raise Skip('ffmpeg is not installed')


def streams_of(path):
    return subprocess.run(['ffprobe', '-v', 'error', '-show_entries', 'stream=codec_type', '-of', 'csv=p=0', path],
                          capture_output=True, text=True, check=True).stdout.split()


def test_movies_go_through_a_file_without_a_name():
    need_ffmpeg()
    media.movie('a.mp4')
    run('scrub', 'a.mp4', '-o', 'b.mp4')
    check_clean('b.mp4')
    assert sorted(streams_of('b.mp4')) == ['audio', 'video']
    ran = run('scrub', '-', stdin=read('a.mp4'))
    assert ran.raw == read('b.mp4')
    run('scrub', 'a.mp4', '-o', '-', code=0)


def test_copies_are_called_what_they_are():
    """The ending follows the brand of the copy: a .mov stays one, what was 3GP or M4V becomes plain MP4."""
    need_ffmpeg()
    for name, ending in (('a.mov', 'mov'), ('a.mp4', 'mp4'), ('a.m4v', 'mp4'), ('a.mkv', 'mkv')):
        media.movie(name)
        for naming in ('random', 'number'):
            run('scrub', name, '-d', 'out', '--name=' + naming)
            [copy] = os.listdir('out')
            assert copy.endswith('.' + ending), (name, copy)
            shutil.rmtree('out')
    for name, ending in (('s.m4a', 'm4a'), ('s.mka', 'mka')):
        subprocess.run(['ffmpeg', '-v', 'error', '-y', '-i', 'a.mp4', '-vn', '-c', 'copy', name], check=True)
        run('scrub', name, '-d', 'out')
        [copy] = os.listdir('out')
        assert copy.endswith('.' + ending), (name, copy)
        shutil.rmtree('out')
    run('scrub', 'a.mov', '-o', 'b.mov')
    assert read('b.mov')[8:12] == b'qt  '


def test_drop_audio():
    need_ffmpeg()
    media.movie('a.mp4')
    run('scrub', 'a.mp4', '-o', 'b.mp4', '--drop-audio')
    assert streams_of('b.mp4') == ['video']
    run('verify', 'b.mp4')


def test_keep_preroll():
    need_ffmpeg()
    media.movie('long.mp4', seconds=6, extra=('-g', '60'))
    # Stream copy from the middle leaves an edit list over frames that are never shown.
    subprocess.run(['ffmpeg', '-v', 'error', '-ss', '4', '-i', 'long.mp4', '-c', 'copy', 'cut.mp4'], check=True)
    ran = run('scrub', 'cut.mp4', '-o', 'b.mp4', code=4)
    has(ran.err, '--keep-preroll')
    assert not os.path.exists('b.mp4')
    ran = run('scrub', 'cut.mp4', '-o', 'b.mp4', '--keep-preroll')
    lacks(ran.out, 'without loss', '--icc')
    has(ran.out, 'stays because you asked for it with --keep-preroll:', 'frames that are not shown', 'apart from what stays: ' + NOTHING_LEFT)
    # Who asks for a second opinion is told of them.
    has(run('verify', 'b.mp4', code=1).out, 'not shown', 'a copy made with --keep-preroll has such frames')


def live_photo(folder, name='IMG_0007', video_name=None, identifier=None):
    os.makedirs(folder, exist_ok=True)
    media.png(f'{folder}/{name}.png')
    subprocess.run(['convert', f'{folder}/{name}.png', f'{folder}/{name}.jpg'], check=True)
    os.remove(f'{folder}/{name}.png')
    key = {'com.apple.quicktime.content.identifier': identifier} if identifier else {'title': 'clip'}
    media.movie(f'{folder}/{video_name or name}.mov', metadata=key)


def test_halves_of_a_live_photo_are_reported_together():
    need_ffmpeg()
    live_photo('in', identifier='6F1C8E5A-0D67-4C9A-B0B4-7D1B9E5F3A21')
    has(run('inspect', '-r', 'in').out, 'in/IMG_0007.jpg and in/IMG_0007.mov belong together',
        'a short video with sound belongs to this picture')
    ran = run('scrub', '-r', 'in', '-d', 'out')
    has(ran.out, 'in/IMG_0007.jpg and in/IMG_0007.mov belong together')
    for name in os.listdir('out'):
        assert b'6F1C8E5A' not in read('out/' + name)
    run('scrub', '-r', 'in', '-d', 'kept', '--name=keep')
    again = run('scrub', '-r', 'in', '-d', 'kept', '--name=keep', code=7)
    has(again.out, 'belong together', 'were there already, and were kept', 'oilskin verify')
    lacks(again.out, 'share neither', "don't share")
    os.truncate('in/IMG_0007.jpg', os.path.getsize('in/IMG_0007.jpg') - 30)
    has(run('scrub', '-r', 'in', '-d', 'other', code=3).out, 'share neither before you know why')
    live_photo('other', video_name='IMG_0008')
    lacks(run('inspect', '-r', 'other').out, 'belong together')
