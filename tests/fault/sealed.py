# SPDX-License-Identifier: GPL-3.0-or-later
"""What a drop's folder really holds: every blob, opened with the desk's key."""
import pathlib
import subprocess


def blobs(data):
    return [path for path in pathlib.Path(data, 'blobs').rglob('*') if path.is_file()]


def plaintexts(oilskin, identity, data):
    """Plaintext of each blob; None for one that does not open."""
    found = []
    for path in blobs(data):
        done = subprocess.run([oilskin, 'unseal', '-i', str(identity), '--output', '-', str(path)], capture_output=True)
        found.append(done.stdout if done.returncode == 0 else None)
    return found


class Index:
    """Plaintexts by their first bytes: thousands of uploads are looked for among as many segments."""

    def __init__(self, texts):
        self.by_start, self.by_byte = {}, {}
        for text in texts:
            if text:
                self.by_start.setdefault(text[:16], []).append(text)
                self.by_byte.setdefault(text[:1], []).append(text)


def holds(index, wanted):
    """True when `wanted` can be laid end to end with segments; each may have padding behind it. Blobs that a death left
    without a row lie among them, so that each way on is followed."""
    open_ends, seen = [0], {0}
    while open_ends:
        at = open_ends.pop()
        if at >= len(wanted):
            return True
        found = [text for size in range(1, 17) for text in index.by_start.get(wanted[at:at + size], ())]
        if len(wanted) - at < 16:
            # The last bytes, with padding behind them.
            found = index.by_byte.get(wanted[at:at + 1], ())
        for end in {end for text in found for end in ends(text, wanted, at)} - seen:
            seen.add(end)
            open_ends.append(end)
    return False


def ends(text, wanted, at):
    """Where the next segment may begin: where the two part, or before, as padding is zeros, and so may the next bytes
    of the file be."""
    size = common(text, wanted, at)
    first = size
    while first > 1 and text[first - 1] == 0:
        first -= 1
    return range(at + first, at + size + 1) if size else ()


def common(text, wanted, at):
    """Bytes that `text` and `wanted` from `at` on have in common."""
    size = min(len(text), len(wanted) - at)
    if text[:size] == wanted[at:at + size]:
        return size
    low, high = 0, size
    while low < high:
        middle = (low + high + 1) // 2
        if text[:middle] == wanted[at:at + middle]:
            low = middle
        else:
            high = middle - 1
    return low
