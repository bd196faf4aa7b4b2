# SPDX-License-Identifier: GPL-3.0-or-later
"""oilskin redact where what was asked does not fit the picture, and where there are many pictures."""
import json
import os
import re
import shutil
import subprocess

import harness
import media
import terminal
from harness import Skip, has, lacks, new_names, read, run, state, write
from redact import BOX, FACE, odd_png, photo, regions, worker

DONT_SHARE = "don't share this file"


# ---- messages ----

def test_what_does_not_fit_the_picture_says_nothing_of_sharing_it():
    photo()
    write('late.json', regions({**BOX, 'frames': [3, 4]}))
    write('all.json', regions({'shape': 'rect', 'unit': 'pct', 'x': 0, 'y': 0, 'w': 100, 'h': 100}, invert=True))
    write('none.json', regions())
    for words, said in ((('--region', 'rect:2000,0,9,9'), ('covers nothing of this picture, which is 960 x 640', '--preview')),
                        (('--crop', '0,0,961,9'), ('reaches beyond this picture, which is 960 x 640', 'X,Y,W,H')),
                        (('--regions', 'late.json'), ('is for frames from 3 on', 'they count from 0')),
                        (('--regions', 'all.json'), ('keep all of this picture', '--invert')),
                        (('--regions', 'none.json'), ('there is no region for this picture', 'add a region'))):
        ran = run('redact', 'photo.jpg', *words, '-o', 'copy.jpg', code=4)
        has(ran.err, 'refused: ', 'Nothing was written. What you can do: ', *said)
        lacks(ran.err, DONT_SHARE)
    assert not os.path.exists('copy.jpg')


def test_a_next_step_after_a_region_that_misses_works():
    worker()
    photo()
    has(run('redact', 'photo.jpg', '--region', 'rect:2000,0,9,9', code=4).err, '--preview OUT.png')
    run('redact', 'photo.jpg', '--region', 'rect:900,0,9,9', '--preview', 'OUT.png')


def test_regions_that_are_wrong_name_line_and_column_and_word():
    photo()
    write('r.json', '{"version": 1,\n "regions": [\n  {"shape": "rect",\n   "x": 1, "y": 1, "w": 5, "h": 5, "çolour": "red"}]}')
    ran = run('redact', 'photo.jpg', '--regions', 'r.json', code=3)
    has(ran.err, 'the regions in r.json, line 4, column 36: ', 'a key that regions do not have: "çolour" (regions, byte 84)',
        'docs/regions.md', 'oilskin-redact(1)')
    write('r.json', b'\xff\xd8\xff\xe0 \x1b]0;title\x07')
    ran = run('redact', 'photo.jpg', '--regions', 'r.json', code=3)
    has(ran.err, 'line 1, column 1: not an object { } (byte 0)')
    lacks(ran.err, '\x1b', '(,')
    write('r.json', regions({**BOX, '\x1b\u202e' + 'x' * 20: 1}))
    lacks(run('redact', 'photo.jpg', '--regions', 'r.json', code=3).err, '\x1b', '\u202e')
    has(run('redact', 'photo.jpg', '--regions', 'nowhere.json', code=7).err, 'nowhere.json: there is no such file', 'spelling')


def test_a_video_is_refused_without_a_word_on_sharing():
    media.movie('clip.mp4')
    ran = run('redact', 'clip.mp4', '--region', 'rect:0,0,8,8', code=4)
    has(ran.err, 'Nothing was written', 'take a screenshot')
    lacks(ran.err, DONT_SHARE)


def test_redact_names_only_options_that_it_has():
    photo()
    ran = run('redact', 'photo.jpg', '--region', FACE, '-o', 'photo.jpg', code=2)
    has(ran.err, 'never replaced: choose another name')
    lacks(ran.err, '--in-place')
    media.png('b.png')
    has(run('redact', 'photo.jpg', 'b.png', '--regions', '.', '--preview', 'p.png', code=2).err, '--preview shows one picture')


# ---- memory ----

def progressive(name):
    """A progressive JPEG of 2,304 x 2,304."""
    if shutil.which('cjpeg') is None:
        raise Skip('cjpeg is not installed')
    row = bytes(x * 7 % 251 for x in range(2304))
    write('a.pgm', b'P5 2304 2304 255\n' + row * 2304)
    subprocess.run(['cjpeg', '-progressive', '-outfile', name, 'a.pgm'], check=True)
    os.remove('a.pgm')


def test_memory_that_is_not_enough_is_asked_for_by_an_option_that_works():
    worker()
    progressive('a.jpg')
    for words in (('--region', FACE), ('--region', FACE, '--rotate=90')):
        big = words if len(words) == 2 else ('--region', FACE, '--resize=2000')
        ran = run('redact', 'a.jpg', *big, '--memory=64M', '-o', 'copy.jpg', code=None)
        if ran.code == 0:
            os.remove('copy.jpg')
            continue
        assert ran.code == 5, ran
        has(ran.err, 'memory', '--memory=8G')
        run('redact', 'a.jpg', *big, '--memory=8G', '-o', 'copy.jpg')
        os.remove('copy.jpg')
    media.png('b.png', side=3000)
    has(run('redact', 'b.png', '--region', 'rect:0,0,9,9', '--memory=64M', '-o', 'c.png', code=5).err, '--memory=8G')
    run('redact', 'b.png', '--region', 'rect:0,0,9,9', '--memory=8G', '-o', 'c.png')


def test_memory_wants_a_size():
    photo()
    for text in ('', '8', 'G', '8T', '1M', '8GB', '99999999999G', '-8G', '5000G'):
        for command in ('scrub', 'redact'):
            has(run(command, 'photo.jpg', '--memory=' + text, code=2).err, '--memory wants a size')
    run('scrub', 'photo.jpg', '--memory=512M', '-o', 'copy.jpg')


# ---- many pictures ----

def test_redact_of_folders_takes_regions_from_a_folder_of_the_same_shape():
    os.makedirs('march/sub')
    os.makedirs('regions/sub')
    photo('march/a.jpg')
    photo('march/sub/a.jpg')
    write('march/notes.txt', 'no picture')
    write('regions/a.jpg.json', regions(BOX))
    write('regions/sub/a.jpg.json', regions(BOX, {**BOX, 'x': 500}))
    has(run('redact', 'march', '--regions', 'regions', '-d', 'out', code=7).err, 'add -r')
    document = run('redact', '-r', 'march', '--regions', 'regions', '-d', 'out', '--name=keep', '--json', '-j', '2').json
    counts = {file['file']: file.get('area_count') for file in document['files']}
    assert counts == {'march/a.jpg': 1, 'march/sub/a.jpg': 2, 'march/notes.txt': None}, counts
    assert document['exit'] == 0
    for name in ('out/a.jpg', 'out/sub/a.jpg'):
        run('verify', name)


def test_regions_may_stand_beside_their_pictures():
    os.mkdir('march')
    photo('march/a.jpg')
    photo('march/b.jpg')
    write('march/a.jpg.json', regions(BOX))
    ran = run('redact', '-r', 'march', '--regions', 'march/', '-d', 'out', '--name=keep', code=4)
    has(ran.out, '2 files: 1 redacted, 1 refused: there is no copy of that one', 'left alone: march/a.jpg.json')
    has(ran.err, 'march/b.jpg: refused: the regions in march/b.jpg.json: there is no such file, so nothing says')
    assert os.listdir('out') == ['a.jpg']
    write('march/b.jpg.json', regions())
    assert run('redact', '-r', 'march', '--regions', 'march', '-d', 'out', '--name=keep', '--force', code=4)
    run('redact', 'march/b.jpg', '--regions', 'march', '--region', FACE, '-d', 'out', '--name=keep')


def test_one_list_of_regions_is_not_taken_for_a_folder_of_pictures():
    os.mkdir('march')
    photo('march/a.jpg')
    run('redact', '-r', 'march', '--region', FACE, '-d', 'out')
    photo('march/b.jpg')
    before = state()
    has(run('redact', '-r', 'march', '--region', FACE, '-d', 'new', code=2).err, '--regions DIR')
    assert state() == before


def test_a_folder_is_made_smaller_or_turned_without_regions():
    worker()
    os.mkdir('march')
    photo('march/a.jpg')
    media.png('march/b.png')
    document = run('redact', '-r', 'march', '--resize=32', '-d', 'out', '--json').json
    assert [max(f['copy_width'], f['copy_height']) for f in document['files']] == [32, 32], document


def test_the_worst_exit_code_of_many_counts():
    os.mkdir('march')
    photo('march/a.jpg')
    write('march/cut.jpg', read('march/a.jpg')[:20000])
    write('march/a.jpg.json', regions(BOX))
    write('march/cut.jpg.json', regions(BOX))
    run('redact', '-r', 'march', '--regions', 'march', '-d', 'out', code=3)
    run('redact', '-r', 'march', 'nowhere.jpg', '--regions', 'march', '-d', 'out', code=7)


def test_redact_shows_progress_on_a_terminal():
    worker()
    os.mkdir('march')
    for i in range(12):
        media.png(f'march/{i}.png', side=900, noise=True)
        write(f'march/{i}.png.json', regions(BOX))
    code, shown = terminal.on_terminal('redact', '-r', 'march', '--regions', 'march', '-d', 'out', '-j', '1')
    assert code == 0, shown
    has(shown, '/24 files', '12 files: 12 redacted')


# ---- the next step after each refusal of a still ----

def test_the_next_step_after_a_refusal_of_a_still_works():
    worker()
    pictures = [odd_png('odd.png')]
    if shutil.which('cjpeg') is not None:
        write('a.ppm', b'P6 64 48 255\n' + bytes(range(256)) * 36)
        subprocess.run(['cjpeg', '-arithmetic', '-outfile', 'odd.jpg', 'a.ppm'], check=True)
        pictures.append('odd.jpg')
    for name in pictures:
        ran = run('redact', name, '--region', 'rect:0,0,8,8', code=4)
        step = re.search(r'"oilskin (scrub --flatten)"', ran.err)
        assert step, ran
        before = state()
        run(*step.group(1).split(), name)
        fresh, = new_names(before)
        run('redact', fresh, '--region', 'rect:0,0,8,8', '-o', 'done' + fresh)
        run('verify', 'done' + fresh)


def test_preview_of_an_animation_shows_the_first_frame_that_is_covered():
    worker()
    if shutil.which('convert') is None:
        raise Skip('convert is not installed')
    subprocess.run(['convert', '-size', '40x30', '-delay', '10', 'xc:red', 'xc:green', 'xc:blue', 'a.gif'], check=True)
    write('r.json', json.dumps({'version': 1, 'regions': [{**BOX, 'w': 10, 'h': 5, 'frames': [2, 9]}]}))
    ran = run('redact', 'a.gif', '--regions', 'r.json', '--preview', 'look.png')
    has(ran.out, 'would be covered: 1 area', 'shown is the first of its 3 frames in which something is covered')
    shown = subprocess.run(['convert', 'look.png', '-format', '%[pixel:p{0,0}]', 'info:'], capture_output=True, text=True, check=True)
    assert 'blue' in shown.stdout or '0,0,255' in shown.stdout, shown.stdout
