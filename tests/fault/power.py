# SPDX-License-Identifier: GPL-3.0-or-later
"""What a power cut may leave of what a program asked of the disk: plays the recorder's log back.

A file has what it had at its last sync, and any of the writes since, each or parts of it; a folder has the
entries that it had at its last sync, and any of the changes since. Both in any combination: a file that was
synced may have no name, and a name may stand for a file without bytes. What a sync failed to write is lost,
also when a later sync says that all is well.
"""
import os
import random

SECTOR = 512


class Log:
    def __init__(self, path):
        self.ops = []
        with open(path, 'rb') as file:
            data = file.read()
        at = 0
        while at < len(data):
            end = data.index(b'\n', at)
            kind, _, rest = data[at:end].decode().partition(' ')
            at = end + 1
            if kind == 'W':
                number, offset, length = map(int, rest.split())
                self.ops.append(('W', number, offset, data[at:at + length]))
                at += length
            elif kind == 'A':
                self.ops.append(('A', data[at:at + int(rest)].decode()))
                at += int(rest)
            elif kind in 'FMSXND':
                self.ops.append((kind, int(rest)))
            elif kind == 'T':
                number, length = map(int, rest.split())
                self.ops.append(('T', number, length))
            elif kind in 'LB':
                parent, number, name = rest.split(' ', 2)
                self.ops.append(('L', int(parent), name, int(number)))
            elif kind == 'U':
                parent, name = rest.split(' ', 1)
                self.ops.append(('U', int(parent), name))
            elif kind == 'R':
                old, new, names = rest.split(' ', 2)
                self.ops.append(('R', int(old), int(new), *names.split('/')))
            else:
                raise ValueError(kind)


class Node:
    """A file or a folder: what is durable, and what was asked since."""

    def __init__(self, is_folder):
        self.is_folder = is_folder
        self.is_direct = False  # written past the page cache, which makes nothing of it durable
        self.durable = {} if is_folder else bytearray()
        self.pending = []

    def apply(self, changes):
        for change in changes:
            if change[0] == 'W':
                _, offset, piece = change
                if len(self.durable) < offset:
                    self.durable.extend(bytes(offset - len(self.durable)))
                self.durable[offset:offset + len(piece)] = piece
            elif change[0] == 'T':
                del self.durable[change[1]:]
                self.durable.extend(bytes(change[1] - len(self.durable)))
            elif change[0] == 'L':
                self.durable[change[1]] = change[2]
            elif change[0] == 'U':
                self.durable.pop(change[1], None)
            elif change[0] == 'R' and change[1] in self.durable:
                self.durable[change[2]] = self.durable.pop(change[1])


def role(nodes, names, number):
    """What is synced, in words: a name of the code's own, or what became of a folder's entries."""
    node = nodes[number]
    where = names.get(number, '')
    if not node.is_folder:
        base = os.path.basename(where)
        folder = os.path.basename(os.path.dirname(where))
        is_blob = len(base) == 32 or base == ''
        if is_blob:
            base = 'a long blob' if node.is_direct else 'a blob'
        return f'{base} of {folder}' if folder or not is_blob else base
    kinds = sorted({{'L': 'new names', 'U': 'removed names', 'R': 'a new name for a folder'}[c[0]]
                    for c in node.pending})
    return f'the folder {where or "above"} with {" and ".join(kinds) or "nothing new"}'


class Disk:
    """Plays a log up to a point. `without`: syncs of this role do nothing."""

    def __init__(self, log, end, without=None):
        self.nodes = {1: Node(True)}
        self.names = {1: ''}
        self.roles = {}
        self.promises = []
        for at in range(end):
            self.step(log.ops[at], without)

    def step(self, op, without):
        kind = op[0]
        nodes = self.nodes
        if kind in 'FM':
            nodes[op[1]] = Node(kind == 'M')
        elif kind == 'A':
            self.promises.append(op[1])
        elif kind == 'D':
            nodes[op[1]].is_direct = True
        elif kind == 'W':
            nodes[op[1]].pending.append(('W', op[2], op[3]))
        elif kind == 'T':
            nodes[op[1]].pending.append(('T', op[2]))
        elif kind == 'L':
            self.names[op[3]] = os.path.join(self.names.get(op[1], '?'), op[2])
            nodes[op[1]].pending.append(('L', op[2], op[3]))
        elif kind == 'U':
            nodes[op[1]].pending.append(('U', op[2]))
        elif kind == 'R':
            nodes[op[1]].pending.append(('R', op[3], op[4]))
        elif kind in 'SX':
            self.sync(op[1], kind == 'S', without)

    def sync(self, number, went_well, without):
        node = self.nodes[number]
        what = role(self.nodes, self.names, number)
        if node.pending:
            self.roles[what] = self.roles.get(what, 0) + 1
        if what == without:
            return
        if went_well:
            node.apply(node.pending)
        if went_well or not node.is_folder:
            node.pending = []

    def cut(self, choose):
        """The power goes: each change that no sync covers stays or not, as `choose` says."""
        for node in self.nodes.values():
            kept = []
            for change in node.pending:
                if change[0] == 'W' and choose.tears:
                    _, offset, piece = change
                    kept += [('W', offset + i, piece[i:i + SECTOR]) for i in range(0, len(piece), SECTOR)
                             if choose.keeps()]
                elif choose.keeps():
                    kept.append(change)
            node.apply(kept)
            node.pending = []

    def write(self, folder, number=1):
        os.makedirs(folder, exist_ok=True)
        for name, child in self.nodes[number].durable.items():
            path = os.path.join(folder, name)
            if self.nodes[child].is_folder:
                self.write(path, child)
            elif not name.endswith('-shm'):  # an index of the log, made anew at every start
                with open(path, 'wb') as file:
                    file.write(self.nodes[child].durable)


class Choice:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.share = self.random.choice((0, 0, 0.1, 0.5, 0.5, 0.9, 1))
        self.tears = self.random.random() < 0.5

    def keeps(self):
        return self.random.random() < self.share


class Nothing:
    """The worst disk: only what was synced is there."""
    tears = False

    @staticmethod
    def keeps():
        return False
