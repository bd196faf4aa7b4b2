# SPDX-License-Identifier: GPL-3.0-or-later
"""Films made of photographs: a camera that moves over them, cuts, things that move; and what copies go through.

Every one goes through a real encoder (ffmpeg), and is shown to the folding at 512 pixels at most, as the worker does."""
import math
import os
import random
import subprocess
import tempfile

import numpy as np
import triage_pictures as pictures
from PIL import Image, ImageDraw

WIDTH, HEIGHT, RATE, SECONDS = 320, 180, 12, 12
LUMA = 512
CAPTURED = 7


class Film:
    """Frames in grey, at so many a second."""

    def __init__(self, frames, rate=RATE):
        self.frames, self.rate = frames, rate


# ---- what is filmed ----

def photograph(mix, number):
    image = mix.source(number).convert('L')
    image.thumbnail((960, 960), Image.Resampling.BOX)
    return image


def moving(image, rng, count):
    """A camera that goes from one place and zoom to another, with a shaking hand."""
    def view():
        width = rng.uniform(0.45, 0.8) * image.width
        width = min(width, image.height * WIDTH / HEIGHT)
        return width, rng.uniform(0, image.width - width), rng.uniform(0, image.height - width * HEIGHT / WIDTH)

    first, last = view(), view()
    for at in range(count):
        along = at / count
        width, left, top = ((1 - along) * a + along * b for a, b in zip(first, last))
        left = min(max(0, left + math.sin(at * 0.9) * 2), image.width - width)
        yield image.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR, (left, top, left + width, top + width * HEIGHT / WIDTH))


def shots(images, rng, count=SECONDS * RATE):
    """Some of three seconds, over one picture each."""
    frames = []
    while len(frames) < count:
        frames += moving(images[len(frames) // (3 * RATE) % len(images)], rng, 3 * RATE)
    return Film([np.asarray(frame) for frame in frames[:count]])


def static(image, figure, rng):
    """A camera that stands still; something of a tenth of it goes through the picture."""
    back = image.resize((WIDTH, HEIGHT), Image.Resampling.BOX)
    small = figure.resize((WIDTH // 10, HEIGHT // 5), Image.Resampling.BOX)
    top, speed, left = rng.randint(0, HEIGHT - small.height), rng.uniform(0.5, 3), rng.randint(0, WIDTH)
    frames = []
    for at in range(SECONDS * RATE):
        frame = back.copy()
        frame.paste(small, (int(left + at * speed) % WIDTH - small.width, top))
        frames.append(np.asarray(frame))
    return Film(frames)


def speaker(image, rng, cuts):
    """Somebody speaks before a picture: the head moves, the mouth opens. With cuts, from two cameras."""
    far = image.resize((WIDTH, HEIGHT), Image.Resampling.BOX)
    near = image.resize((WIDTH, HEIGHT), Image.Resampling.BOX, (image.width // 4, 0, image.width * 3 // 4, image.height // 2))
    frames, is_near, until = [], False, 0
    for at in range(SECONDS * RATE):
        if cuts and at >= until:
            is_near, until = not is_near, at + rng.randint(RATE, 3 * RATE)
        frame = (near if is_near else far).copy()
        draw = ImageDraw.Draw(frame)
        radius = 60 if is_near else 38
        x, y = WIDTH // 2 + 4 * math.sin(at * 0.21 + rng.random()), HEIGHT // 2 + 2 * math.sin(at * 0.37)
        draw.ellipse((x - radius * 0.8, y - radius, x + radius * 0.8, y + radius), fill=190)
        for eye in (-0.3, 0.3):
            draw.ellipse((x + eye * radius - 4, y - radius * 0.3 - 4, x + eye * radius + 4, y - radius * 0.3 + 4), fill=30)
        mouth = radius * 0.25 * rng.random()
        draw.ellipse((x - radius * 0.3, y + radius * 0.4 - mouth, x + radius * 0.3, y + radius * 0.4 + mouth), fill=60)
        frames.append(np.asarray(frame))
    return Film(frames)


# ---- what copies go through ----

def each(film, change):
    return Film([np.asarray(change(Image.fromarray(frame))) for frame in film.frames], film.rate)


def lighter(film, rng):
    gain, offset = rng.uniform(0.75, 1.2), rng.uniform(-20, 20)
    return each(film, lambda image: image.point(lambda value: value * gain + offset))


def cropped(film, rng):
    edge = rng.uniform(0.03, 0.06)
    return each(film, lambda image: image.crop((int(image.width * edge), int(image.height * edge), int(image.width * (1 - edge)),
                                                int(image.height * (1 - edge)))))


def smaller(film, rng):
    scale = rng.uniform(0.5, 0.9)
    size = int(film.frames[0].shape[1] * scale) // 2 * 2, int(film.frames[0].shape[0] * scale) // 2 * 2
    return each(film, lambda image: image.resize(size, Image.Resampling.BICUBIC))


def boxed(film, rng):
    bar = int(film.frames[0].shape[0] * rng.uniform(0.1, 0.2)) // 2 * 2
    return Film([np.pad(frame, ((bar, bar), (0, 0))) for frame in film.frames], film.rate)


def slower(film, rng):
    """Fewer frames a second, in the same time."""
    rate = rng.choice((6, 8, 10))
    count = len(film.frames) * rate // film.rate
    return Film([film.frames[at * film.rate // rate] for at in range(count)], rate)


def part(film, rng):
    """From somewhere on, not all of it."""
    count = int(len(film.frames) * rng.uniform(0.75, 0.9))
    first = rng.randint(0, len(film.frames) - count)
    return Film(film.frames[first:first + count], film.rate)


def mirrored(film, _rng):
    return Film([np.ascontiguousarray(frame[:, ::-1]) for frame in film.frames], film.rate)


def plain(film, _rng):
    return film


COPIES = (plain, lighter, cropped, smaller, boxed, slower, part, mirrored)


def patched(film, other, rng, first, last):
    """A foreign film in a part of the picture, for a part of the time."""
    scale = rng.uniform(0.2, 0.3)
    width, height = int(WIDTH * scale), int(HEIGHT * scale)
    left, top = rng.randint(0, WIDTH - width), rng.randint(0, HEIGHT - height)
    frames = [frame.copy() for frame in film.frames]
    for at in range(int(first * len(frames)), int(last * len(frames))):
        patch = Image.fromarray(other.frames[at]).resize((width, height), Image.Resampling.BOX)
        frames[at][top:top + height, left:left + width] = np.asarray(patch)
    return Film(frames, film.rate)


def inserted(film, other, rng):
    """Two seconds of another film in its middle."""
    at = rng.randint(RATE, len(film.frames) - 3 * RATE)
    return Film(film.frames[:at] + other.frames[:2 * RATE] + film.frames[at + 2 * RATE:], film.rate)


# ---- through an encoder ----

def coded(film, quality):
    """What is left of it: its frames, made small where they are large, and its size as it is shown."""
    height, width = (side // 2 * 2 for side in film.frames[0].shape)
    data = np.stack([frame[:height, :width] for frame in film.frames]).tobytes()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'film.mp4')
        quiet = ['ffmpeg', '-v', 'error', '-threads', '1']
        raw = ['-f', 'rawvideo', '-pix_fmt', 'gray']
        subprocess.run(quiet + raw + ['-s', f'{width}x{height}', '-r', str(film.rate), '-i', '-', '-pix_fmt', 'yuv420p', '-c:v', 'libx264',
                                      '-preset', 'veryfast', '-crf', str(quality), path], input=data, check=True)
        scale = min(1, LUMA / max(width, height))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        out = subprocess.run(quiet + ['-i', path, '-vf', f'scale={size[0]}:{size[1]}:flags=area', '-fps_mode', 'passthrough'] + raw + ['-'],
                             stdout=subprocess.PIPE, check=True).stdout
    frames = np.frombuffer(out, dtype=np.uint8)
    frames = frames[:len(frames) // (size[0] * size[1]) * size[0] * size[1]].reshape(-1, size[1], size[0])
    return frames, (width, height), len(film.frames) * 1000 // film.rate


class Films:
    def __init__(self, mix, item):
        self.mix, self.item = mix, item
        self.flooded = mix.flooded[:3 if mix.is_short else 9]
        self.kept = {}

    def images(self, number, rng, count=3):
        """One is its own, the others are anybody's."""
        return [photograph(self.mix, other) for other in [number] + rng.sample(self.mix.flooded, count)][:count]

    def source(self, number):
        if number not in self.kept:
            self.kept[number] = shots(self.images(number, random.Random(number)), random.Random(1000 + number))
        return self.kept[number]

    def made(self, role, source, name, film, rng, capture=0):
        frames, shown, duration = coded(film, rng.randint(23, 36) if not capture else 18)
        return self.item(role, source, name, (frames, shown), capture, duration)

    def copy(self, number, rng):
        film, names = self.source(number), []
        for _ in range(1 if rng.random() < 0.7 else 2):
            edit = rng.choice(COPIES)
            film = edit(film, rng)
            names.append(edit.__name__)
        return self.made('flood', number, '+'.join(names), film, rng)

    def tampered(self, number, rng, kind):
        other = self.source(rng.choice([at for at in self.flooded if at != number]))
        film = self.source(number)
        first = rng.uniform(0, 0.6)
        film = {'patch': lambda: patched(film, other, rng, 0, 1), 'third': lambda: patched(film, other, rng, first, first + 0.34),
                'insert': lambda: inserted(film, other, rng), 'second': lambda: patched(film, other, rng, first, first + 1 / SECONDS)}[kind]()
        return self.made('brief' if kind == 'second' else 'tampered', number, kind, film, rng)

    def unique(self, number, rng, kind):
        if kind == 'static':
            film = static(photograph(self.mix, number), photograph(self.mix, self.flooded[-1]), rng)
        elif kind in ('speaker', 'cuts'):
            film = speaker(photograph(self.mix, number), rng, kind == 'cuts')
        else:
            # Another recording of what is flooded: the same places, seen otherwise.
            film = shots(self.images(number, random.Random(number)) if kind == 'again' else self.images(number, rng), rng)
        return self.made('unique', number, kind, film, rng)

    def witness(self, number, rng):
        """All of it, larger by what was cut off: two more seconds, and what the camera wrote."""
        film = self.source(number)
        film = Film(film.frames + shots(self.images(number, rng), rng, 2 * RATE).frames, film.rate)
        return self.made('witness', number, 'original', film, rng, CAPTURED)

    def plan(self):
        is_short = self.mix.is_short
        out = []
        for at, number in enumerate(self.flooded):
            out += [lambda rng, n=number: self.copy(n, rng)] * (4 if is_short else (10, 20, 40)[at % 3])
            kinds = ('patch', 'third', 'insert', 'second')
            for kind in kinds[at % 4:][:1] if is_short else kinds * 2:
                out.append(lambda rng, n=number, k=kind: self.tampered(n, rng, k))
            kinds = ('again', 'other', 'static', 'speaker', 'cuts')
            for kind in kinds if is_short else kinds * 3:
                out.append(lambda rng, n=number, k=kind: self.unique(n, rng, k))
        self.mix.rng.shuffle(out)
        return out + [lambda rng, n=number: self.witness(n, rng) for number in self.flooded]


def items(mix, item):
    for make in Films(mix, item).plan():
        yield make(random.Random(mix.rng.random()))
