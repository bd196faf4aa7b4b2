#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installs the pages of the studio and of the drop, when they are built: a part of `meson install`.

usage: install.py TARGET DIST...      (TARGET is below the prefix; the first DIST that is there counts)
"""
import json
import os
import shutil
import sys


def is_ours(folder):
    """Whether what is there is an earlier build, and nobody's own files."""
    try:
        with open(os.path.join(folder, 'bundle.json'), encoding='utf-8') as file:
            return json.load(file)['schema'].startswith('oilskin/bundle/')
    except (OSError, ValueError, KeyError):
        return False


def copy(source, target):
    for top, _, names in os.walk(source):
        folder = os.path.normpath(os.path.join(target, os.path.relpath(top, source)))
        os.makedirs(folder, exist_ok=True)
        os.chmod(folder, 0o755)
        for name in names:
            shutil.copyfile(os.path.join(top, name), os.path.join(folder, name))
            os.chmod(os.path.join(folder, name), 0o644)


def main():
    target = os.path.join(os.environ['MESON_INSTALL_DESTDIR_PREFIX'], sys.argv[1])
    built = [folder for folder in sys.argv[2:] if is_ours(folder)]
    if not built:
        # Meson shows nothing of what is said here. `oilskin studio` says what to do.
        return 0
    # An earlier build goes as a whole: names that carry a hash would stay beside the new ones.
    if is_ours(target):
        shutil.rmtree(target)
    copy(built[0], target)
    # The drop's pages lie beside, in the build and where they are installed.
    for name in ('drop', 'intake', 'desk', 'albums', 'sealed', 'publish'):
        from_folder, to_folder = (os.path.join(os.path.dirname(folder), name) for folder in (built[0], target))
        if os.path.isdir(from_folder):
            shutil.rmtree(to_folder, ignore_errors=True)
            copy(from_folder, to_folder)
    return 0


sys.exit(main())
