# SPDX-License-Identifier: GPL-3.0-or-later
"""Forms as offices print them, each filled in differently: one sheet of a polling station is like the next one in all but
its numbers, and none of them is a copy of another."""
import random

import triage_pictures as pictures
from PIL import Image, ImageChops, ImageDraw, ImageEnhance

PAGE = (1240, 1754)
# Brightness of what is written: print, a pen, a pale pen, a pencil.
INKS = (20, 60, 110, 140)
KINDS = ('rows', 'columns', 'hand')


class Form:
    """A printed sheet; `number` decides how it is printed, and how it is filled in: by numbers in rows, by a few letters
    in two columns, or by hand."""

    def __init__(self, number):
        rng = random.Random(number)
        self.kind = KINDS[number % len(KINDS)]
        self.rows = rng.randint(10, 36) if self.kind != 'columns' else rng.randint(8, 20)
        self.paper = rng.randint(236, 252)
        self.step = 1320 // self.rows
        self.size = min(32, max(22, int(self.step * rng.uniform(0.4, 0.65))))
        self.title = pictures.words(rng, 3)
        self.labels = [pictures.words(rng, 4)[:26] for _ in range(2 * self.rows)]

    def fields(self):
        """Where something is printed, and where something is written: label, left, right, middle."""
        for row in range(self.rows):
            middle = 230 + row * self.step + self.step // 2
            if self.kind == 'columns':
                for column in range(2):
                    left = 100 + 530 * column
                    yield self.labels[2 * row + column][:10], left, left + 230, middle
            else:
                yield self.labels[row], 100, 880, middle

    def blank(self):
        out = Image.new('L', PAGE, self.paper)
        draw = ImageDraw.Draw(out)
        draw.text((200, 70), self.title, font=pictures.thin(44), fill=20)
        for label, left, write, middle in self.fields():
            top, bottom = middle - self.step // 2, middle + self.step // 2
            if self.kind == 'columns':
                draw.line((write, bottom, left + 500, bottom), fill=60, width=2)
            else:
                draw.rectangle((left, top, 1140, bottom), outline=30, width=2)
                draw.line((write, top, write, bottom), fill=30, width=2)
            draw.text((left + 15, middle), label, anchor='lm', font=pictures.thin(self.size), fill=20)
        return out.convert('RGB')

    def filled(self, rng, ink):
        """As somebody else would report it."""
        out = self.blank()
        draw = ImageDraw.Draw(out)
        fill = (ink, ink, ink)
        draw.text((120, 170), str(rng.randint(100, 999)), font=pictures.thin(30), fill=fill)
        for _, _, write, middle in self.fields():
            if self.kind == 'hand':
                scrawl(draw, (write + 30, middle), self.size, fill, rng)
                continue
            text = pictures.words(rng, 2)[:9] if self.kind == 'columns' else str(rng.randint(0, 2500))
            draw.text((write + 30, middle), text, anchor='lm', font=pictures.thin(self.size), fill=fill)
        return out


def scrawl(draw, at, size, fill, rng):
    """Three or four signs by hand: strokes through a few places of each."""
    for sign in range(rng.randint(3, 4)):
        left = at[0] + sign * size * 0.7
        places = [(left + rng.uniform(0, 0.5) * size, at[1] + rng.uniform(-0.5, 0.5) * size) for _ in range(4)]
        draw.line(places, fill=fill, width=3, joint='curve')


def lit(image, rng):
    """A lamp at one side, or a hand's shadow."""
    shade = Image.linear_gradient('L').rotate(rng.choice((0, 90, 180, 270))).resize(image.size)
    darkest = rng.uniform(0.6, 0.9)
    return ImageChops.multiply(image, shade.point(lambda value: int(255 * darkest + (1 - darkest) * value)).convert('RGB'))


def scanned(image, rng):
    """As it comes out of somebody's scanner, or of a telephone held over it: its light, its size, its codec."""
    image = ImageEnhance.Brightness(image).enhance(rng.uniform(0.9, 1))
    if rng.random() < 0.4:
        image = lit(image, rng).rotate(rng.uniform(-1.5, 1.5), Image.Resampling.BICUBIC, fillcolor=(90, 80, 70))
    scale = rng.uniform(0.6, 1)
    image = image.resize((int(image.width * scale), int(image.height * scale)), Image.Resampling.BICUBIC)
    return pictures.jpeg(pictures.crop(image, rng, 0.96, 1) if rng.random() < 0.3 else image, rng)


def items(is_short, half, item):
    """Of each form one sheet is flooded; the others came from elsewhere, and some are still blank."""
    plan = []
    rng = random.Random(3)
    for number in range(half, 12 if is_short else 48, 2):
        form, ink = Form(number), INKS[number // 2 % len(INKS)]
        first = form.filled(rng, ink)
        plan += [('flood', number, first)] * (4 if is_short else 20)
        plan += [('unique', number, form.filled(rng, ink)) for _ in range(4 if is_short else 12)]
        plan += [('unique', number, form.blank())]
    rng.shuffle(plan)
    for role, number, sheet in plan:
        yield item(role, number, KINDS[number % len(KINDS)], scanned(sheet, rng))
