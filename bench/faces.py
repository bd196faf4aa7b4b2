# SPDX-License-Identifier: GPL-3.0-or-later
"""Drawn faces, plates and screens on drawn grounds, as numpy arrays: nobody was photographed for them.

Everything is a function of a seed.
"""

import numpy as np


def grid(width, height):
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return x + 0.5, y + 0.5


def smooth(field, times, reach=1):
    """A few box blurs: near enough to a Gaussian for a drawing."""
    for _ in range(times):
        for axis in (0, 1):
            pad = [(0, 0)] * field.ndim
            pad[axis] = (reach + 1, reach)
            sums = np.cumsum(np.pad(field, pad, mode="edge"), axis=axis, dtype=np.float64)
            high = [slice(None)] * field.ndim
            low = [slice(None)] * field.ndim
            high[axis] = slice(2 * reach + 1, None)
            low[axis] = slice(0, -(2 * reach + 1))
            field = (sums[tuple(high)] - sums[tuple(low)]) / (2 * reach + 1)
    return field


def cloud(rng, width, height, scale):
    """Smooth noise of about one, with lumps `scale` pixels wide."""
    small = rng.normal(size=(height // scale + 3, width // scale + 3))
    big = np.kron(small, np.ones((scale, scale)))[:height + scale, :width + scale]
    return smooth(big, 3, max(1, scale // 2))[:height, :width] * 1.6


def blend(picture, mask, color):
    picture += mask[..., None] * (np.asarray(color, np.float32) - picture)


def disc(x, y, cx, cy, rx, ry, edge):
    """Coverage of an ellipse with a soft edge `edge` pixels wide."""
    distance = (1 - np.sqrt(((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2)) * min(rx, ry)
    return np.clip(distance / edge + 0.5, 0, 1)


SKINS = np.array([[244, 208, 184], [224, 172, 138], [198, 138, 100], [150, 98, 66], [98, 62, 44], [72, 46, 36]])
HAIRS = np.array([[30, 24, 22], [74, 46, 28], [140, 96, 50], [206, 172, 108], [130, 128, 126], [150, 60, 34]])


def face(picture, cx, cy, size, seed):
    """Draws a head about `size` pixels high."""
    rng = np.random.default_rng(seed)
    height, width = picture.shape[:2]
    x, y = grid(width, height)
    turn = rng.uniform(-0.22, 0.22)
    u = (np.cos(turn) * (x - cx) + np.sin(turn) * (y - cy)) / size
    v = (-np.sin(turn) * (x - cx) + np.cos(turn) * (y - cy)) / size
    edge = 1.6 / size
    skin = SKINS[rng.integers(len(SKINS))] * rng.uniform(0.9, 1.08)
    hair = HAIRS[rng.integers(len(HAIRS))] * rng.uniform(0.8, 1.15)
    shirt = rng.uniform(30, 225, 3)
    long = rng.uniform() < 0.45
    blend(picture, disc(u, v, 0, 0.95, 0.62, 0.42, edge), shirt)
    if long:
        blend(picture, disc(u, v, 0, 0.16, 0.43, rng.uniform(0.5, 0.66), edge), hair)
    blend(picture, disc(u, v, 0, 0.5, 0.15, 0.2, edge), skin * 0.84)
    wide = rng.uniform(0.3, 0.38)
    blend(picture, disc(u, v, 0, -0.08, wide + 0.06, 0.46, edge), hair)
    for side in (-1, 1):
        blend(picture, disc(u, v, side * (wide + 0.005), 0.04, 0.05, 0.09, edge), skin * 0.9)
    light = np.clip(1.06 + rng.uniform(-0.5, 0.5) * u - 0.25 * v, 0.6, 1.2)
    head = disc(u, v, 0, 0.04, wide, rng.uniform(0.41, 0.46), edge)
    picture += head[..., None] * (skin * light[..., None] - picture)
    fringe = rng.uniform(-0.36, -0.2)
    blend(picture, disc(u, v, rng.uniform(-0.15, 0.15), fringe - 0.14, wide + 0.02, 0.2, edge), hair)
    features(picture, u, v, edge, rng, skin, hair)


def features(picture, u, v, edge, rng, skin, hair):
    apart = rng.uniform(0.12, 0.17)
    line = rng.uniform(-0.06, 0.02)
    iris = rng.uniform(20, 120, 3)
    glasses = rng.uniform() < 0.3
    for side in (-1, 1):
        blend(picture, disc(u, v, side * apart, line - 0.1, 0.085, 0.018 + rng.uniform(0, 0.012), edge), hair * 0.8)
        blend(picture, disc(u, v, side * apart, line, 0.066, 0.034, edge), (240, 238, 232))
        blend(picture, disc(u, v, side * apart + rng.uniform(-0.015, 0.015), line, 0.031, 0.031, edge), iris)
        if glasses:
            ring = disc(u, v, side * apart, line, 0.115, 0.09, edge) - disc(u, v, side * apart, line, 0.1, 0.075, edge)
            blend(picture, ring, (25, 25, 30))
    nose = rng.uniform(0.03, 0.055)
    blend(picture, disc(u, v, 0.02, 0.12, nose, 0.035, edge * 4), skin * 0.8)
    mouth = rng.uniform(0.08, 0.14)
    blend(picture, disc(u, v, 0, 0.25, mouth, rng.uniform(0.018, 0.045), edge), skin * (0.72, 0.5, 0.52))
    if rng.uniform() < 0.3:
        beard = disc(u, v, 0, 0.33, 0.26, 0.16, edge * 8) - disc(u, v, 0, 0.24, mouth + 0.03, 0.05, edge * 3)
        blend(picture, np.clip(beard, 0, 1) * 0.85, hair * 0.9)


GLYPHS = {
    "0": "111101101101111", "1": "010110010010111", "2": "111001111100111", "3": "111001111001111", "4": "101101111001001",
    "5": "111100111001111", "6": "111100111101111", "7": "111001001010010", "8": "111101111101111", "9": "111101111001111",
    "K": "101101110101101", "T": "111010010010010", "E": "111100111100111", "H": "101101111101101", "A": "010101111101101",
}


def text(picture, left, top, cell, word, color):
    for letter in word:
        for i, bit in enumerate(GLYPHS[letter]):
            if bit == "1":
                y, x = top + i // 3 * cell, left + i % 3 * cell
                picture[int(y):int(y + cell), int(x):int(x + cell)] = color
        left += 4 * cell


def plate(picture, cx, cy, size, seed):
    rng = np.random.default_rng(seed)
    w, h = size * 1.0, size * 0.24
    left, top = int(cx - w / 2), int(cy - h / 2)
    picture[int(top - h):int(top + 2 * h), int(left - h):int(left + w + h)] = rng.uniform(20, 160, 3)
    picture[top:int(top + h), left:int(left + w)] = (236, 236, 226)
    word = "".join(rng.choice(list(GLYPHS), 7))
    text(picture, left + w * 0.06, top + h * 0.15, w * 0.0315, word, (24, 24, 34))


def screen(picture, cx, cy, size, seed):
    rng = np.random.default_rng(seed)
    w, h = size, size * 0.64
    left, top = int(cx - w / 2), int(cy - h / 2)
    b = max(2, int(size * 0.03))
    picture[top - b:int(top + h + b), left - b:int(left + w + b)] = (18, 18, 20)
    picture[top:int(top + h), left:int(left + w)] = (232, 240, 248)
    for row in range(9):
        y = int(top + h * (0.08 + row * 0.1))
        picture[y:y + max(1, int(h * 0.04)), left + int(w * 0.07):left + int(w * rng.uniform(0.3, 0.92))] = (60, 70, 90)


def wall(rng, width, height):
    base = rng.uniform(150, 225, 3)
    x, y = grid(width, height)
    shade = 1 - 0.12 * x / width - 0.08 * y / height
    return base * shade[..., None] + rng.normal(size=(height, width, 1)) * 2.0


def sky(rng, width, height):
    _, y = grid(width, height)
    t = (y / height)[..., None]
    clouds = np.clip(cloud(rng, width, height, max(8, width // 8)), 0, 1.6)[..., None] * 0.35
    blue = np.array([72, 128, 206]) * (1 - t) + np.array([206, 222, 238]) * t
    return blue + (np.array([250, 250, 250]) - blue) * np.clip(clouds, 0, 1) + rng.normal(size=(height, width, 1)) * 1.5


def crowd(rng, width, height):
    picture = np.full((height, width, 3), 70.0)
    step = max(14, width // 14)
    for row in range(-1, height // step + 2):
        for column in range(-1, width // step + 2):
            cx = (column + 0.5 * (row % 2) + rng.uniform(-0.2, 0.2)) * step
            cy = (row + rng.uniform(-0.2, 0.2)) * step
            size = step * rng.uniform(0.9, 1.2)
            top, left = max(0, int(cy - size)), max(0, int(cx - size))
            tile = picture[top:int(cy + 1.5 * size), left:int(cx + size)]
            if tile.size:
                face(tile, cx - left, cy - top, size, int(rng.integers(1 << 30)))
    return picture + rng.normal(size=picture.shape) * 3


GROUNDS = {"wall": wall, "sky": sky, "crowd": crowd}
THINGS = {"face": face, "plate": plate, "screen": screen}


def to_ppm(picture):
    pixels = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
    return b"P6\n%d %d\n255\n" % (pixels.shape[1], pixels.shape[0]) + pixels.tobytes()


def from_ppms(data):
    """All pictures of a stream, as uint8 arrays."""
    pictures = []
    at = 0
    while at < len(data):
        magic, size, top, _ = data[at:].split(b"\n", 3) if len(data) - at < 64 else data[at:at + 64].split(b"\n", 3)
        width, height = map(int, size.split())
        at += len(magic) + len(size) + len(top) + 3
        pictures.append(np.frombuffer(data, np.uint8, width * height * 3, at).reshape(height, width, 3))
        at += width * height * 3
    return pictures
