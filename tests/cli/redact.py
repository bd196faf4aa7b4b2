# SPDX-License-Identifier: GPL-3.0-or-later
"""oilskin redact, and scrub --flatten: what they take, refuse and say, and what is left of what was covered."""
import json
import os
import re
import shutil
import struct
import subprocess
import zlib

import harness
import media
from harness import Skip, has, lacks, new_names, read, run, state, write

REDACTED = ('nothing hidden left that we know how to name; what is not covered can still be seen: faces, clothes, signs')
FACE = 'ellipse:360,538,74,56'


def photo(name='photo.jpg'):
    """The drawn photo: 960 x 640, with a place, a serial number and a small preview of itself."""
    tool = os.path.join(os.path.dirname(harness.OILSKIN), 'oilskin-sample')
    if not os.path.exists(tool):
        raise Skip('oilskin-sample was not built')
    subprocess.run([tool, name], check=True)
    return name


def worker():
    """Tests of other formats need the program that decodes them."""
    media.png('probe.png')
    ran = run('redact', 'probe.png', '--region', 'rect:0,0,8,8', '-o', 'probed.png', code=None)
    if ran.code == 7:
        raise Skip('oilskin-worker was not built')
    os.remove('probed.png')


def copy_of(ran):
    return re.search(r'copy: (\S+),', ran.out).group(1)


def png_rows(path):
    """The rows of a PNG of 8-bit RGB without interlace, and its size."""
    data = read(path)
    width, height, depth, color = struct.unpack('>IIBB', data[16:26])
    assert (depth, color) == (8, 2), (depth, color)
    at, packed = 8, b''
    while at < len(data):
        length, kind = struct.unpack('>I4s', data[at:at + 8])
        packed += data[at + 8:at + 8 + length] if kind == b'IDAT' else b''
        at += 12 + length
    raw, rows, before = zlib.decompress(packed), [], bytes(width * 3)
    for y in range(height):
        kind, row = raw[y * (width * 3 + 1)], bytearray(raw[y * (width * 3 + 1) + 1:(y + 1) * (width * 3 + 1)])
        for x, value in enumerate(row):
            left, up = row[x - 3] if x >= 3 else 0, before[x]
            corner = before[x - 3] if x >= 3 else 0
            nearest = min((abs(left + up - corner - p), i, p) for i, p in enumerate((left, up, corner)))[2]
            row[x] = (value + (0, left, up, (left + up) // 2, nearest)[kind]) & 255
        rows.append(bytes(row))
        before = bytes(row)
    return width, height, rows


# ---- wrong usage ----

def test_redact_wants_something_to_do():
    photo()
    has(run('redact', 'photo.jpg', code=2).err, '--region rect:x,y,w,h')
    has(run('redact', code=2).err, 'name at least one file')
    has(run('redact', 'photo.jpg', '--invert', code=2).err, 'name at least one')
    has(run('redact', 'photo.jpg', '--style=blur', code=2).err, '--region')
    has(run('redact', 'photo.jpg', '--preview', 'p.png', code=2).err, 'name at least one region')
    assert state().keys() == {'photo.jpg'}


def test_redact_names_what_is_wrong_with_an_option():
    photo()
    for words, said in ((('--style=pixels',), 'fill, blur or mosaic'), (('--color=red',), 'six hexadecimal digits'),
                        (('--crop', '1,2,3'), 'X,Y,W,H'), (('--crop', '1,2,3,0'), 'X,Y,W,H'),
                        (('--crop', '1,2,3,4,5'), 'X,Y,W,H'), (('--crop', '-1,2,3,4'), 'X,Y,W,H'),
                        (('--crop', '1,1,8,8', '--crop', '2,2,8,8'), 'once'),
                        (('--rotate=45',), '90, 180, 270'), (('--rotate=90', '--rotate=90'), 'once'),
                        (('--resize=0',), 'whole number'), (('--regons', 'x'), 'did you mean --region'),
                        (('--regions', 'a', '--regions', 'b'), 'once')):
        has(run('redact', 'photo.jpg', *words, code=2).err, said)


def test_redact_shows_where_a_region_is_wrong():
    photo()
    ran = run('redact', 'photo.jpg', '--region', 'rekt:1,2,3,4', code=2)
    has(ran.err, '--region rekt:1,2,3,4: ', 'character 1')
    for text in ('rect', 'rect:', 'rect:1,2,3', 'rect:1,2,3,4,5', 'rect:1,2,0,4', 'rect:1,2,x,4', 'rect:1,2,3,4:blurry',
                 'rect:1,2,3%,4', 'rect:1,2,nan,4', 'polygon:1,2,3,4', 'stroke:0,1,1', 'rect:1,2,3,4:fill#12345'):
        ran = run('redact', 'photo.jpg', '--region', 'rect:0,0,9,9', '--region', text, code=2)
        has(ran.err, '--region ' + text)
    assert state().keys() == {'photo.jpg'}


def test_redact_of_several_files_wants_regions_for_each():
    media.png('a.png')
    media.png('b.png')
    has(run('redact', 'a.png', 'b.png', '--region', 'rect:1,1,2,2', code=2).err, '--regions DIR')
    has(run('redact', 'a.png', 'b.png', '--crop', '1,1,2,2', '-o', 'c.png', code=2).err, '-d DIR')


# ---- covering ----

def test_redact_makes_a_neutrally_named_copy_and_says_what_it_did():
    os.mkdir('photos')
    photo('photos/IMG_2041.jpg')
    before = state()
    ran = run('redact', 'photos/IMG_2041.jpg', '--region', FACE)
    names = new_names(before)
    assert len(names) == 1 and re.fullmatch(r'photos/[a-z2-9]{12}\.jpg', names[0]), names
    assert read('photos/IMG_2041.jpg') == before['photos/IMG_2041.jpg']
    has(ran.out, 'covered: 1 area (fill)', 'rounded outward to blocks of', 'all other blocks are what they were, to the bit',
        'removed:', '47.37503', REDACTED, 'photos/IMG_2041.jpg is unchanged: it still shows and reveals all of this')
    lacks(ran.out, ' safe')
    run('verify', names[0])


def test_redact_leaves_no_preview_and_no_place():
    photo()
    assert read('photo.jpg').count(b'\xff\xd8\xff') == 2
    run('redact', 'photo.jpg', '--region', FACE + ':blur', '-o', 'copy.jpg')
    data = read('copy.jpg')
    assert data.count(b'\xff\xd8\xff') == 1
    for secret in (b'Kite', b'R. Example', b'Exif', b'PK7'):
        assert secret not in data, secret
    run('inspect', '--check', 'copy.jpg')


def test_redact_tells_the_boxes_as_they_were_rounded():
    photo()
    file = run('redact', '--json', 'photo.jpg', '--region', 'rect:100,100,10,10', '--region', 'rect:400.5,300,20,20:blur',
               '-o', 'copy.jpg').json['files'][0]
    cell = file['cell']
    assert file['width'] == 960 and file['height'] == 640 and file['area_count'] == 2, file
    for box, asked in zip(file['areas'], ((100, 100, 10, 10), (400.5, 300, 20, 20))):
        assert box['x'] <= asked[0] and box['y'] <= asked[1], (box, asked)
        assert box['x'] + box['width'] >= asked[0] + asked[2] and box['y'] + box['height'] >= asked[1] + asked[3]
        assert box['x'] % cell[0] == 0 and box['width'] <= asked[2] + 2 * cell[0], (box, cell)


def turn(name, orientation):
    """Writes an orientation into the Exif data of the drawn photo, which say 1."""
    data = read(name)
    at = data.index(b'\x01\x12\x00\x03\x00\x00\x00\x01\x00\x01')
    write(name, data[:at + 9] + bytes([orientation]) + data[at + 10:])


def test_redact_counts_in_the_picture_as_it_is_displayed():
    for orientation in range(1, 9):
        turn(photo(), orientation)
        upright = orientation < 5
        file = run('redact', '--json', 'photo.jpg', '--region', 'rect:40,600,8,8' if not upright else 'rect:600,40,8,8',
                   '-o', 'copy.jpg', '--force').json['files'][0]
        assert (file['width'], file['height']) == ((960, 640) if upright else (640, 960)), file
        box = file['areas'][0]
        x, y = (600, 40) if upright else (40, 600)
        assert (box['x'], box['y'], box['width'], box['height']) == (x, y, 8, 8), (orientation, box)
        run('redact', 'photo.jpg', '--region', 'rect:700,10,8,8', '-o', 'other.jpg', '--force', code=0 if upright else 4)


def test_redact_json():
    photo()
    document = run('redact', '--json', 'photo.jpg', '--region', FACE, '-o', 'copy.jpg').json
    assert document['schema'] == 'oilskin/redact/1', document
    file = document['files'][0]
    assert file['copy'] == 'copy.jpg' and file['result'] == REDACTED and file['encoded_again'] is False, file
    assert file['copy_width'] == 960 and file['findings'] and document['exit'] == 0


def test_redact_dry_run_writes_nothing():
    photo()
    before = state()
    has(run('redact', 'photo.jpg', '--region', FACE, '--dry-run').out, 'covered: 1 area', 'nothing was written')
    assert state() == before


def test_redact_replaces_nothing_without_force():
    photo()
    write('copy.jpg', 'mine')
    has(run('redact', 'photo.jpg', '--region', FACE, '-o', 'copy.jpg', code=7).err, 'exists already', '--force')
    assert read('copy.jpg') == b'mine'
    run('redact', 'photo.jpg', '--region', FACE, '-o', 'copy.jpg', '--force')
    run('verify', 'copy.jpg')


def test_redact_never_replaces_the_original():
    photo()
    before = state()
    run('redact', 'photo.jpg', '--region', FACE, '-o', 'photo.jpg', '--force', code=2)
    run('redact', 'photo.jpg', '--region', FACE, '--in-place', code=2)
    assert state() == before


def test_redact_in_a_pipe():
    data = read(photo())
    ran = run('redact', '-', '--region', FACE, stdin=data)
    has(ran.err, 'covered: 1 area', 'to standard output')
    assert ran.raw.startswith(b'\xff\xd8\xff') and ran.raw != data
    write('copy.jpg', ran.raw)
    run('verify', 'copy.jpg')


def test_redact_draws_chance_anew():
    photo()
    for name in ('a.jpg', 'b.jpg'):
        run('redact', 'photo.jpg', '--region', FACE + ':blur', '-o', name)
    assert read('a.jpg') != read('b.jpg')


def test_redact_refuses_a_region_outside_the_picture():
    photo()
    ran = run('redact', 'photo.jpg', '--region', 'rect:0,0,50,50', '--region', 'rect:960,10,50,50', '-o', 'copy.jpg', code=4)
    has(ran.err, 'region 2 of 2 covers nothing of this picture, which is 960 x 640', 'What you can do: ')
    for text in ('rect:-60,10,50,50', 'ellipse:0,640,10,10', 'polygon:1000,0,1010,0,1005,9', 'stroke:5,970,20,990,20',
                 'rect:100%,0%,5%,5%'):
        run('redact', 'photo.jpg', '--region', text, '-o', 'copy.jpg', code=4)
    assert not os.path.exists('copy.jpg')
    run('redact', 'photo.jpg', '--region', 'rect:950,630,500,500', '-o', 'copy.jpg')


def test_redact_refuses_videos_with_a_next_step():
    media.movie('clip.mp4')
    ran = run('redact', 'clip.mp4', '--region', 'rect:0,0,8,8', code=4)
    has(ran.err, 'only pictures can be covered, not videos', 'screenshot')


def test_redact_refuses_what_scrub_refuses():
    write('notes.txt', 'no picture at all\n' * 10)
    has(run('redact', 'notes.txt', '--region', 'rect:0,0,8,8', code=4).err, "don't share this file")
    data = read(photo())
    write('cut.jpg', data[:-2000])
    run('redact', 'cut.jpg', '--region', FACE, code=3)


# ---- files of regions ----

def regions(*items, **top):
    return json.dumps({'version': 1, 'regions': list(items), **top})


BOX = {'shape': 'rect', 'unit': 'px', 'style': 'fill', 'color': '#102030', 'x': 10, 'y': 10, 'w': 30, 'h': 20}


def test_regions_in_a_file():
    photo()
    write('r.json', regions(BOX, {**BOX, 'x': 500}))
    has(run('redact', 'photo.jpg', '--regions', 'r.json').out, 'covered: 2 areas (fill)')
    has(run('redact', 'photo.jpg', '--regions', 'r.json', '--region', FACE + ':mosaic').out, 'covered: 3 areas (fill, mosaic)')
    ran = subprocess.run(['sh', '-c', 'cat r.json | "$0" redact photo.jpg --regions /dev/stdin --dry-run', harness.OILSKIN],
                         capture_output=True, text=True, check=True)
    has(ran.stdout, 'covered: 2 areas (fill)')
    write('r.json', regions(BOX, invert=True))
    has(run('redact', 'photo.jpg', '--regions', 'r.json').out, 'covered: everything but the regions')


def test_regions_that_are_wrong_name_part_and_byte():
    photo()
    text = regions(BOX, {**BOX, 'colour': 'red'})
    write('r.json', text)
    ran = run('redact', 'photo.jpg', '--regions', 'r.json', code=3)
    has(ran.err, 'r.json', f'byte {text.index("colour") - 1}', 'docs/regions.md')
    for bad in ('', '{', '[]', '{"version": 2, "regions": []}', regions({'shape': 'rect'}), regions(BOX) + 'x', '\0'):
        write('r.json', bad)
        assert run('redact', 'photo.jpg', '--regions', 'r.json', code=None).code in (3, 4)
    run('redact', 'photo.jpg', '--regions', 'nowhere.json', code=7)
    assert state().keys() == {'photo.jpg', 'r.json'}


def test_regions_of_a_folder_are_those_of_each_file():
    os.mkdir('march')
    for name in ('a.jpg', 'b.jpg', 'c.jpg', 'd.jpg'):
        photo(name)
    write('march/a.jpg.json', regions(BOX))
    write('march/b.jpg.json', regions(BOX, {**BOX, 'x': 500}))
    write('march/d.jpg.json', '{"version": 1, "regions": [{"shape": "sqare"}]}')
    ran = run('redact', 'a.jpg', 'b.jpg', 'c.jpg', 'd.jpg', '--regions', 'march', '-d', 'out', '--name=keep', code=4)
    assert sorted(os.listdir('out')) == ['a.jpg', 'b.jpg'], ran
    has(ran.out, 'covered: 1 area', 'covered: 2 areas', '4 files: 2 redacted, 2 refused')
    has(ran.err, 'c.jpg: refused: the regions in march/c.jpg.json: there is no such file', 'd.jpg: refused: ', 'byte')
    has(run('redact', '-', '--regions', 'march', stdin=read('a.jpg'), code=2).err, 'standard input has no name')


def test_regions_of_two_files_of_one_name_are_not_mixed_up():
    for folder in ('march', 'april', 'regions'):
        os.mkdir(folder)
    photo('march/a.jpg')
    photo('april/a.jpg')
    write('regions/a.jpg.json', regions(BOX))
    has(run('redact', 'march/a.jpg', 'april/a.jpg', '--regions', 'regions', '-d', 'out', code=2).err, 'the same name')
    run('redact', 'march/a.jpg', '--regions', 'regions', '-d', 'out')


def test_regions_that_cover_nothing_cover_nothing_silently_never():
    photo()
    write('r.json', regions())
    run('redact', 'photo.jpg', '--regions', 'r.json', '-o', 'copy.jpg', code=4)
    assert not os.path.exists('copy.jpg')


# ---- cutting ----

def test_crop_really_discards():
    photo()
    ran = run('redact', 'photo.jpg', '--crop', '320,160,320,320', '-o', 'copy.jpg')
    has(ran.out, 'cut off: everything but 320 x 320 at 320,160', 'it was 960 x 640, and is 320 x 320 now')
    file = run('redact', '--json', 'photo.jpg', '--crop', '320,160,320,320', '--dry-run').json['files'][0]
    assert (file['copy_width'], file['copy_height']) == (320, 320), file
    run('verify', 'copy.jpg')
    assert len(read('copy.jpg')) < len(read('photo.jpg')) / 2
    has(run('redact', 'photo.jpg', '--crop', '900,0,100,100', code=4).err, 'reaches beyond this picture, which is 960 x 640')


# ---- other formats ----

def test_redact_of_a_png_is_exact():
    worker()
    media.png('a.png', noise=True)
    ran = run('redact', 'a.png', '--region', 'rect:10.5,20,12,9:fill#010203', '-o', 'b.png')
    has(ran.out, 'covered: 1 area (fill)\n', '13 x 9 at 10,20', 'all other pixels are what they were, to the bit')
    width, height, was = png_rows('a.png')
    assert (width, height) == png_rows('b.png')[:2]
    for y, (row, now) in enumerate(zip(was, png_rows('b.png')[2])):
        for x in range(width):
            inside = 10 <= x < 23 and 20 <= y < 29
            wanted = b'\1\2\3' if inside else row[3 * x:3 * x + 3]
            assert now[3 * x:3 * x + 3] == wanted, (x, y)
    assert media.SECRET.encode() not in read('b.png')


def test_preview_shows_and_makes_no_copy():
    worker()
    photo()
    before = state()
    ran = run('redact', 'photo.jpg', '--region', FACE, '--preview', 'look.png')
    assert new_names(before) == ['look.png'] and read('look.png').startswith(b'\x89PNG')
    has(ran.out, 'would be covered: 1 area', 'preview: look.png', 'there is no copy yet')
    asked = ('redact', '--json', 'photo.jpg', '--region', FACE)
    looked, copied = (run(*asked, *more).json['files'][0]
                      for more in (('--preview', 'look.png', '--force'), ('-o', 'copy.jpg')))
    assert looked['areas'] == copied['areas'] and looked['cell'] == copied['cell'], (looked, copied)
    os.remove('copy.jpg')
    run('verify', 'look.png')
    has(run('redact', 'photo.jpg', '--region', FACE, '--preview', 'p.png', '-o', 'c.jpg', code=2).err, '--preview makes no copy')


def test_the_name_of_a_copy_tells_its_format():
    worker()
    media.png('a.png')
    before = state()
    ran = run('redact', 'a.png', '--region', 'rect:0,0,8,8', '-o', 'b.jpg', code=4)
    has(ran.err, 'the name chosen for it says another one', 'has to end in .png', 'What you can do: choose a name with that ending')
    has(run('redact', 'a.png', '--region', 'rect:0,0,8,8', '--preview', 'b.JPG', code=2).err, 'choose a name that ends in .png')
    assert state() == before
    for name in ('b.PNG', 'b.apng', 'b.copy', 'b'):
        run('redact', 'a.png', '--region', 'rect:0,0,8,8', '-o', name)


def test_preview_tells_nothing_of_files_that_are_not_made():
    worker()
    side, rows = 120, b''.join(b'\0' + bytes(range(240)) * 3 for _ in range(120))
    head = struct.pack('>IIBBBBB', side, side, 16, 2, 0, 0, 0)
    write('a.png', b'\x89PNG\r\n\x1a\n' + media.chunk(b'IHDR', head) + media.chunk(b'IDAT', zlib.compress(rows)) + media.chunk(b'IEND', b''))
    many = [word for i in range(10) for word in ('--region', f'rect:{i * 12},0,4,4')]
    ran = run('redact', 'a.png', *many, '--preview', 'look.png')
    lacks(ran.out, 'colours were converted', '--preview shows all')
    has(ran.out, 'and 2 more')
    has(run('redact', 'a.png', *many, '-o', 'b.png').out, 'and 2 more; --preview shows all')
    if shutil.which('convert') is None:
        raise Skip('convert is not installed')
    subprocess.run(['convert', '-size', '120x30', '-delay', '10', 'xc:red', 'xc:green', 'a.gif'], check=True)
    ran = run('redact', 'a.gif', *many, '-o', 'b.gif')
    has(ran.out, 'and 2 more')
    lacks(ran.out, '--preview shows all')


def test_what_was_counted_over_all_pixels_of_a_png_goes():
    worker()
    for name, light, bits, inside in (('a', 900, 5, 40), ('b', 123456, 8, 255)):
        rows = b''.join(b'\0' + b''.join(bytes([inside, inside, x % 7]) if x < 20 and y < 20 else bytes([9, 9, x]) for x in range(64))
                        for y in range(64))
        write(name + '.png', b'\x89PNG\r\n\x1a\n' + media.chunk(b'IHDR', struct.pack('>IIBBBBB', 64, 64, 8, 2, 0, 0, 0)) +
              media.chunk(b'cLLI', struct.pack('>II', light, light // 2)) + media.chunk(b'sBIT', bytes([bits] * 3)) +
              media.chunk(b'IDAT', zlib.compress(rows)) + media.chunk(b'IEND', b''))
        run('redact', name + '.png', '--region', 'rect:0,0,20,20', '-o', name + '-copy.png')
    assert read('a-copy.png') == read('b-copy.png')


def moving_png(path, more):
    """Two frames of 100 x 100 with a palette of 40 colours, and `more` that only the middle uses."""
    palette = b''.join(bytes((i, 2 * i, 90)) for i in range(40)) + b''.join(bytes((i, 255 - i, i // 2)) for i in range(more))
    data = b'\x89PNG\r\n\x1a\n' + media.chunk(b'IHDR', struct.pack('>IIBBBBB', 100, 100, 8, 3, 0, 0, 0))
    data += media.chunk(b'acTL', struct.pack('>II', 2, 0)) + media.chunk(b'PLTE', palette)
    for frame in range(2):
        rows = b''.join(b'\0' + bytes(40 + (x * 7 + y * 13 + frame) % more if more and 30 <= x < 70 and 30 <= y < 70
                                      else (x + frame) * 40 // 101 for x in range(100)) for y in range(100))
        data += media.chunk(b'fcTL', struct.pack('>IIIIIHHBB', 2 * frame - (frame > 0), 100, 100, 0, 0, 1, 10, 0, 0))
        data += media.chunk(b'fdAT', struct.pack('>I', 2) + zlib.compress(rows)) if frame else media.chunk(b'IDAT', zlib.compress(rows))
    write(path, data + media.chunk(b'IEND', b''))


def test_the_palette_of_an_animation_shows_nothing_of_what_is_covered():
    worker()
    copies = []
    for more in (0, 3, 183, 215, 216):
        moving_png(f'{more}.png', more)
        run('redact', f'{more}.png', '--region', 'rect:30,30,40,40', '-o', f'{more}-copy.png')
        copies.append(read(f'{more}-copy.png'))
    assert copies[0][25] == 3 and len(set(copies)) == 1, [len(c) for c in copies]


def test_rotate_and_resize():
    worker()
    photo()
    ran = run('redact', 'photo.jpg', '--rotate=90', '--resize=320', '-o', 'copy.jpg')
    has(ran.out, 'turned by 90 degrees', 'it was 960 x 640, and is 213 x 320 now', 'saved again')
    lacks(ran.out, 'beside')
    run('verify', 'copy.jpg')
    ran = run('redact', 'photo.jpg', '--region', FACE, '--rotate=90', '-o', 'both.jpg')
    has(ran.out, 'beside what is covered, within 16 pixels, changes can be visible')


def test_redact_of_a_tiff_in_jpeg_says_what_changes():
    worker()
    if not shutil.which('convert'):
        raise Skip('ImageMagick is not here')
    subprocess.run(['convert', '-size', '200x100', 'plasma:red-blue', '-compress', 'JPEG', 'lossy.tif'], check=True)
    subprocess.run(['convert', 'lossy.tif', '-compress', 'LZW', 'exact.tif'], check=True)
    has(run('redact', 'lossy.tif', '--region', 'rect:50,20,40,40', '-o', 'l.tif').out, 'saved again',
        'beside what is covered, within 16 pixels, changes can be visible')
    lacks(run('redact', 'exact.tif', '--region', 'rect:50,20,40,40', '-o', 'e.tif').out, 'saved again', 'beside')


def made_by(*command):
    if shutil.which(command[0]) is None:
        raise Skip(f'{command[0]} is not installed')
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode != 0:
        raise Skip(f'{command[0]} has no encoder here')


def test_redact_of_pages_of_other_sizes_wants_to_know_where():
    """The second page shows the first one smaller: what is in pixels there lies elsewhere."""
    worker()
    if not shutil.which('convert'):
        raise Skip('ImageMagick is not here')
    subprocess.run(['convert', '-size', '200x100', 'xc:white', '-fill', 'red', '-draw', 'rectangle 100,50 139,69',
                    '(', '+clone', '-sample', '100x50', ')', '-compress', 'LZW', 'pages.tif'], check=True)
    ran = run('redact', 'pages.tif', '--region', 'rect:100,50,40,20', '-o', 'px.tif', code=4)
    assert 'the pages differ in size' in ran.err and 'in percent' in ran.err, ran.err
    assert not os.path.exists('px.tif')
    ran = run('redact', 'pages.tif', '--region', 'rect:50%,50%,20%,20%', '-o', 'pct.tif', code=0)
    assert 'in the first of 2 frames or pages' in ran.out, ran.out
    each = [{'shape': 'rect', 'x': 100 >> i, 'y': 50 >> i, 'w': 40 >> i, 'h': 20 >> i, 'frames': [i, i]} for i in (0, 1)]
    write('each.json', json.dumps({'version': 1, 'regions': each}).encode())
    run('redact', 'pages.tif', '--regions', 'each.json', '-o', 'each.tif', code=0)
    for name in ('pct.tif', 'each.tif'):
        reds = subprocess.run(['convert', name, '-fill', 'black', '+opaque', 'red', '-format', '%[fx:mean.r] ', 'info:'],
                              check=True, capture_output=True, text=True).stdout.split()
        assert [float(red) for red in reds] == [0, 0], (name, reds)


def test_redact_of_heic_of_any_size():
    """HEVC codes even sizes from 64 pixels on: what is added must not look like something hidden."""
    worker()
    for size in ('29x100', '65x131', '201x64'):
        for kind in ([], ['-colorspace', 'gray'], ['-alpha', 'set', '-channel', 'A', '-evaluate', 'set', '60%', '+channel']):
            made_by('convert', '-size', size, 'gradient:red-blue', *kind, 'a.png')
            made_by('heif-enc', '-q', '80', '-o', 'a.heic', 'a.png')
            run('redact', 'a.heic', '--region', 'rect:4,4,8,8', '-o', 'b.heic')
            run('verify', 'b.heic')
            shown = run('redact', '--json', '--dry-run', 'b.heic', '--region', 'rect:0,0,4,4').json['files'][0]
            assert f'{shown["width"]}x{shown["height"]}' == size, shown
            os.remove('b.heic')


def test_redact_of_a_turned_avif_of_odd_size_keeps_42_db():
    worker()
    made_by('convert', '-size', '161x121', 'plasma:red-blue', '-blur', '0x2', '-depth', '8', 'a.png')
    for turned in (['--irot', '1'], ['--irot', '2'], ['--irot', '3'], ['--imir', '0'], ['--imir', '1'], ['--irot', '1', '--imir', '1']):
        made_by('avifenc', '-s', '8', '--min', '10', '--max', '20', '-y', '420', *turned, 'a.png', 'a.avif')
        file = run('redact', '--json', '--force', 'a.avif', '--region', 'rect:4,4,8,8', '-o', 'b.avif').json['files'][0]
        assert file['psnr_db'] >= 42, (turned, file)
        run('verify', 'b.avif')


def test_an_avif_of_10_bits_stays_one():
    worker()
    made_by('convert', '-size', '130x90', 'gradient:red-blue', '-alpha', 'set', '-channel', 'A', '-evaluate', 'set', '60%', '+channel', 'a.png')
    for chroma in ('420', '422', '444', '400'):
        made_by('avifenc', '-s', '9', '--min', '5', '--max', '15', '-d', '10', '-y', chroma, 'a.png', 'a.avif')
        file = run('redact', '--json', '--force', 'a.avif', '--region', 'rect:4,4,8,8', '-o', 'b.avif').json['files'][0]
        assert file['psnr_db'] >= 42 and 'bits' not in file.get('note', ''), (chroma, file)
        configs = [part[:4] for data in (read('a.avif'), read('b.avif')) for part in data.split(b'av1C')[1:]]
        # AV1 binding, 2.3.3: after the level, tier, more than 8 bits, 12 bits, grey, halved across, halved down.
        assert {c[2] & 0x60 for c in configs} == {0x40}, (chroma, configs)
        assert {c[2] & 0x1C for c in configs[:2]} == {c[2] & 0x1C for c in configs[2:]}, (chroma, configs)
        run('verify', 'b.avif')


def test_a_deep_avif_is_mirrored_as_viewers_do():
    """libheif can't, so that this is our own work: 8 and 10 bits must look alike."""
    worker()
    made_by('convert', '-size', '160x120', 'gradient:red-blue', '-fill', 'white', '-draw', 'rectangle 2,2 30,20', '-depth', '8', 'a.png')
    for turned in (['--imir', '0'], ['--imir', '1'], ['--irot', '1', '--imir', '0'], ['--irot', '3', '--imir', '1']):
        brightest = []
        for depth in ('8', '10'):
            made_by('avifenc', '-s', '8', '--lossless', '-d', depth, *turned, 'a.png', 'a.avif')
            run('redact', '--force', 'a.avif', '--region', 'rect:80,60,1,1', '--preview', 'p.png')
            _, _, rows = png_rows('p.png')
            brightest.append([(x, y) for y, row in enumerate(rows) for x in range(len(row) // 3) if row[3 * x + 1] > 200])
        assert brightest[0] == brightest[1] and len(brightest[0]) >= 1, (turned, brightest)


def test_a_moving_avif_is_turned_as_a_still_one():
    worker()
    made_by('convert', '-size', '160x120', 'gradient:red-blue', '-fill', 'white', '-draw', 'rectangle 2,2 30,20', '-depth', '8', 'a.png')
    for turned in (['--imir', '0'], ['--irot', '1'], ['--irot', '1', '--imir', '0'], ['--irot', '3', '--imir', '1']):
        brightest = []
        for pictures in (['a.png'], ['a.png', 'a.png']):
            made_by('avifenc', '-s', '8', '--lossless', *turned, *pictures, 'a.avif')
            run('redact', '--force', 'a.avif', '--region', 'rect:60,60,1,1', '--preview', 'p.png')
            _, _, rows = png_rows('p.png')
            brightest.append([(x, y) for y, row in enumerate(rows) for x in range(len(row) // 3) if row[3 * x + 1] > 200])
        assert brightest[0] == brightest[1] and len(brightest[0]) >= 1, (turned, brightest)


def test_a_moving_avif_moves_on_in_its_copy():
    """Its times, colours and turning are what an outside reader says, scrubbed as well as covered."""
    worker()
    for name, color in (('a.png', 'red'), ('b.png', 'blue'), ('c.png', 'green')):
        made_by('convert', '-size', '96x80', f'gradient:{color}-white', '-depth', '8', name)

    def told(name):
        lines = subprocess.run(['avifdec', '--info', name], capture_output=True, text=True, check=True).stdout.splitlines()
        return [line for line in lines if line.startswith((' *', '   ')) and 'extent' not in line.lower()]
    for options in (['-y', '420', '--irot', '1', '--imir', '1'], ['-d', '10', '-y', '422'], ['-d', '12', '-y', '444'], ['-y', '400']):
        made_by('avifenc', '-s', '9', '--min', '8', '--max', '12', '--fps', '5', *options, 'a.png', 'b.png', 'c.png', 'a.avif')
        run('scrub', '--force', 'a.avif', '-o', 's.avif')
        file = run('redact', '--json', '--force', 'a.avif', '--region', 'rect:4,4,20,20', '-o', 'b.avif').json['files'][0]
        assert file['psnr_db'] >= 42, (options, file)
        run('verify', 'b.avif')
        assert told('a.avif') == told('s.avif') == told('b.avif'), (options, told('a.avif'), told('s.avif'), told('b.avif'))
        made_by('ffmpeg', '-v', 'error', '-y', '-i', 'b.avif', '-f', 'null', '-')


def test_regions_of_a_moving_avif_follow_their_frames():
    """A region for the second frame alone leaves the others as they are; of that nothing is left."""
    worker()
    made_by('convert', '-size', '128x128', 'gradient:red-blue', '-fill', 'white', '-draw', 'rectangle 8,8 40,40', '-depth', '8', 'a.png')
    made_by('avifenc', '-s', '9', '--lossless', '--fps', '5', 'a.png', 'a.png', 'a.png', 'a.avif')
    write('r.json', b'{"version":1,"regions":[{"shape":"rect","unit":"px","x":8,"y":8,"w":33,"h":33,"frames":[1,1],"style":"fill"}]}')
    run('redact', 'a.avif', '--regions', 'r.json', '-o', 'b.avif')
    greens = []
    for index in '0', '1', '2':
        made_by('avifdec', '--index', index, 'b.avif', 'f.png')
        made_by('convert', 'f.png', '-alpha', 'off', '-depth', '8', 'PNG24:g.png')
        _, _, rows = png_rows('g.png')
        greens.append(rows[20][3 * 20 + 1])
    assert greens[0] > 200 and greens[1] < 60 and greens[2] > 200, greens


def test_the_still_beneath_a_moving_avif_is_covered_too():
    """Another picture is the primary one: of what it shows nothing is left, and the answer says that it is gone."""
    worker()
    made_by('convert', '-size', '96x80', 'plasma:red-blue', '-depth', '8', 'a.png')
    made_by('convert', '-size', '96x80', 'plasma:white-green', '-depth', '8', 'b.png')
    made_by('avifenc', '-s', '9', '--min', '8', '--max', '12', 'a.png', 'a.png', 'a.avif')
    made_by('avifenc', '-s', '9', '--min', '8', '--max', '12', '--ignore-icc', 'b.png', 'b.avif')
    moving, still = read('a.avif'), read('b.avif')
    # ISO/IEC 14496-12, 8.11.3, version 0 with four bytes a number: an item's place and length end its row.
    row = still.index(b'iloc') + 8 + 4 + 6
    place, length = struct.unpack('>II', still[row:row + 8])
    picture = still[place:place + length]
    row = moving.index(b'iloc') + 8 + 4 + 6
    changed = moving[:row] + struct.pack('>II', len(moving) + 8, length) + moving[row + 8:]
    write('c.avif', changed + struct.pack('>I', length + 8) + b'mdat' + picture)
    run('scrub', 'c.avif', '-o', 's.avif')
    assert picture[40:200] in read('s.avif'), 'it was there'
    file = run('redact', '--json', 'c.avif', '--region', 'rect:8,8,40,40', '-o', 'd.avif').json['files'][0]
    assert 'still picture' in file.get('note', ''), file
    for at in range(20, len(picture) - 16, 16):
        assert picture[at:at + 16] not in read('d.avif'), at
    run('verify', 'd.avif')


def test_redact_of_another_moving_picture_names_what_works():
    worker()
    for name, color in (('a.png', 'red'), ('b.png', 'blue')):
        made_by('convert', '-size', '64x48', f'gradient:{color}-white', name)
    made_by('avifenc', '-s', '9', 'a.png', 'b.png', 'a.avif')
    # What the sample description calls itself: a coding that can't be written.
    write('c.avif', read('a.avif').replace(b'av01\0\0\0\0\0\0\0\1', b'av1x\0\0\0\0\0\0\0\1'))
    has(run('redact', 'c.avif', '--region', 'rect:0,0,8,8', '-o', 'd.avif', code=4).err, 'What you can do: ')
    assert not os.path.exists('d.avif')
    made_by('ffmpeg', '-v', 'error', '-i', 'a.avif', 'copy.apng')
    run('redact', 'copy.apng', '--region', 'rect:0,0,8,8', '-o', 'd.apng')


def test_a_lossy_copy_says_how_its_length_differs():
    worker()
    if not shutil.which('cwebp'):
        raise Skip('cwebp is not installed')
    media.png('a.png', side=160, noise=True)
    for quality in '1', '90':
        subprocess.run(['cwebp', '-quiet', '-q', quality, 'a.png', '-o', 'a.webp'], check=True)
        ran = run('redact', 'a.webp', '--region', 'rect:10%,10%,20%,20%', '-o', f'copy-{quality}.webp')
        before, now = os.path.getsize('a.webp'), os.path.getsize(f'copy-{quality}.webp')
        odd = not 0.75 * before <= now <= 1.25 * before
        assert ('the picture took ' in ran.out) == odd, (before, now, ran.out)
        assert ('larger than the original' in ran.out) == (now > 1.25 * before), (before, now, ran.out)
        has(ran.out, 'saved again')


def test_without_the_worker_that_is_said():
    media.png('a.png')
    alone = shutil.copy(harness.OILSKIN, 'oilskin')
    kept, harness.OILSKIN = harness.OILSKIN, os.path.abspath(alone)
    try:
        ran = run('redact', 'a.png', '--region', 'rect:0,0,8,8', '-o', 'b.png', code=None)
        if ran.code == 0:
            raise Skip('oilskin-worker is installed')
        assert ran.code == 7 and not os.path.exists('b.png'), ran
        has(ran.err, 'oilskin-worker', 'What you can do: ')
    finally:
        harness.OILSKIN = kept


# ---- what can't be scrubbed as it is ----

def odd_png(name):
    """A PNG with a part that readers must understand and nobody does, and a comment."""
    whole = read(media.png('whole.png'))
    os.remove('whole.png')
    return write(name, whole[:33] + media.chunk(b'ABCD', b'hello') + whole[33:])


def test_flatten_saves_what_is_seen():
    worker()
    odd_png('odd.png')
    before = state()
    ran = run('scrub', 'odd.png', '--flatten', '-o', 'copy.png')
    has(ran.out, "it can't be scrubbed as it is: a part that readers must understand", 'in a fresh file: PNG',
        harness.NOTHING_LEFT)
    assert new_names(before) == ['copy.png'] and media.SECRET.encode() not in read('copy.png')
    assert b'ABCD' not in read('copy.png') and read('odd.png') == before['odd.png']
    run('verify', 'copy.png')
    file = run('scrub', '--json', '--flatten', '--dry-run', 'odd.png').json['files'][0]
    assert file['flattened'] is True and 'understand' in file['refusal'] and file['exit'] == 0, file


def test_a_refusal_names_flatten_only_where_it_works():
    worker()
    odd_png('odd.png')
    has(run('scrub', 'odd.png', code=4).err, '--flatten')
    has(run('redact', 'odd.png', '--region', 'rect:0,0,8,8', code=4).err, 'oilskin scrub --flatten')
    data = read(media.png('cut.png'))
    write('cut.png', data[:-40])
    ran = run('scrub', 'cut.png', code=3)
    lacks(ran.err, '--flatten')
    run('scrub', '-', stdin=data[:-40], code=3)
    ran = run('scrub', 'cut.png', '--flatten', code=3)
    has(ran.err, 'and --flatten could not decode it: ')
    write('notes.txt', 'no picture at all\n' * 10)
    lacks(run('scrub', 'notes.txt', '--flatten', code=4).err, '--flatten')
    assert state().keys() == {'odd.png', 'cut.png', 'notes.txt', 'probe.png'}


def test_flatten_saves_what_is_left_of_a_jpeg():
    worker()
    data = read(photo())
    write('cut.jpg', data[:len(data) * 2 // 3])
    has(run('scrub', 'cut.jpg', code=3).err, '--flatten')
    # What is covered in a file that is cut off isn't known.
    run('redact', 'cut.jpg', '--region', 'rect:0,0,8,8', code=3)
    run('redact', 'cut.jpg', '--rotate=90', code=3)
    ran = run('scrub', 'cut.jpg', '--flatten', '-o', 'left.jpg')
    has(ran.out, 'fresh file: JPEG', 'the part of the picture that is missing is grey')
    run('verify', 'left.jpg')
    run('redact', 'left.jpg', '--region', 'rect:0,0,8,8', '-o', 'covered.jpg')
    file = run('scrub', '--json', '--flatten', '--dry-run', 'cut.jpg').json['files'][0]
    assert file['flattened'] is True and file['cut_short'] is True, file
    # Of nothing there is nothing to save.
    write('head.jpg', data[:data.index(b'\xff\xda') + 20])
    run('scrub', 'head.jpg', '--flatten', code=3)


def test_flatten_changes_nothing_that_can_be_scrubbed():
    media.png('a.png', noise=True)
    run('scrub', 'a.png', '-o', 'b.png')
    run('scrub', 'a.png', '--flatten', '-o', 'c.png')
    assert read('b.png') == read('c.png')


def test_flatten_of_arithmetic_jpeg():
    worker()
    if shutil.which('cjpeg') is None:
        raise Skip('cjpeg is not installed')
    write('a.ppm', b'P6 64 48 255\n' + bytes(range(256)) * 36)
    subprocess.run(['cjpeg', '-arithmetic', '-outfile', 'a.jpg', 'a.ppm'], check=True)
    has(run('scrub', 'a.jpg', code=4).err, 'arithmetic', '--flatten')
    has(run('scrub', 'a.jpg', '--flatten', '-o', 'b.jpg').out, 'fresh file: JPEG, slightly changed')
    run('verify', 'b.jpg')
