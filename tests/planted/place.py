# SPDX-License-Identifier: GPL-3.0-or-later
"""The register of places: every spot of every container where a secret can be planted.

A place is one function that takes a Secret and returns a whole file that carries it there and
nowhere else. Places are registered by the decorator `place`; plain base media by `base`.
"""

import random
import string
from dataclasses import dataclass, field

ALPHABET = string.ascii_letters + string.digits


class Secret:
    """One unique value. A place asks for the shape that its container can hold."""

    def __init__(self, rng):
        self._rng = rng
        self.slice = False
        self.value = "".join(rng.choice(ALPHABET) for _ in range(24)).encode()

    @property
    def raw(self):
        return self.value

    @property
    def text(self):
        return self.value.decode()

    def fit(self, count):
        """A shorter or longer ASCII secret, for fields of a fixed width."""
        self.value = "".join(self._rng.choice(ALPHABET) for _ in range(count)).encode()
        return self.value

    def binary(self, count, lo=1, hi=255):
        """`count` random bytes between `lo` and `hi`; no zero by default, so no start codes."""
        self.value = bytes(self._rng.randint(lo, hi) for _ in range(count))
        return self.value

    def number(self, count):
        """The same as an unsigned big-endian number of `count` bytes."""
        return int.from_bytes(self.binary(count), "big")

    def use(self, value):
        """Hidden coded data has no room for a string: a slice of it is the secret."""
        assert len(value) >= 8, "a slice this short proves nothing"
        self.value = bytes(value)
        self.slice = True
        return self.value


@dataclass
class Place:
    format: str
    name: str
    make: object = field(repr=False)
    how: str = "raw"
    expect: str = "clean"
    inspect: bool = True
    spec: str = ""
    ext: str = ""
    opens: bool = True
    base: str = ""

    @property
    def file(self):
        return f"{self.format}-{self.name}.{self.ext or self.format}"


PLACES = []
BASES = []


def place(fmt, name, spec, **how):
    """Registers one place; see the fields of Place for the keyword arguments."""

    def register(make):
        entry = Place(fmt, name, make, spec=spec, **how)
        assert entry.file not in {p.file for p in PLACES}, f"{entry.file} is there twice"
        PLACES.append(entry)
        return make

    return register


def base(fmt, name, ext="", spec="", expect="clean"):
    """Registers one base medium that carries no secret: it must scrub, and verify."""

    def register(make):
        BASES.append(Place(fmt, f"base-{name}", make, how="none", ext=ext, spec=spec, expect=expect))
        return make

    return register


def rng_for(seed, entry):
    """Each place has its own stream, so that a new place never changes the others' secrets."""
    return random.Random(f"{seed}/{entry.format}/{entry.name}")
