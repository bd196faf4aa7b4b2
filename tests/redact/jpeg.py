#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Redaction of JPEG as an outside reader sees it: libjpeg reads the coefficients of what went in and of what came
out, for each sampling, coding, size and orientation.

- outside of the touched MCUs every coefficient is the same, and so are quantisers, sampling and coding;
- two pictures that differ only under the region, same randomness, give the same bytes (the one test);
- a crop holds the coefficients of the part that stays, and nothing of the rest;
- the result is what a scrub would leave, and libjpeg reads it without a warning.

With CORPUS, real camera files instead: what is outside of a region in their middle keeps its coefficients.

usage: jpeg.py REDACT_JPEG JPEG_COEFS [CORPUS]    (TAP on standard output, and the count)
"""
import glob
import os
import subprocess
import sys
import tempfile

REDACT, COEFS = sys.argv[1:3]
CORPUS = sys.argv[3] if len(sys.argv) > 3 else None
CODINGS = ['-', 'o', 'p', 'm', 'om', '5', 'o5', 'p7', 'm4', 'om3']
# colour, factors, width, height
SHAPES = [
    ('grey', '11', 131, 77), ('grey', '22', 50, 33), ('ycc', '11,11,11', 97, 60), ('ycc', '21,11,11', 163, 90),
    ('ycc', '22,11,11', 163, 131), ('ycc', '12,11,11', 88, 99), ('ycc', '41,11,11', 200, 61),
    ('ycc', '22,21,11', 119, 121), ('ycc', '22,12,21', 120, 97), ('rgb', '11,11,11', 77, 45), ('ycc', '22,11,11', 16, 16),
    ('ycc', '22,11,11', 17, 1), ('cmyk', '11,11,11,11', 70, 66), ('ycck', '22,11,11,22', 101, 83),
]
STYLES = ['fill', 'blur', 'mosaic']


def run(*command, ok=True):
    done = subprocess.run(command, capture_output=True, text=True)
    if ok and done.returncode != 0:
        raise AssertionError(f'{" ".join(map(str, command))}: {done.returncode} {done.stderr.strip()}')
    return done


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def write(path, data):
    with open(path, 'wb') as file:
        file.write(data)


def turn(path, orientation):
    """Puts an Exif tag into a JPEG."""
    tiff = b'MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0' + bytes([orientation]) + b'\0\0\0\0\0\0'
    segment = b'Exif\0\0' + tiff
    data = read(path)
    write(path, data[:2] + b'\xff\xe1' + (len(segment) + 2).to_bytes(2, 'big') + segment + data[2:])


def stored(box, orientation, width, height):
    """A box (left, top, right, bottom) as displayed, to the picture as stored (Exif 3.0, 4.6.5.1.6)."""
    def point(x, y):
        return {1: (x, y), 2: (width - x, y), 3: (width - x, height - y), 4: (x, height - y), 5: (y, x),
                6: (y, height - x), 7: (width - y, height - x), 8: (width - y, x)}[orientation]
    (a, b), (c, d) = point(box[0], box[1]), point(box[2], box[3])
    return min(a, c), min(b, d), max(a, c), max(b, d)


def cells(box, shape):
    """The MCUs that a stored box touches, as left, top, right, bottom."""
    factors = [f for f in shape[1].split(',')]
    across = 8 * (1 if shape[0] == 'grey' else max(int(f[0]) for f in factors))
    down = 8 * (1 if shape[0] == 'grey' else max(int(f[1]) for f in factors))
    return box[0] // across, box[1] // down, -(-box[2] // across), -(-box[3] // down), across, down


def region(shape, orientation, part):
    """A box as displayed: a middle one, or one at the far corner, or all."""
    width, height = shape[2:] if orientation < 5 else shape[:1:-1]
    left, top = (width // 3, height // 3) if part == 'middle' else (width - width // 4 - 1, height - height // 4 - 1)
    right, bottom = (left + width // 4 + 1, top + height // 4 + 1) if part == 'middle' else (width, height)
    return (0, 0, width, height) if part == 'all' else (left, top, min(right, width), min(bottom, height))


def as_argument(box, style):
    return f'rect:{box[0]},{box[1]},{box[2] - box[0]},{box[3] - box[1]}:{style}'


def changed(before, after, *corner):
    lines = run(COEFS, 'compare', before, after, *corner).stdout.splitlines()
    assert lines[0].endswith('warnings 0'), lines[0]
    return lines[0].split()[1:3], {tuple(map(int, line.split())) for line in lines[1:]}


def make(path, shape, coding, orientation=1, seed=1):
    run(COEFS, 'make', path, *strings(shape[2], shape[3], *shape[:2], 80, seed), coding)
    if orientation != 1:
        turn(path, orientation)


def strings(*values):
    return [str(v) for v in values]


def check_outside(folder, shape, coding, orientation, part):
    """Only what the region touches changes, and every style changes all of that alike."""
    one, two = os.path.join(folder, 'one.jpg'), os.path.join(folder, 'two.jpg')
    make(one, shape, coding, orientation)
    box = region(shape, orientation, part)
    left, top, right, bottom, _, _ = cells(stored(box, orientation, *shape[2:]), shape)
    expected = {(x, y) for x in range(left, right) for y in range(top, bottom)}
    for style in STYLES:
        run(REDACT, '--seed', '5', one, two, as_argument(box, style))
        _, found = changed(one, two)
        assert found == expected, f'{style}: {sorted(found ^ expected)[:6]}'


def check_one_test(folder, shape, coding, orientation, part):
    """Two pictures that differ only under the region give the same bytes."""
    base = os.path.join(folder, 'base.jpg')
    make(base, shape, '-', orientation)
    box = region(shape, orientation, part)
    touched = cells(stored(box, orientation, *shape[2:]), shape)[:4]
    inputs, outputs = [], {}
    for seed in ('3', '4'):
        path, out = os.path.join(folder, 'twin.jpg'), os.path.join(folder, 'out.jpg')
        run(COEFS, 'alter', base, path, seed, *strings(*touched), coding)
        inputs.append(read(path))
        for style in STYLES:
            run(REDACT, '--seed', '9', path, out, as_argument(box, style))
            outputs.setdefault(style, set()).add(read(out))
    assert len(set(inputs)) == 2, 'the twins are one'
    for style in STYLES:
        assert len(outputs[style]) == 1, f'{style} tells of what it covers'


def check_crop(folder, shape, coding, orientation):
    """What stays is unchanged; what goes has no influence."""
    base, path, out = (os.path.join(folder, n) for n in ('base.jpg', 'in.jpg', 'out.jpg'))
    make(base, shape, '-', orientation)
    box = region(shape, orientation, 'middle')
    left, top, right, bottom, across, down = cells(stored(box, orientation, *shape[2:]), shape)
    crop = f'{box[0]},{box[1]},{box[2] - box[0]},{box[3] - box[1]}'
    columns, rows = -(-shape[2] // across), -(-shape[3] // down)
    outside = [(0, 0, columns, top), (0, bottom, columns, rows), (0, top, left, bottom), (right, top, columns, bottom)]
    results = set()
    for seed in ('1', '2'):
        source = base
        for part in outside:
            run(COEFS, 'alter', source, path, seed, *strings(*part), coding)
            os.replace(path, source := os.path.join(folder, 'next.jpg'))
        run(REDACT, '--crop', crop, source, out)
        size, found = changed(source, out, *strings(left, top))
        width = min(right * across, shape[2]) - left * across
        height = min(bottom * down, shape[3]) - top * down
        assert size == strings(width, height), f'{size} for {width} {height}'
        assert not found, f'changed: {sorted(found)[:6]}'
        results.add(read(out))
        run(REDACT, '--seed', '4', '--crop', crop, source, out, as_argument((box[0], box[1], box[0] + 1, box[1] + 1), 'blur'))
        results.add(read(out))
    assert len(results) == 2, 'a crop tells of what is outside'


def check_same_picture(folder, shape):
    """However it is coded, the same picture with the same regions becomes the same picture."""
    outs = []
    for coding in CODINGS:
        one, two = os.path.join(folder, 'one.jpg'), os.path.join(folder, f'two-{coding}.jpg')
        make(one, shape, coding)
        run(REDACT, '--seed', '5', one, two, *[as_argument(region(shape, 1, 'middle'), s) for s in STYLES[1:2]],
            as_argument(region(shape, 1, 'corner'), 'mosaic'))
        # Coded once more by libjpeg alone, in one way for all.
        run(COEFS, 'alter', two, one, '1', '0', '0', '0', '0', 'o')
        outs.append(read(one))
    assert len(set(outs)) == 1, 'the coding changes what is painted'


def check_beside(folder, shape, coding):
    """A blur that touches a fill does not take its colour."""
    source, dark, light = (os.path.join(folder, n) for n in ('in.jpg', 'dark.jpg', 'light.jpg'))
    make(source, shape, coding)
    box = region(shape, 1, 'middle')
    left, top, right, bottom, across, down = cells(box, shape)
    beside = as_argument((left * across, top * down, right * across, bottom * down), 'fill')
    blur = as_argument((right * across, top * down, (right + 2) * across, bottom * down), 'blur')
    for path, color in ((dark, '#000000'), (light, '#ffffff')):
        run(REDACT, '--seed', '6', source, path, beside + color, blur)
    _, found = changed(dark, light)
    assert found == {(x, y) for x in range(left, right) for y in range(top, bottom)}, sorted(found)


def check_color(folder, shape):
    """A fill has the colour that was asked for, in whatever space the file is."""
    source, out = os.path.join(folder, 'in.jpg'), os.path.join(folder, 'out.jpg')
    make(source, shape, '-')
    for color in ('000000', 'ffffff', 'ff0000', '2060c0', 'f0d8a0'):
        run(REDACT, source, out, f'rect:0,0,{shape[2]},{shape[3]}:fill#{color}')
        wanted = [int(color[i:i + 2], 16) for i in (0, 2, 4)]
        if shape[0] == 'grey':
            wanted = 3 * [round(0.299 * wanted[0] + 0.587 * wanted[1] + 0.114 * wanted[2])]
        got = [int(line) for line in run(COEFS, 'color', out, '5', '5').stdout.split()]
        if len(got) == 4:
            # Adobe's files hold what is left white.
            got = [ink * got[3] / 255 for ink in got[:3]]
        assert all(abs(a - b) <= 6 for a, b in zip(wanted, got)), f'{color}: {got}'


def check_real(folder, path):
    """Of a real file, no more MCUs change than the region can touch, whichever way it is turned."""
    out = os.path.join(folder, 'out.jpg')
    for style in ('fill#00ff00', 'blur'):
        # The same chance each time: of a flat picture a blur can change nothing.
        done = run(REDACT, '--seed', '5', path, out, f'rect:33%,40%,20%,15%:{style}', ok=False)
        if done.returncode != 0 and done.stderr.startswith('scrub: '):
            return 'not scrubbed'
        assert done.returncode == 0, done.stderr.strip()
        done = run(COEFS, 'compare', path, out, ok=False)
        if done.returncode != 0:
            return 'libjpeg cannot read it'
        head, *lines = done.stdout.splitlines()
        words = head.replace(',', '').split()
        assert int(words[-1]) <= 0, head
        found = [tuple(map(int, line.split())) for line in lines]
        assert found, 'nothing changed'
        across, down = int(words[4]) / int(words[7]), int(words[5]) / int(words[8])
        wide = max(x for x, _ in found) - min(x for x, _ in found)
        high = max(y for _, y in found) - min(y for _, y in found)
        assert any(wide <= a * across + 1 and high <= b * down + 1 for a, b in ((0.2, 0.15), (0.15, 0.2))), \
            f'{wide} x {high} MCUs changed: {head}'
    return None


def made(test):
    """Pictures of all kinds."""
    for number, shape in enumerate(SHAPES):
        name = f'{shape[0]} {shape[1]} {shape[2]}x{shape[3]}'
        # All codings of three samplings; of the others every third, another one each time.
        codings = CODINGS if number in (2, 4, 13) else CODINGS[number % 3::3]
        for coding in codings:
            test(f'outside: {name} {coding}', check_outside, shape, coding, 1, 'middle')
            test(f'the one test: {name} {coding}', check_one_test, shape, coding, 1, 'middle')
        for part in ('corner', 'all'):
            test(f'outside: {name} {part}', check_outside, shape, 'o3', 1, part)
            test(f'the one test: {name} {part}', check_one_test, shape, 'p', 1, part)
        for coding in ('-', 'o5', 'p', 'm3'):
            if shape[3] > 1:
                test(f'crop: {name} {coding}', check_crop, shape, coding, 1)
        test(f'same picture: {name}', check_same_picture, shape)
    for shape in SHAPES[0], SHAPES[4], SHAPES[9], SHAPES[12], SHAPES[13]:
        test(f'colour: {shape[0]}', check_color, shape)
    for coding in ('-', 'p'):
        test(f'beside: {coding}', check_beside, SHAPES[4], coding)
    for orientation in range(2, 9):
        for coding in ('-', 'p'):
            shape = ('ycc', '21,11,11', 163, 90)
            test(f'outside: turned {orientation} {coding}', check_outside, shape, coding, orientation, 'middle')
            test(f'the one test: turned {orientation} {coding}', check_one_test, shape, coding, orientation, 'corner')
            test(f'crop: turned {orientation} {coding}', check_crop, shape, coding, orientation)


def main():
    number, failed, skipped = 0, 0, 0

    def test(name, check, *arguments):
        nonlocal number, failed, skipped
        number += 1
        complaint, reason = None, None
        try:
            reason = check(folder, *arguments)
        except AssertionError as error:
            complaint = str(error)
        failed += complaint is not None
        skipped += reason is not None
        print(f'{"not ok" if complaint else "ok"} {number} - {name}' + (f' # skip {reason}' if reason else '') +
              (f'\n# {complaint}' if complaint else ''), flush=True)

    with tempfile.TemporaryDirectory() as folder:
        if CORPUS is None:
            made(test)
        else:
            for path in sorted(glob.glob(os.path.join(CORPUS, 'real', 'jpeg', '*'))):
                test(os.path.basename(path), check_real, path)
    print(f'1..{number}')
    if CORPUS is not None:
        print(f'{number - failed - skipped} passed, {failed} failed, {skipped} skipped')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
