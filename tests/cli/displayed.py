# SPDX-License-Identifier: GPL-3.0-or-later
"""Regions count in the picture as it is displayed: by irot and imir of HEIF, after clap, over the frames of an animation. What is
displayed is said by other people's programs."""
import os
import shutil
import struct
import subprocess
import zlib

import media
from harness import Skip, has, lacks, run, write
from redact import png_rows, regions, worker

GREEN = (0, 255, 0)
WIDTH, HEIGHT = 192, 128
# The cover of a lossy picture grows by 32 pixels (docs/redaction.md).
REACH = 32


def tool(name):
    if shutil.which(name) is None:
        raise Skip(name + ' is not installed')
    return name


def save_png(path, width, height, pixel):
    rows = b''.join(b'\0' + b''.join(bytes(pixel(x, y)) for x in range(width)) for y in range(height))
    return write(path, b'\x89PNG\r\n\x1a\n' + media.chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0)) +
                 media.chunk(b'IDAT', zlib.compress(rows)) + media.chunk(b'IEND', b''))


def drawn(path):
    """Red grows to the right, blue downwards: each place has its colour, and none is green."""
    return save_png(path, WIDTH, HEIGHT, lambda x, y: (x, 0, y * 2 % 256))


def displayed(path):
    """What libheif's own program shows: a function from a place to its colour, and the size."""
    subprocess.run([tool('heif-convert'), path, 'shown.png'], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([tool('convert'), 'shown.png', '-depth', '8', '-type', 'TrueColor', 'PNG24:rgb.png'], check=True)
    width, height, rows = png_rows('rgb.png')
    return (lambda x, y: tuple(rows[y][3 * x:3 * x + 3])), width, height


def near(one, other):
    return all(abs(a - b) < 24 for a, b in zip(one, other))


def check_avif(*words):
    """A region of 20 x 12 at 8,100 covers that place of what is displayed, and nothing far from it."""
    subprocess.run([tool('avifenc'), '-s', '9', '-y', '444', '--min', '2', '--max', '8', *words, drawn('a.png'), 'a.avif'],
                   check=True, stdout=subprocess.DEVNULL)
    before, width, height = displayed('a.avif')
    file = run('redact', 'a.avif', '--region', 'rect:8,100,20,12:fill#00ff00', '-o', 'b.avif', '--force', '--json').json['files'][0]
    assert (file['width'], file['height']) == (width, height), (words, file)
    after, *size = displayed('b.avif')
    assert size == [width, height], (words, size)
    for x in range(0, width, 4):
        for y in range(0, height, 4):
            inside = 8 <= x < 28 and 100 <= y < 112
            far = x > 28 + REACH + 1 or y < 100 - REACH - 1 or y > 112 + REACH + 1
            if inside:
                assert near(after(x, y), GREEN), (words, x, y, after(x, y))
            elif far:
                assert near(after(x, y), before(x, y)), (words, x, y, after(x, y), before(x, y))


def test_regions_follow_irot_and_imir():
    worker()
    for turn in range(4):
        for mirror in ((), ('--imir', '0'), ('--imir', '1')):
            check_avif(*(('--irot', str(turn)) if turn else ()), *mirror)


def test_what_clap_cuts_off_is_gone_before_regions_count():
    worker()
    subprocess.run([tool('avifenc'), '-s', '9', '-y', '444', '--min', '2', '--max', '8', '--crop', '40,20,120,80', drawn('a.png'),
                    'a.avif'], check=True, stdout=subprocess.DEVNULL)
    before, width, height = displayed('a.avif')
    assert (width, height) == (120, 80)
    # What is outside is hidden, and can't be removed without loss: the next step does, and works.
    has(run('redact', 'a.avif', '--region', 'rect:0,0,9,9', code=4).err, 'outside of the crop', 'oilskin scrub --flatten')
    run('scrub', '--flatten', 'a.avif', '-o', 'fresh')
    document = run('redact', 'fresh', '--region', 'rect:100,60,8,8:fill#00ff00', '-o', 'b', '--json').json
    assert (document['files'][0]['width'], document['files'][0]['height']) == (120, 80), document
    subprocess.run([tool('convert'), 'b', '-depth', '8', 'PNG24:b.png'], check=True)
    _, _, rows = png_rows('b.png')
    assert near(rows[64][3 * 104:3 * 104 + 3], GREEN)
    assert near(rows[10][30:33], before(10, 10)), (rows[10][30:33], before(10, 10))


def animation(path):
    """Four frames, each of which changes only a part of the one before."""
    subprocess.run([tool('convert'), '-size', '40x30', '-delay', '10', 'xc:red', '-page', '+5+5', '-size', '10x10', 'xc:blue',
                    '-page', '+20+5', 'xc:black', '-page', '+5+18', 'xc:white', '-loop', '0', path], check=True)


def frames_of(path):
    subprocess.run([tool('convert'), path, '-coalesce', '-depth', '8', 'PNG24:frame%d.png'], check=True)
    out = []
    while os.path.exists(f'frame{len(out)}.png'):
        out.append(png_rows(f'frame{len(out)}.png')[2])
        os.remove(f'frame{len(out) - 1}.png')
    return out


def covered(rows, before):
    """Where two pictures differ, as a box (left, top, right, bottom), or None."""
    places = [(x, y) for y in range(30) for x in range(40) if rows[y][3 * x:3 * x + 3] != before[y][3 * x:3 * x + 3]]
    return places and (min(x for x, _ in places), min(y for _, y in places), max(x for x, _ in places) + 1,
                       max(y for _, y in places) + 1) or None


def test_frames_are_displayed_frames_counted_from_0():
    worker()
    animation('a.gif')
    box = {'shape': 'rect', 'style': 'fill', 'color': '#00ff00', 'x': 2, 'y': 3, 'w': 30, 'h': 20}
    before = frames_of('a.gif')
    assert len(before) == 4, len(before)
    for first, last in ((0, 0), (1, 2), (3, 9)):
        write('r.json', regions({**box, 'frames': [first, last]}))
        run('redact', 'a.gif', '--regions', 'r.json', '-o', 'b.gif', '--force')
        for number, (now, was) in enumerate(zip(frames_of('b.gif'), before)):
            wanted = (2, 3, 32, 23) if first <= number <= last else None
            assert covered(now, was) == wanted, (first, last, number, covered(now, was))


def test_keyframes_move_a_region_in_a_straight_line():
    worker()
    animation('a.gif')
    before = frames_of('a.gif')
    write('r.json', regions({'shape': 'rect', 'color': '#00ff00', 'w': 6, 'h': 4,
                             'keyframes': [{'frame': 0, 'x': 0, 'y': 0}, {'frame': 3, 'x': 30, 'y': 24}]}))
    run('redact', 'a.gif', '--regions', 'r.json', '-o', 'b.gif')
    for number, (now, was) in enumerate(zip(frames_of('b.gif'), before)):
        left, top = 10 * number, 8 * number
        assert covered(now, was) == (left, top, left + 6, top + 4), (number, covered(now, was))


def test_inverted_keeps_only_what_lies_wholly_within():
    worker()
    save_png('a.png', 40, 30, lambda x, y: (x, 0, y))
    write('r.json', regions({'shape': 'rect', 'x': 10.5, 'y': 5, 'w': 9, 'h': 10}, invert=True))
    run('redact', 'a.png', '--regions', 'r.json', '--color=#00ff00', '-o', 'b.png')
    _, _, rows = png_rows('b.png')
    for y in range(30):
        for x in range(40):
            kept = 11 <= x < 19 and 5 <= y < 15
            assert tuple(rows[y][3 * x:3 * x + 3]) == ((x, 0, y) if kept else GREEN), (x, y)


def test_every_shape_covers_each_pixel_that_it_touches():
    worker()
    save_png('a.png', 40, 30, lambda x, y: (x, 0, y))
    for text, box in (('rect:2.5,3.5,4,2', (2, 3, 7, 6)), ('ellipse:4,4,10,8', (4, 4, 14, 12)),
                      ('polygon:1,1,20,1,20,9.1,1,9.1', (1, 1, 20, 10)), ('stroke:1.5,5,5,30,5', (3, 3, 32, 7)),
                      ('rect:25%,50%,25%,10%', (10, 15, 20, 18)), ('rect:-5,-5,8,7.5', (0, 0, 3, 3)),
                      ('rect:39.9,29.9,100,100', (39, 29, 40, 30))):
        run('redact', 'a.png', '--region', text + ':fill#00ff00', '-o', 'b.png', '--force')
        was, now = png_rows('a.png')[2], png_rows('b.png')[2]
        assert covered(now, was) == box, (text, covered(now, was))


def test_polygons_are_even_odd():
    worker()
    save_png('a.png', 40, 30, lambda x, y: (x, 0, y))
    # Two squares, one in the other, drawn as one line: what lies in both stays.
    run('redact', 'a.png', '--region', 'polygon:2,2,26,2,26,26,2,26,2,2,8,8,20,8,20,20,8,20,8,8:fill#00ff00', '-o', 'b.png')
    rows = png_rows('b.png')[2]
    assert tuple(rows[14][3 * 14:3 * 14 + 3]) == (14, 0, 14) and tuple(rows[14][9:12]) == GREEN


def test_a_region_that_ends_on_an_edge_leaves_the_next_pixel():
    worker()
    save_png('a.png', 40, 30, lambda x, y: (x, 0, y))
    run('redact', 'a.png', '--region', 'rect:10,10,5,5:fill#00ff00', '-o', 'b.png')
    assert covered(png_rows('b.png')[2], png_rows('a.png')[2]) == (10, 10, 15, 15)
    ran = run('redact', 'a.png', '--region', 'rect:10,10,5.0000001,5', '-o', 'c.png', '--json')
    assert ran.json['files'][0]['areas'] == [{'x': 10, 'y': 10, 'width': 6, 'height': 5}]
    lacks(ran.err, 'oilskin')
