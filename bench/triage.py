#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Floods of variants of photographs and of films, mixed with unique ones and with ones that only look like copies.

usage: triage.py FOLD PICTURES [--first-half] [--short] [--no-films | --films-only | --forms-only] [--items FILE]
       triage.py FOLD PICTURES --check

FOLD is the program triage-fold; PICTURES a folder that is searched for photographs. The first half of them is what
thresholds are set on, the other (the default) what is reported. --items writes a line for each item. --check runs both
halves short, and fails where they fall short of triage_check.py.

What must never fold is counted under two names: `unique_folded` has frames of one scene in it, drawn and real, and
forms; `tampered_folded` has patches of films that are there for a second. Not in them, and told beside them: `words`, a
source's edition with other words in it (smaller than what is promised to be seen), and `witness`. Numbers that end in
`_of_quality` leave out copies too plain for a hash, which by rule are always shown.
"""
import random
import subprocess
import sys

import triage_check as check
import triage_films as films
import triage_forms as forms
import triage_pictures as pictures
from triage_pictures import SIDE, jpeg
from PIL import Image

CAPTURED = 7  # all that a file can say of its capture
# How often a source is sent; of an edition (one with a caption, and so on) every fourth.
FLOODS = (10, 30, 100, 300, 10, 30, 100, 300, 10, 30, 1000)
FLOODS_SHORT = (6, 12, 25)
ALONE = ('unique', 'burst', 'scene')
TAMPERED = ('tampered', 'brief')
UNIQUE = ALONE + TAMPERED + ('witness',)


class Item:
    """One file: what it is, of which source, what was done to it, and what it became."""

    def __init__(self, role, source, name, picture, capture=0, duration=0):
        self.role, self.source, self.name = role, source, name
        self.picture, self.capture, self.duration = picture, capture, duration

    def told(self, line):
        words = line.split()
        self.tier, self.like = words[0], int(words[1])
        self.distance, self.block = int(words[2]), int(words[6])
        self.stands_for, self.rest = words[7] == '1', ' '.join(words[2:10])
        self.quality, self.plain, self.plain_like = int(words[10]), words[12], int(words[13])
        self.picture = None

    def novelty(self):
        """As the desk orders its rows."""
        if self.tier == 'N':
            return 600 + min(self.distance, 128) * 300 // 128
        return 150 if self.stands_for else 200 + min(self.block, 256) * 300 // 256


# ---- the mix ----

class Mix:
    """Some of the photographs are flooded, what is unique comes of the others."""

    def __init__(self, paths, scenes, is_short, rng):
        self.is_short, self.rng = is_short, rng
        if is_short:
            paths = paths[:24]
        self.paths = [path for path in paths if pictures.has_content(pictures.load(path, 640))]
        self.scenes = scenes
        self.flooded = [i for i in range(len(self.paths)) if i % 4 == 0]
        self.others = [i for i in range(len(self.paths)) if i % 4 != 0]
        self.kept = {}

    def source(self, number):
        """What is flooded is kept in memory, made small."""
        if number not in self.kept:
            image = pictures.load(self.paths[number])
            image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
            self.kept[number] = image
        return self.kept[number]

    def foreign(self, number, rng):
        return self.source(rng.choice([other for other in self.flooded if other != number]))

    def variant(self, number, rng, words=None):
        """A copy as people make them: one edit, often another, and always a codec at the end. Every fourth is of the
        source's edition: what is put over it or about it, the same words each time."""
        image, names = self.source(number), []
        added = pictures.ADDED[self.flooded.index(number) % len(pictures.ADDED)]
        if words is not None or rng.random() < 0.25:
            image = added(image, random.Random(words if words is not None else number))
            names.append(added.__name__)
        for _ in range(1 if rng.random() < 0.7 else 2):
            edit = rng.choice(pictures.COPIES)
            image = edit(image, rng)
            names.append(edit.__name__)
        return jpeg(image, rng), '+'.join(names)

    def tampered(self, number, rng):
        """A foreign patch of at least a fifth of each side, in the source or in a copy of it."""
        is_soft = rng.random() < 0.5
        image = pictures.patched(self.source(number), self.foreign(number, rng), rng, is_soft)
        name = 'soft' if is_soft else 'hard'
        if rng.random() < 0.5:
            edit = rng.choice([edit for edit in pictures.COPIES if edit not in (pictures.crop, pictures.half)])
            image, name = edit(image, rng), f'{name}+{edit.__name__}'
        return Item('tampered', number, name, jpeg(image, rng))

    def witness(self, number):
        """The first attack: copies of real footage are flooded, so that they are dismissed; then who was there
        sends it, larger than any of them and with what the camera wrote."""
        return Item('witness', number, 'original', pictures.load(self.paths[number]), CAPTURED)

    def unique(self, number, rng):
        parts = list(pictures.tiles(pictures.load(self.paths[number], 6000)))
        rng.shuffle(parts)
        for at, part in enumerate(parts[:4 if self.is_short else 100]):
            # The same caption or the same frame of a screenshot over different pictures.
            edit = (None, None, pictures.caption, pictures.screenshot)[at % 4]
            picture = jpeg(edit(part, random.Random(5)) if edit else part, rng)
            yield Item('unique', number, edit.__name__ if edit else '-', picture)

    def burst(self, number, rng):
        image = pictures.load(self.paths[number], SIDE)
        subject = self.foreign(-1, rng)
        for frame in pictures.burst_of(image, subject, rng, 3 if self.is_short else 6):
            yield Item('burst', number, 'walk', jpeg(frame, rng))

    def plan(self):
        """(seed, what makes one or several items), in the order of arrival."""
        out = []
        for at, number in enumerate(self.flooded):
            floods = FLOODS_SHORT if self.is_short else FLOODS
            for _ in range(floods[at % len(floods)]):
                out.append((lambda rng, n=number: [Item('flood', n, *self.variant(n, rng)[::-1])]))
            for _ in range(1 if self.is_short else 10):
                out.append(lambda rng, n=number: [self.tampered(n, rng)])
            if self.flooded.index(number) % len(pictures.ADDED) < 2:
                for _ in range(1 if self.is_short else 5):
                    out.append(lambda rng, n=number: [Item('words', n, *self.variant(n, rng, rng.random())[::-1])])
        for at, number in enumerate(self.others):
            out.append(lambda rng, n=number: self.unique(n, rng))
            if at % 2 == 0:
                out.append(lambda rng, n=number: self.burst(n, rng))
        for at, scene in enumerate(self.scenes):
            out.append(lambda rng, s=scene, n=at: [Item('scene', -1 - n, path.rsplit('/', 1)[1], pictures.load(path)) for path in s])
        self.rng.shuffle(out)
        # Who was there comes last.
        return out + [(lambda rng, n=number: [self.witness(n)]) for number in self.flooded]

    def items(self):
        for make in self.plan():
            yield from make(random.Random(self.rng.random()))


def outdone(mix):
    """The first attack done well: before the witness come copies that are larger than the original and say all that a
    camera can say."""
    for number in mix.flooded[:6 if mix.is_short else 12]:
        rng = random.Random(number)
        image = pictures.load(mix.paths[number])
        large = image.resize((image.width * 3 // 2, image.height * 3 // 2), Image.Resampling.BICUBIC)
        for _ in range(3):
            yield Item('flood', number, 'outdoing', jpeg(large, rng), CAPTURED)
        yield mix.witness(number)


# ---- what becomes of it ----

def send(pipe, item):
    if item.duration:
        frames, shown = item.picture
        height, width = frames.shape[1:]
        pipe.write(f'{width} {height} {shown[0]} {shown[1]} {item.capture} {len(frames)} {item.duration}\n'.encode())
        pipe.write(frames.tobytes())
    else:
        shown = item.picture.size
        luma = item.picture.convert('L')
        if max(shown) > 512:
            scale = 512 / max(shown)
            luma = luma.resize((max(1, round(shown[0] * scale)), max(1, round(shown[1] * scale))), Image.Resampling.BOX)
        pipe.write(f'{luma.width} {luma.height} {shown[0]} {shown[1]} {item.capture} 1 0\n'.encode() + luma.tobytes())
    pipe.flush()


def looks(told, ideal):
    """Rows that are looked at until everything unique was seen, in the desk's order."""
    rows = sorted((item for item in told if item.tier != 'E'), key=lambda item: -item.novelty())
    wanted = [at for at, item in enumerate(rows) if item.role in UNIQUE]
    return (wanted[-1] + 1 if wanted else 0) / ideal, len(rows) / ideal


def count(told, role, tiers):
    return sum(1 for item in told if item.role == role and item.tier in tiers)


def say(name, value, figures):
    print(f'{name} {value}', flush=True)
    figures[name] = float(value)


def numbers(told, prefix, figures):
    """The four that matter, and what they are made of."""
    sources = {item.source for item in told if item.role == 'flood'}
    per = max(1, len(sources))
    ideal = max(1, len(sources) + sum(1 for item in told if item.role in UNIQUE))
    for name, left_out in (('', ()), ('_of_quality', ('plain',))):
        copies = [item for item in told if item.role in ('flood', 'plain') and item.role not in left_out]
        say(f'{prefix}clusters_per_source{name}', f'{sum(item.tier in "NV" for item in copies) / per:.2f}', figures)
        until, every = looks([item for item in told if item.role in UNIQUE] + copies, ideal)
        say(f'{prefix}looks_over_ideal{name}', f'{until:.2f}', figures)
        say(f'{prefix}all_rows_over_ideal{name}', f'{every:.2f}', figures)
    for name, roles in (('unique', ALONE), ('tampered', TAMPERED), ('witness', ('witness',))):
        say(f'{prefix}{name}_folded', sum(count(told, role, 'E') for role in roles), figures)
        say(f'{prefix}{name}_items', sum(item.role in roles for item in told), figures)


def in_detail(told, prefix):
    sources = {item.source for item in told if item.role == 'flood'}
    per = max(1, len(sources))
    print(f'{prefix}new_per_source {count(told, "flood", "N") / per:.2f}')
    more = sum(1 for item in told if item.role == 'flood' and item.tier == 'V' and item.stands_for)
    print(f'{prefix}differences_per_source {(count(told, "flood", "V") - more) / per:.2f}')
    print(f'{prefix}more_per_source {more / per:.2f}')
    for role in ('words', 'scene', 'burst', 'brief'):
        if any(item.role == role for item in told):
            print(f'{prefix}{role}_folded {count(told, role, "E")}')
    edits = sorted({edit for item in told if item.role == 'flood' for edit in item.name.split('+')})
    for edit in edits:
        with_it = [item for item in told if item.role == 'flood' and edit in item.name.split('+')]
        folded = sum(1 for item in with_it if item.tier == 'E') / len(with_it)
        plainly = sum(1 for item in with_it if item.plain == 'F') / len(with_it)
        print(f'{prefix}folded_{edit} {100 * folded:.0f}')
        print(f'{prefix}plain_{edit} {100 * plainly:.0f}')
        print(f'{prefix}copies_{edit} {len(with_it)}')


def carried(told, rng, figures):
    """The second attack: each unique file comes with twenty copies of the flood in one submission. How many of those
    submissions would a dismissal of everything flooded hide?"""
    junk = [item for item in told if item.role == 'flood']
    hidden = 0
    for item in told:
        if item.role in ALONE + TAMPERED and junk:
            hidden += all(file.tier == 'E' for file in rng.sample(junk, min(20, len(junk))) + [item])
    say('carried_hidden', hidden, figures)


class Plain:
    """The same items as plain hashes at the published distance would have them."""

    def __init__(self, item):
        self.role, self.source, self.stands_for = item.role, item.source, False
        self.tier = 'E' if item.plain == 'F' else 'N'

    def novelty(self):
        return 0


def run(fold, items, log, prefix):
    """What became of them, by name."""
    told, figures = [], {}
    process = subprocess.Popen([fold], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    for item in items:
        send(process.stdin, item)
        line = process.stdout.readline().decode()
        if not line or line[0] == '#':
            raise SystemExit(f'triage: {fold} ended at item {len(told)}, a {item.role} {item.name}')
        item.told(line)
        told.append(item)
    process.stdin.close()
    rest = process.stdout.read().decode()
    if process.wait() != 0:
        raise SystemExit(f'triage: {fold} failed')
    if log:
        with open(f'{log}{prefix}', 'w', encoding='utf-8') as out:
            for number, item in enumerate(told):
                out.write(f'{number} {item.role} {item.source} {item.name} {item.tier} {item.like} {item.rest} {item.plain} {item.plain_like}\n')
    for role in sorted({item.role for item in told}):
        print(f'{prefix}items_{role} {sum(1 for item in told if item.role == role)}')
    # By rule nothing of a quality below 50 is ever explained: that tells of the rule, not of what folds.
    for item in told:
        item.role = 'plain' if item.role == 'flood' and item.quality < 50 else item.role
    print(f'{prefix}flood_too_plain {count(told, "plain", "NVE")}')
    print(f'{prefix}flood_too_plain_shown {count(told, "plain", "NV")}')
    numbers(told, prefix, figures)
    if not prefix:
        carried(told, random.Random(2), figures)
    numbers([Plain(item) for item in told], f'{prefix}plain_pdq_', figures)
    in_detail(told, prefix)
    for line in rest.splitlines():
        print(prefix + line.lstrip('# '))
    return figures


def run_half(words, which, only=()):
    """@param only kinds of what is sent, as options; all of them without. Nothing where there are too few photographs."""
    fold, folder = words[:2]
    log = words[words.index('--items') + 1] if '--items' in words else None
    is_short, half = '--short' in words, 'ab'.index(which)
    paths = [path for number, path in enumerate(pictures.photographs(folder)) if number % 2 == half]
    scenes = [scene for number, scene in enumerate(pictures.bursts(folder)) if number % 2 == half]
    mix = Mix(paths, scenes, is_short, random.Random(1))
    if len(mix.flooded) < 3:
        print('triage: too few photographs', file=sys.stderr)
        return {}
    print(f'half {which}')
    figures = {}
    if not only:
        figures |= run(fold, mix.items(), log, '')
        figures |= run(fold, outdone(mix), log, 'outdone_')
    if not only or '--forms-only' in only:
        figures |= run(fold, forms.items(is_short, half, Item), log, 'form_')
    if (not only and '--no-films' not in words) or '--films-only' in only:
        figures |= run(fold, films.items(mix, Item), log, 'film_')
    return figures


def main():
    words = sys.argv[1:]
    if '--check' in words:
        return check.close({which: run_half(words + ['--short'], which) for which in 'ab'})
    only = [word for word in words if word.endswith('-only')]
    return 0 if run_half(words, 'a' if '--first-half' in words else 'b', only) else 1


sys.exit(main())
