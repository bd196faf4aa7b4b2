#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The store against power cuts, kill -9, broken disks, busy files and clocks that jump.

usage: store.py BUILD_DIR [--long]    (counts on standard output)

A driver (store_driver.c) says before each change what it asks for, and after it what it was promised. What is
left after a fault is opened by the same code, and held against those lines: no promise may be broken, no byte be
wrong, nothing be there that was never asked for.
"""
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import power

passed = failed = skipped = 0


def report(name, fine, detail=''):
    global passed, failed
    passed, failed = passed + bool(fine), failed + (not fine)
    print(f'{"ok" if fine else "not ok"} - {name}{": " + detail if detail else ""}', flush=True)


# What has to be synced, as power.py calls it: who takes one of them out of the code finds it missing here, and
# whoever takes the line out, too, finds that promises break without it.
SYNCS = ('a blob', 'a blob of blobs', 'rows.db of store', 'rows.db-wal of store', 'rows.db of store.copy.part',
         'the folder above with new names', 'the folder above with a new name', 'the folder store with',
         'the folder store/blobs with new names', 'the folder store/blobs with removed names',
         'the folder store.copy.part with', 'the folder store.copy.part/blobs with',
         'the folder store.back.part with', 'the folder store.back.part/blobs with')


def knows_direct(folder):
    """Whether this disk lets files be written past the page cache; a disk of memory may not."""
    try:
        os.close(os.open(os.path.join(folder, 'direct'), os.O_CREAT | os.O_WRONLY | os.O_DIRECT))
    except OSError:
        return False
    return True


class Rig:
    def __init__(self, build, top):
        self.oilskin = os.path.join(build, 'cli/oilskin')
        self.driver = os.path.join(build, 'tests/fault/store_driver')
        self.recorder = os.path.join(build, 'tests/fault/librecorder.so')
        self.top = top
        self.count = 0

        self.has_direct = knows_direct(top)

    def fresh(self):
        self.count += 1
        path = os.path.join(self.top, str(self.count))
        os.mkdir(path)
        return path

    def call(self, *words, lines=None, **faults):
        environment = dict(os.environ)
        if faults:
            environment.update({k: str(v) for k, v in faults.items()}, LD_PRELOAD=self.recorder)
        return subprocess.run([self.driver, *map(str, words)], input=lines, capture_output=True, text=True,
                              env=environment, timeout=600)

    def verify(self, folder, promises, strict=False):
        """What is broken in words; '' for nothing. Verifying syncs nothing: the folder goes anyway."""
        with tempfile.TemporaryFile('w+', dir=self.top) as file:
            file.write(promises)
            file.flush()
            file.seek(0)
            done = subprocess.run([self.driver, 'verify', folder] + (['strict'] if strict else []), stdin=file,
                                  capture_output=True, text=True, timeout=600,
                                  env=dict(os.environ, LD_PRELOAD=self.recorder, OSK_NO_SYNC='1'))
        if done.returncode == 0:
            return ''
        return (done.stdout + done.stderr)[:300] or f'verify ended with {done.returncode}'


# ---- power cuts ----

def record(rig, threads, steps, seed, **faults):
    top = rig.fresh()
    root = os.path.join(top, 'root')
    os.mkdir(root)
    done = rig.call('run', os.path.join(root, 'store'), threads, steps, seed, OSK_RECORD=os.path.join(top, 'log'),
                    OSK_RECORD_ROOT=root, OSK_NO_LINKS=1, **faults)
    log = power.Log(os.path.join(top, 'log'))
    shutil.rmtree(top)
    return log, done


def after(rig, log, end, choice, without=None):
    """What is broken when the power goes after `end` steps of the log."""
    disk = power.Disk(log, end, without)
    disk.cut(choice)
    top = rig.fresh()
    disk.write(top)
    said = ''.join(disk.promises)
    store = os.path.join(top, 'store')
    early, backup, late = said.partition('backup\n')
    broken = rig.verify(store, early + late.replace('restored\n', ''), strict=True) if said else ''
    if not broken and backup:
        broken = rig.verify(store + '.copy', early)
    if not broken and 'restored\n' in late and rig.call('check', store + '.back').returncode != 0:
        broken = 'the restored store is broken'
    shutil.rmtree(top)
    return broken


def power_cuts(rig, log, count, seed, name):
    source = random.Random(seed)
    broken = []
    for i in range(count):
        end = source.randrange(1, len(log.ops) + 1)
        found = after(rig, log, end, power.Choice(f'{seed} {i}') if i % 4 else power.Nothing)
        if found:
            broken.append(f'seed {seed}, cut {i} at {end}: {found}')
    report(f'power__{name}_{count}_cuts_break_no_promise', not broken, '; '.join(broken)[:600])


def power_needs_every_sync(rig, log):
    """Without any one of the syncs that cover something, a promise is broken."""
    roles = power.Disk(log, len(log.ops)).roles
    # Right after something was promised, nothing else has covered it yet.
    promised = [i + 1 for i, op in enumerate(log.ops) if op[0] == 'A' and
                (op[1][:1] in 'PSD' or op[1] in ('backup\n', 'restored\n'))]
    global skipped
    wanted = SYNCS + ('a long blob',) if rig.has_direct else SYNCS
    if not rig.has_direct:
        skipped += 1
        print('# skipped: blobs that go past the page cache: this disk does not let them')
    missing = [what for what in wanted if not any(role.startswith(what) for role in roles)]
    report('power__the_log_has_syncs_of_every_kind', not missing, ', '.join(missing))
    # SQLite's own, where nothing is promised yet: a new file's journal, a copy's log that is emptied at once.
    inner = [what for what in roles if '-journal' in what or ('-wal' in what and '.part' in what)]
    for what in sorted(set(roles) - set(inner)):
        source = random.Random(what)
        special = [i for i in promised if log.ops[i - 1][1] in ('backup\n', 'restored\n')]
        tries = special + [promised[0], promised[-1]] + source.sample(promised, min(200, len(promised)))
        end, broken = next(((e, b) for e, b in ((e, after(rig, log, e, power.Nothing, what)) for e in tries) if b),
                           (0, ''))
        # With all of them, the same cut breaks nothing.
        whole = after(rig, log, end, power.Nothing) if broken else ''
        if not broken and what.endswith(' of blobs'):
            # It covers nothing but what is wiped.
            left, looked = unwiped(log, 400, what)
            broken = f'{left} of {looked} deleted blobs are left' if left else ''
        report(f'power__the_sync_of_{what.replace(" ", "_")}_is_needed', broken and not whole,
               whole or broken.splitlines()[0][:110] if broken else '')


def deleted(log):
    """Where it was said that a submission is gone, and which blobs each had."""
    sent, blobs, ends = set(), {}, []
    for i, op in enumerate(log.ops):
        kind, _, rest = op[1].partition(' ') if op[0] == 'A' else ('', '', '')
        words = rest.split()
        if kind == 'S':
            sent.add(words[0])
        elif kind == 'b':
            blobs.setdefault(words[0], []).append(words[1])
        elif kind == 'D' and words[0] in sent:
            ends.append((i + 1, words[0]))
    return ends, blobs


def unwiped(log, count, without=None):
    """Of `count` deletions: blobs whose first bytes a power cut would leave, and all that were looked at."""
    ends, blobs = deleted(log)
    left = looked = 0
    for end, owner in random.Random(1).sample(ends, min(count, len(ends))):
        disk = power.Disk(log, end, without)
        for number, path in disk.names.items():
            folder, name = os.path.split(path)  # a backup keeps what was there
            if folder.endswith('store/blobs') and name in blobs.get(owner, ()):
                looked += 1
                left += any(disk.nodes[number].durable)
    return left, looked


def power_wipes(rig, log):
    """When it is said that a submission is gone, what its files began with is gone from the disk, too."""
    left, looked = unwiped(log, 30)
    report('power__what_is_deleted_is_wiped_when_it_is_said', looked > 20 and not left, f'{left} of {looked} are left')


# ---- kill -9 ----

def kills(rig, count):
    """One store, killed again and again; promises of all lives are held at each end."""
    top = rig.fresh()
    store = os.path.join(top, 'store')
    source = random.Random(7)
    said = ''
    broken = []
    for i in range(count):
        if i % 25 == 0:
            shutil.rmtree(store, ignore_errors=True)
            said = ''
        out = os.path.join(top, 'said')
        with open(out, 'w') as file:
            child = subprocess.Popen([rig.driver, 'run', store, '6', '0', str(i)], stdout=file,
                                     stderr=subprocess.DEVNULL)
            time.sleep(source.uniform(0.02, 0.35))
            child.kill()
            child.wait()
        with open(out) as file:
            said += file.read()
        found = rig.verify(store, said)
        if found:
            broken.append(f'kill {i}: {found}')
            shutil.rmtree(store, ignore_errors=True)
            said = ''
    lines = said.count('\n')
    shutil.rmtree(top)
    report(f'kill__{count}_times_loses_nothing', not broken and lines > 0, '; '.join(broken)[:600])


# ---- broken disks, busy files, clocks ----

def broken_disk(rig, seeds):
    """Calls fail at random. The program goes on; whatever it still promises is there, also after a cut."""
    broken = []
    promised = 0
    for seed in range(seeds):
        log, done = record(rig, 4, 60, seed, OSK_FAIL=20000, OSK_FAIL_SEED=seed + 1)
        promised += sum(1 for op in log.ops if op[0] == 'A' and op[1][0] in 'PSD')
        if done.returncode < 0:
            broken.append(f'seed {seed}: ended by signal {-done.returncode}')
        for end in (len(log.ops), len(log.ops) // 2, len(log.ops) // 3):
            disk = power.Disk(log, end)
            disk.cut(power.Nothing)
            top = rig.fresh()
            disk.write(top)
            lines = ''.join(disk.promises).partition('backup\n')
            found = rig.verify(os.path.join(top, 'store'), lines[0] + lines[2].replace('restored\n', '')) \
                if disk.promises else ''
            shutil.rmtree(top)
            if found:
                broken.append(f'seed {seed} at {end}: {found}')
    report(f'eio__of_{seeds}_broken_disks_none_breaks_a_promise', not broken and promised > 100,
           '; '.join(broken)[:600] or f'{promised} promises kept')


def busy(rig):
    top = rig.fresh()
    store = os.path.join(top, 'store')
    rig.call('run', store, 1, 5, 1)
    other = sqlite3.connect(os.path.join(store, 'rows.db'), isolation_level=None)
    other.execute('BEGIN IMMEDIATE')
    during = rig.call('once', store).stdout.split()
    other.execute('ROLLBACK')
    other.close()
    later = rig.call('once', store).stdout.split()
    report('busy__is_a_later_and_nothing_has_changed', during == ['conflict', 'limit'] and later[:1] == ['ok'],
           f'{during} {later}')
    shutil.rmtree(top)


def clocks(rig):
    """Years to and fro with every question, and sweeps all the time: no blob is taken for an old one."""
    top = rig.fresh()
    store = os.path.join(top, 'store')
    done = rig.call('run', store, 6, 70, 3, OSK_CLOCK=5 * 365 * 86400)
    early, _, late = done.stdout.partition('backup\n')
    found = rig.verify(store, early + late.replace('restored\n', ''))
    report('clock__that_jumps_loses_nothing', done.returncode == 0 and not found, found or done.stderr[:200])
    shutil.rmtree(top)


def full_disk(rig):
    """A small disk of memory, for this alone."""
    global skipped
    top = rig.fresh()
    script = 'mount -t tmpfs -o size=24m tmpfs "$1" && exec "$2" full "$1/store"'
    done = subprocess.run(['unshare', '-rm', 'sh', '-c', script, 'sh', top, rig.driver], capture_output=True, text=True,
                          timeout=120)
    if 'unshare' in done.stderr or 'mount' in done.stderr:
        skipped += 1
        print('# skipped: full disk: this machine does not let us mount one: ' + done.stderr.strip())
    else:
        report('full__disk_makes_no_false_promise_and_can_be_emptied', done.returncode == 0,
               (done.stdout + done.stderr).strip())
    shutil.rmtree(top)


def one_server(rig):
    top = rig.fresh()
    store = os.path.join(top, 'store')
    child = subprocess.Popen([rig.driver, 'run', store, '1', '0', '1'], stdout=subprocess.PIPE)
    child.stdout.readline()
    second = rig.call('run', store, 1, 5, 2)
    beside = rig.call('backup', store, os.path.join(top, 'copy'))
    checked = rig.call('check', os.path.join(top, 'copy'))
    child.kill()
    child.wait()
    report('lock__lets_one_server_in', second.returncode == 2 and 'another server' in second.stderr, second.stderr)
    report('backup__of_a_running_store_is_whole', beside.returncode == 0 and checked.returncode == 0,
           beside.stderr + checked.stdout)
    shutil.rmtree(top)


def command(rig):
    """`oilskin store`: on a store that is in use."""
    top = rig.fresh()
    store, copy, back = (os.path.join(top, name) for name in ('store', 'copy', 'back'))

    def oilskin(*words):
        done = subprocess.run([rig.oilskin, 'store', *words], capture_output=True, text=True, timeout=120)
        return done.returncode, done.stdout + done.stderr

    child = subprocess.Popen([rig.driver, 'run', store, '2', '0', '1'], stdout=subprocess.PIPE, text=True)
    said = ''.join(child.stdout.readline() for _ in range(600))
    thread = threading.Thread(target=lambda: child.stdout.read())
    thread.start()
    answers = {'check': oilskin('check', store), 'backup': oilskin('backup', store, copy),
               'shuffle': oilskin('shuffle', store, '--day', '2024-10-04'),
               'check after it': oilskin('check', store)}
    child.kill()
    child.wait()
    thread.join()
    answers['restore'] = oilskin('restore', copy, back, '--deletions-of', store)
    answers['check of that'] = oilskin('check', back)
    for name, (code, text) in answers.items():
        report(f'command__{name.replace(" ", "_")}_works_on_a_running_store', code == 0, text.strip())
    moved = re.search(r'(\d+) files have new names', answers['shuffle'][1])
    report('command__shuffle_moves_the_files_of_a_day', moved and int(moved[1]) > 0, answers['shuffle'][1].strip())
    report('command__says_what_is_wrong', oilskin('check', top)[0] == 7 and 'holds no store' in oilskin('check', top)[1]
           and oilskin('backup', store, copy)[0] == 7 and oilskin('restore', copy, back)[0] == 7
           and oilskin('shuffle', store, '--day', '2024-13-40')[0] == 2 and oilskin('polish', store)[0] == 2
           and 'there is no folder' in oilskin('check', os.path.join(top, 'none'))[1].replace('such file', 'folder'),
           oilskin('check', os.path.join(top, 'none'))[1])
    victim = next(os.path.join(back, 'blobs', name) for name in os.listdir(os.path.join(back, 'blobs')))
    os.unlink(victim)
    report('command__check_finds_a_file_that_is_gone', oilskin('check', back)[0] == 1, oilskin('check', back)[1].strip())
    shutil.rmtree(top)


def recovery(rig, count, every):
    """One in `every` has a file."""
    top = rig.fresh()
    store = os.path.join(top, 'store')
    filled = rig.call('fill', store, count, every, OSK_NO_SYNC=1)
    done = rig.call('recover', store)
    ms = int(done.stdout.split()[0]) if done.returncode == 0 else -1
    report(f'recovery__of_{count}_submissions_takes_a_second_at_most',
           filled.returncode == 0 and 0 <= ms <= 1000, done.stdout.strip() + done.stderr)
    shutil.rmtree(top)


def main():
    long = '--long' in sys.argv
    build = os.path.abspath(sys.argv[1])
    top = tempfile.mkdtemp(prefix='oilskin-fault-')
    rig = Rig(build, top)
    try:
        log, _ = record(rig, 3, 60, 1)
        power_cuts(rig, log, 250 if long else 10, 1, 'with_threads')
        if long:
            log, _ = record(rig, 1, 120, 2)
            power_cuts(rig, log, 250, 2, 'of_one_thread')
        log, _ = record(rig, 2, 60, 3, OSK_NO_UNNAMED=1)
        power_cuts(rig, log, 60 if long else 10, 3, 'where_files_have_names_from_the_start')
        log, _ = record(rig, 2, 300, 5)
        power_needs_every_sync(rig, log)
        power_wipes(rig, log)
        kills(rig, 1000 if long else 20)
        broken_disk(rig, 40 if long else 4)
        busy(rig)
        full_disk(rig)
        clocks(rig)
        one_server(rig)
        command(rig)
        recovery(rig, 100000, 1 if long else 20)
    finally:
        shutil.rmtree(top, ignore_errors=True)
    print(f'{passed} passed, {failed} failed, {skipped} skipped')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
