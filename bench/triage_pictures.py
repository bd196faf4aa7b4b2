# SPDX-License-Identifier: GPL-3.0-or-later
"""Photographs that Debian ships, and what copies of them go through."""
import io
import os
import re

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont

Image.MAX_IMAGE_PIXELS = None
SIDE = 1280
SUFFIXES = ('.jpg', '.jpeg', '.png', '.webp')
# Real pictures of one scene after each other, of opencv-doc: never taken as photographs of their own.
BURSTS = {'left': r'left\d\d\.jpg', 'right': r'right\d\d\.jpg', 'leuven': r'leuven[AB]\.jpg', 'aloe': r'aloe[LR]\.jpg',
          'graf': r'graf[13]\.png', 'basketball': r'basketball[12]\.png', 'rubberwhale': r'rubberwhale[12]\.png',
          'box': r'box_in_scene\.png|box\.png', 'ela': r'ela_(original|modified)\.jpg', 'lowres': r'LR_\d\d\.png'}
# Renderings in other colours are one motif.
MOTIF = re.compile(r'_?\d+x\d+|-[dl](?=\.)|(?<=Ubuntu-Mate)-\w+(?=-no)|(?<=MATE-Stripes)-\w+|\.\w+$')


def is_burst(name):
    return any(re.fullmatch(pattern, name) for pattern in BURSTS.values())


def files_of(folder):
    for top, _, names in os.walk(folder):
        for name in sorted(names):
            path = os.path.join(top, name)
            if name.lower().endswith(SUFFIXES) and not os.path.islink(path):
                yield path, name


def photographs(folder):
    """Paths of what is large enough; of one motif in several sizes or colours the largest."""
    found = {}
    for path, name in files_of(folder):
        # Of OpenCV's pictures only its samples: others are screenshots and drawings of its manual.
        if is_burst(name) or ('opencv' in path and '/examples/data/' not in path):
            continue
        try:
            with Image.open(path) as image:
                width, height = image.size
        except OSError:
            continue
        motif = path.split('/contents/')[0] if '/contents/' in path else MOTIF.sub('', path)
        if min(width, height) >= 480 and (motif not in found or found[motif][0] < width * height):
            found[motif] = (width * height, path)
    return sorted(path for _, path in found.values())


def bursts(folder):
    """Lists of paths, each of one scene."""
    scenes = {}
    for path, name in files_of(folder):
        for scene, pattern in BURSTS.items():
            if re.fullmatch(pattern, name):
                scenes.setdefault(scene, {})[name] = path
    return [[scenes[scene][name] for name in sorted(scenes[scene])] for scene in sorted(scenes)]


def load(path, side=2 * SIDE):
    with Image.open(path) as image:
        image.draft('RGB', (side, side))
        image = image.convert('RGB')
    image.thumbnail((side, side), Image.Resampling.BICUBIC)
    return image


def has_content(image):
    """Not a plain sky, nor the grain of one: edges in every quarter of it that stay where pixels are put together."""
    small = np.asarray(image.convert('L').resize((32, 32), Image.Resampling.BOX), dtype=float)
    steps = np.abs(np.diff(small, axis=0))[:, :-1] + np.abs(np.diff(small, axis=1))[:-1]
    return all(np.mean(block) > 2.4 for half in np.array_split(steps, 2) for block in np.array_split(half, 2, axis=1))


def coarse(image):
    """Sixteen pixels a side, without its light: what tells motifs that come again from others."""
    small = np.asarray(image.convert('L').resize((16, 16), Image.Resampling.BOX), dtype=float)
    return (small - small.mean()) / max(1.0, small.std())


def tiles(image, width=300, height=225):
    """Parts that do not overlap, each with something to see, and none like another: patterns repeat themselves."""
    columns, rows = max(1, image.width // width), max(1, image.height // height)
    width, height = image.width // columns, image.height // rows
    seen = []
    for row in range(rows):
        for column in range(columns):
            part = image.crop((column * width, row * height, (column + 1) * width, (row + 1) * height))
            here = coarse(part)
            forms = (here, here[:, ::-1], here[::-1], here[::-1, ::-1])
            if has_content(part) and all(np.mean(form * other) < 0.8 for form in forms for other in seen):
                seen.append(here)
                yield part


def font(size):
    for path in ('/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf', '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf'):
        if os.path.exists(path):
            return ImageFont.truetype(path, size)
    return ImageFont.load_default()


def thin(size):
    """As forms are printed."""
    path = '/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf'
    return ImageFont.truetype(path, size) if os.path.exists(path) else font(size)


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


def crop(image, rng, least=0.75, most=0.95):
    scale = rng.uniform(least, most)
    width, height = int(image.width * scale), int(image.height * scale)
    left, top = rng.randint(0, image.width - width), rng.randint(0, image.height - height)
    return image.crop((left, top, left + width, top + height))


def half(image, rng):
    return crop(image, rng, 0.5, 0.6)


def letterbox(image, rng):
    bar = int(image.height * rng.uniform(0.08, 0.25))
    out = Image.new('RGB', (image.width, image.height + 2 * bar), 'black')
    out.paste(image, (0, bar))
    return out


def mirror(image, rng):
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def turned(image, rng):
    return image.transpose(rng.choice((Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270)))


# ---- what is put over a picture, or about it ----

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
        draw.text((image.width // 2, y), words(rng, 3), anchor=anchor, font=font(size), fill='white',
                  stroke_width=max(1, size // 12), stroke_fill='black')
    return image


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


COPIES = (jpeg, resized, gif, colours, blurred, crop, half, letterbox, mirror, turned)
ADDED = (caption, meme, watermark, screenshot)


def patched(image, other, rng, is_soft):
    """A foreign patch of at least a fifth of each side, with a hard edge or one that blends."""
    scale = rng.uniform(0.2, 0.3)
    size = int(image.width * scale), int(image.height * scale)
    at = rng.randint(0, image.width - size[0]), rng.randint(0, image.height - size[1])
    mask = Image.new('L', size, 255)
    if is_soft:
        edge = max(2, min(size) // 16)
        mask = Image.new('L', size, 0)
        ImageDraw.Draw(mask).rectangle((edge, edge, size[0] - edge, size[1] - edge), fill=255)
        mask = mask.filter(ImageFilter.GaussianBlur(edge / 2))
    out = image.copy()
    # Its middle, so that a subject is in it.
    out.paste(crop(other, rng, 0.5, 0.8).resize(size, Image.Resampling.BICUBIC), at, mask)
    return out


def burst_of(image, subject, rng, count):
    """Frames of one scene: the camera shakes, a subject of a quarter of each side walks through it."""
    size = image.width // 4, image.height // 4
    figure = subject.resize(size, Image.Resampling.BICUBIC)
    mask = Image.new('L', size, 0)
    ImageDraw.Draw(mask).ellipse((0, 0, size[0] - 1, size[1] - 1), fill=255)
    top = rng.randint(0, image.height - size[1])
    for frame in range(count):
        left = (image.width - size[0]) * frame // max(1, count - 1)
        out = image.copy()
        out.paste(figure, (left, top), mask)
        shake = rng.uniform(-1, 1)
        out = out.rotate(shake, Image.Resampling.BICUBIC)
        edge = image.width // 30
        at = rng.randint(edge // 2, edge), rng.randint(edge // 2, edge)
        yield out.crop((at[0], at[1], out.width - 2 * edge + at[0], out.height - 2 * edge + at[1]))
