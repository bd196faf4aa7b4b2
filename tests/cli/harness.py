# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the command line share."""
import json
import os
import subprocess

OILSKIN = ''
LONG = False

NOTHING_LEFT = ('nothing hidden left that we know how to name; everything you can see or hear is still there: '
                'faces, clothes, signs, voices')


class Skip(Exception):
    """This machine cannot run the test; the reason is told."""


class Ran:
    def __init__(self, code, out, err):
        self.code, self.raw, self.out, self.err = code, out, out.decode('utf-8', 'replace'), err.decode('utf-8', 'replace')

    def __repr__(self):
        return f'exit {self.code}\n{self.out}\n{self.err}'

    @property
    def json(self):
        return json.loads(self.out)


def run(*words, stdin=b'', code=0, env=None, preexec=None, stdout=subprocess.PIPE):
    """Runs the command line; fails unless it exits with `code` (None for any)."""
    process = subprocess.run([OILSKIN, *words], input=stdin, stdout=stdout, stderr=subprocess.PIPE, timeout=120,
                             env={**os.environ, **(env or {})}, preexec_fn=preexec, check=False)
    ran = Ran(process.returncode, process.stdout or b'', process.stderr)
    assert code is None or ran.code == code, f'wanted exit {code}: {" ".join(words)}\n{ran}'
    return ran


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def write(path, data):
    with open(path, 'wb') as file:
        file.write(data if isinstance(data, bytes) else data.encode())
    return path


def state(folder='.'):
    """Every name below a folder with its content: what a run may have changed."""
    found = {}
    for top, folders, names in os.walk(folder):
        for name in names + folders:
            path = os.path.join(top, name)
            found[os.path.relpath(path, folder)] = (read(path) if os.path.isfile(path) and not os.path.islink(path)
                                                    else None)
    return found


def new_names(before, folder='.'):
    return sorted(set(state(folder)) - set(before))


def has(text, *needles):
    for needle in needles:
        assert needle in text, f'"{needle}" is missing in:\n{text}'


def lacks(text, *needles):
    for needle in needles:
        assert needle not in text, f'"{needle}" should not be in:\n{text}'
