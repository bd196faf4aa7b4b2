#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Floods of variants of photographs, mixed with unique pictures and with ones that only look like copies.

usage: triage.py FOLD PICTURES [--half a|b] [--short] [--items FILE]

FOLD is the program triage-fold; PICTURES a folder that is searched for photographs. The first half of them ('a') is
what thresholds are set on, the other ('b', the default) what is reported. --items writes a line for each picture.
"""
import io
import os
import random
import re
import subprocess
import sys

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFile, ImageFilter, ImageFont

ImageFile.LOAD_TRUNCATED_IMAGES = False
Image.MAX_IMAGE_PIXELS = None
SIDE = 1280


def photographs(folder):
    """Paths of what is large enough and no drawing of a few colours; of one motif in several sizes the largest."""
    found = {}
    for top, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(top, name)
            if not name.lower().endswith(('.jpg', '.jpeg', '.png', '.webp')) or os.path.islink(path):
                continue
            try:
                with Image.open(path) as image:
                    width, height = image.size
            except OSError:
                continue
            if min(width, height) < 600:
                continue
            motif = path.split('/contents/')[0] if '/contents/' in path else re.sub(r'_?\d+x\d+|\.\w+$', '', path)
            if motif not in found or found[motif][0] < width * height:
                found[motif] = (width * height, path)
    return sorted(path for _, path in found.values())


def load(path):
    with Image.open(path) as image:
        image.draft('RGB', (2 * SIDE, 2 * SIDE))
        image = image.convert('RGB')
    image.thumbnail((2 * SIDE, 2 * SIDE), Image.Resampling.LANCZOS)
    return image


def has_content(image):
    """Not a plain sky: edges in most quarters of it."""
    small = np.asarray(image.convert('L').resize((64, 64), Image.Resampling.BOX), dtype=float)
    steps = np.abs(np.diff(small, axis=0))[:, :-1] + np.abs(np.diff(small, axis=1))[:-1]
    return all(np.mean(block) > 2.5 for half in np.array_split(steps, 2) for block in np.array_split(half, 2, axis=1))


def font(size):
    for path in ('/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf', '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf'):
        if os.path.exists(path):
            return ImageFont.truetype(path, size)
    return ImageFont.load_default()


def words(rng, count):
    return ' '.join(''.join(rng.choice('AEIOURSTLNMKP') for _ in range(rng.randint(2, 8))) for _ in range(count))


# ---- what copies go through ----

def jpeg(image, rng):
    out = io.BytesIO()
    image.save(out, 'JPEG', quality=rng.randint(25, 85))
    return Image.open(out).convert('RGB')


def resized(image, rng):
    scale = rng.uniform(0.3, 0.9)
    return image.resize((max(1, int(image.width * scale)), max(1, int(image.height * scale))), Image.Resampling.BICUBIC)


def gif(image, rng):
    return image.quantize(rng.choice((64, 128, 256))).convert('RGB')


def colours(image, rng):
    image = ImageEnhance.Brightness(image).enhance(rng.uniform(0.75, 1.25))
    image = ImageEnhance.Contrast(image).enhance(rng.uniform(0.75, 1.25))
    return ImageEnhance.Color(image).enhance(rng.uniform(0, 1.6))


def blurred(image, rng):
    return image.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 2)))


def watermark(image, rng):
    layer = Image.new('RGBA', image.size)
    ImageDraw.Draw(layer).text((image.width // 2, image.height // 2), words(rng, 2), anchor='mm',
                               font=font(image.width // 14), fill=(255, 255, 255, 110))
    return Image.alpha_composite(image.convert('RGBA'), layer).convert('RGB')


def meme(image, rng):
    image = image.copy()
    draw = ImageDraw.Draw(image)
    size = image.width // 11
    for y, anchor in ((image.height // 40, 'ma'), (image.height - image.height // 40, 'md')):
        draw.text((image.width // 2, y), words(rng, 3), anchor=anchor, font=font(size), fill='white', stroke_width=size // 12,
                  stroke_fill='black')
    return image


def crop(image, rng, least=0.75, most=0.95):
    scale = rng.uniform(least, most)
    width, height = int(image.width * scale), int(image.height * scale)
    left, top = rng.randint(0, image.width - width), rng.randint(0, image.height - height)
    return image.crop((left, top, left + width, top + height))


def half(image, rng):
    return crop(image, rng, 0.5, 0.6)


def caption(image, rng):
    bar = image.height // 6
    out = Image.new('RGB', (image.width, image.height + bar), 'white')
    out.paste(image, (0, bar))
    ImageDraw.Draw(out).text((image.width // 30, bar // 2), words(rng, 4), anchor='lm', font=font(bar // 3), fill='black')
    return out


def screenshot(image, rng):
    width = 1080
    picture = image.resize((width, int(image.height * width / image.width)), Image.Resampling.BICUBIC)
    out = Image.new('RGB', (width, max(1920, picture.height + 500)), (250, 250, 250))
    draw = ImageDraw.Draw(out)
    draw.rectangle((0, 0, width, 60), fill=(20, 20, 20))
    draw.text((30, 30), f'{rng.randint(0, 23):02}:{rng.randint(0, 59):02}', anchor='lm', font=font(36), fill='white')
    draw.ellipse((40, 90, 150, 200), fill=(60, 100, 200))
    draw.text((180, 145), words(rng, 2), anchor='lm', font=font(44), fill='black')
    out.paste(picture, (0, 230))
    below = 230 + picture.height
    for line in range(3):
        draw.text((40, below + 60 + 60 * line), words(rng, 5), anchor='lm', font=font(40), fill=(40, 40, 40))
    return out


def letterbox(image, rng):
    bar = int(image.height * rng.uniform(0.08, 0.25))
    out = Image.new('RGB', (image.width, image.height + 2 * bar), 'black')
    out.paste(image, (0, bar))
    return out


def mirror(image, rng):
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def turned(image, rng):
    return image.transpose(rng.choice((Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270)))


# Those that add something stay to be seen as differences; the others are copies.
COPIES = (jpeg, resized, gif, colours, blurred, crop, letterbox, mirror, turned)
ADDED = (watermark, meme, caption, screenshot, half)


def variant(image, rng):
    """A copy as people make them: one edit, often another, and always a codec at the end."""
    edits = [rng.choice(COPIES)]
    if rng.random() < 0.3:
        edits.append(rng.choice(COPIES))
    if rng.random() < 0.25:
        edits.append(rng.choice(ADDED))
    for edit in edits:
        image = edit(image, rng)
    return jpeg(image, rng), '+'.join(edit.__name__ for edit in edits)


def tampered(image, other, rng):
    """A foreign patch of at least a fifth of each side, in a copy."""
    scale = rng.uniform(0.2, 0.3)
    size = int(image.width * scale), int(image.height * scale)
    at = rng.randint(0, image.width - size[0]), rng.randint(0, image.height - size[1])
    out = image.copy()
    out.paste(other.resize(size, Image.Resampling.BICUBIC), at)
    return jpeg(out, rng), 'patch'


# ---- the mix ----

def tiles(image):
    """Parts that do not overlap, each with something to see."""
    columns, rows = max(1, image.width // 640), max(1, image.height // 480)
    width, height = image.width // columns, image.height // rows
    for row in range(rows):
        for column in range(columns):
            part = image.crop((column * width, row * height, (column + 1) * width, (row + 1) * height))
            if has_content(part):
                yield part


def items(paths, is_short, rng):
    """(role, source, edits, picture) in the order of arrival. A third of the photographs are flooded."""
    plan = []
    flooded = [i for i in range(len(paths)) if i % 3 == 0]
    for number, source in enumerate(flooded):
        count = (6, 12, 25)[number % 3] if is_short else (10, 40, 160)[number % 3]
        plan += [('flood', source, rng.random()) for _ in range(count)]
        plan += [('tampered', source, rng.random()) for _ in range(1 if is_short else 4)]
    for source in range(len(paths)):
        if source % 3 != 0:
            plan.append(('unique', source, rng.random()))
    rng.shuffle(plan)
    # What is flooded is kept in memory, made small.
    pictures = {}
    for role, source, seed in plan:
        own = random.Random(seed)
        if role == 'unique':
            parts = list(tiles(load(paths[source])))
            own.shuffle(parts)
            for number, part in enumerate(parts[:4 if is_short else 16]):
                # The same caption or the same frame of a screenshot over different pictures.
                edit = (None, caption, screenshot)[number % 3]
                yield role, source, edit.__name__ if edit else '', jpeg(edit(part, random.Random(5)) if edit else part, own)
            continue
        if source not in pictures:
            pictures[source] = load(paths[source])
            pictures[source].thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
        image = pictures[source]
        if role == 'flood':
            picture, name = variant(image, own)
        else:
            other = pictures[own.choice([s for s in pictures if s != source] or [source])]
            picture, name = tampered(image, other, own)
        yield role, source, name, picture


def send(pipe, picture):
    shown = picture.size
    luma = picture.convert('L')
    if max(shown) > 512:
        scale = 512 / max(shown)
        luma = luma.resize((max(1, round(shown[0] * scale)), max(1, round(shown[1] * scale))), Image.Resampling.BOX)
    pipe.write(f'{luma.width} {luma.height} {shown[0]} {shown[1]} 0\n'.encode() + luma.tobytes())


def numbers(told, tier, representative, prefix):
    sources = {item[1] for item in told if item[0] == 'flood'}
    new = sum(1 for item in told if item[0] == 'flood' and item[tier] == 'N')
    shown = sum(1 for item in told if item[tier] != 'E')
    single = sum(1 for item in told if item[0] != 'flood')
    print(f'{prefix}clusters_per_source {new / max(1, len(sources)):.2f}')
    print(f'{prefix}unique_folded {sum(1 for item in told if item[0] == "unique" and item[tier] == "E")}')
    print(f'{prefix}tampered_folded {sum(1 for item in told if item[0] == "tampered" and item[tier] == "E")}')
    print(f'{prefix}looks_over_ideal {shown / max(1, len(sources) + single):.2f}')


def main():
    words_given = sys.argv[1:]
    which = words_given[words_given.index('--half') + 1] if '--half' in words_given else 'b'
    log = words_given[words_given.index('--items') + 1] if '--items' in words_given else None
    paths = [path for path in photographs(words_given[1]) if has_content(load(path))]
    paths = [path for number, path in enumerate(paths) if number % 2 == 'ab'.index(which)]
    if len(paths) < 6:
        print('triage: too few photographs', file=sys.stderr)
        return 1
    told = []
    fold = subprocess.Popen([words_given[0]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    for role, source, edits, picture in items(paths, '--short' in words_given, random.Random(1)):
        send(fold.stdin, picture)
        fold.stdin.flush()
        line = fold.stdout.readline().decode().split()
        told.append((role, source, edits, line[0], line[1], 'E' if line[8] == 'F' else 'N', line[9], ' '.join(line[2:7])))
    fold.stdin.close()
    rest = fold.stdout.read().decode()
    fold.wait()
    if log:
        with open(log, 'w', encoding='utf-8') as out:
            for number, item in enumerate(told):
                out.write(f'{number} ' + ' '.join(str(part) or '-' for part in item) + '\n')
    for role in ('flood', 'unique', 'tampered'):
        print(f'items_{role} {sum(1 for item in told if item[0] == role)}')
    numbers(told, 3, 4, '')
    sources = {item[1] for item in told if item[0] == 'flood'}
    print(f'differences_per_source {sum(1 for i in told if i[0] == "flood" and i[3] == "V") / max(1, len(sources)):.2f}')
    numbers(told, 5, 6, 'plain_pdq_')
    for line in rest.splitlines():
        print(line.lstrip('# '))
    return fold.returncode


sys.exit(main())
