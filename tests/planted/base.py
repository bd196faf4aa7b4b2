#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gathers every container's recipes; run alone, writes the base media without any secret.

base.py OUTDIR
"""

import os
import sys

# Importing a recipe module registers its base media and its places.
import plant_bmp  # noqa: F401
import plant_gif  # noqa: F401
import plant_heif  # noqa: F401
import plant_jpeg  # noqa: F401
import plant_jxl  # noqa: F401
import plant_mkv  # noqa: F401
import plant_mp4  # noqa: F401
import plant_mp4_tracks  # noqa: F401
import plant_png  # noqa: F401
import plant_tiff  # noqa: F401
import plant_webp  # noqa: F401
from place import BASES, PLACES, Secret, rng_for


def entries(only=None):
    """Base media first, then the places, in the order of their registration."""
    return [e for e in BASES + PLACES if only is None or e.format in only]


def write(entry, folder, seed):
    """Writes the file of one entry; returns its manifest row."""
    secret = Secret(rng_for(seed, entry))
    data = entry.make(secret)
    with open(os.path.join(folder, entry.file), "wb") as f:
        f.write(data)
    plain = entry.how == "none"
    return {
        "file": entry.file,
        "format": entry.format,
        "place": "none" if plain else entry.name,
        "how": entry.how,
        "secret": "" if plain else secret.value.hex(),
        "slice": secret.slice,
        "expect": entry.expect,
        "inspect": entry.inspect and not plain,
        "opens": entry.opens,
        "spec": entry.spec,
    }


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    os.makedirs(sys.argv[1], exist_ok=True)
    for base_entry in BASES:
        write(base_entry, sys.argv[1], 1)
    print(f"{len(BASES)} base media in {sys.argv[1]}")
