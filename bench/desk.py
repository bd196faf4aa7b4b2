#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages of the desk, and what its server holds in memory, while it reads a hundred thousand submissions in and afterwards.

usage: desk.py OILSKIN PAGES DESK_FILL [SUBMISSIONS [unique]]
"""
import json
import os
import re
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
UNIQUE = [sys.argv.pop(5)] if len(sys.argv) > 5 else []
COUNT = sys.argv.pop(4) if len(sys.argv) > 4 else '100000'
FILL = os.path.abspath(sys.argv.pop(3))
sys.path.insert(0, os.path.join(HERE, '..', 'tests', 'serve'))
from desk_rig import FOLDER, PASSPHRASE, come_in, opened, seen  # noqa: E402  pylint: disable=wrong-import-position


def worked_ms(drop):
    """What the server has used of its processors: other programs take none of it."""
    return time.clock_gettime(~drop.process.pid << 3 | 2) * 1e3


class Pages:
    """Asks for pages, and keeps how long the slowest took, by the clock and of the processor."""

    def __init__(self, drop, page):
        self.drop, self.page = drop, page
        self.slowest, self.worked = {}, {}

    def get(self, name, path, times=5):
        """The last answer."""
        answer = None
        for _ in range(times):
            began, before = time.monotonic(), worked_ms(self.drop)
            answer = self.page.ask('GET', path)
            self.slowest[name] = max(self.slowest.get(name, 0), (time.monotonic() - began) * 1e3)
            self.worked[name] = max(self.worked.get(name, 0), worked_ms(self.drop) - before)
        return json.loads(answer)


def memory(drop, key):
    with open(f'/proc/{drop.process.pid}/status', encoding='ascii') as status:
        return int(re.search(key + r':\s+(\d+) kB', status.read()).group(1)) / 1024


def busy_ticks(drop):
    with open(f'/proc/{drop.process.pid}/stat', encoding='ascii') as stat:
        return sum(int(word) for word in stat.read().rpartition(')')[2].split()[11:13])


def wait_until_idle(drop):
    """Seconds until the server has nothing left to do: its index is whole."""
    began, quiet, last = time.monotonic(), 0, busy_ticks(drop)
    while quiet < 3:
        time.sleep(1)
        now = busy_ticks(drop)
        quiet = quiet + 1 if now - last <= 2 else 0
        last = now
    return time.monotonic() - began - 3


def walk(pages, view):
    """All pages of a view: how many."""
    count, after = 0, ''
    while after is not None:
        answer = pages.get('queue_' + view, f'/api/queue?view={view}' + (f'&after={after}' if after else ''), 1)
        count, after = count + 1, answer['next']
    return count


def main():
    with opened() as drop:
        page = come_in(drop)
        drop.stop()
        with open(os.path.join(drop.data, 'triage.key'), encoding='ascii') as key:
            recipient = re.search(r'age1[a-z0-9]+', key.read()).group()
        subprocess.run([FILL, drop.data, COUNT, recipient, *UNIQUE], check=True)
        began = time.monotonic()
        drop.start()
        page.port = [re.search(r':(\d+)$', line).group(1) for line in drop.lines if 'The desk is at' in line][0]
        print(f'start_s {time.monotonic() - began:.1f}')
        page.post('/api/login', {'name': 'anna', 'passphrase': PASSPHRASE})
        pages = Pages(drop, page)
        pages.get('queue_at_start', '/api/queue')
        # Beside it the index is built, which takes the processor all the time.
        del pages.worked['queue_at_start']
        print(f'index_s {wait_until_idle(drop):.0f}')
        print(f'memory_mib {memory(drop, "VmRSS"):.0f}')
        for view in ('new', 'dismissed', 'differences', 'all'):
            print(f'pages_{view} {walk(pages, view)}')
        rows = page.get('/api/queue?view=' + ('all' if UNIQUE else 'dismissed'))['rows']
        largest = max(rows, key=lambda row: row['count'])
        print(f'largest_cluster {largest["count"]}')
        pages.get('cluster', '/api/clusters/' + largest['cluster'])
        pages.get('cluster_end', f'/api/clusters/{largest["cluster"]}?after={largest["count"] - 1}')
        pages.get('submission', '/api/submissions/' + largest['representative']['submission'])
        audit = pages.get('audit', '/api/audit', 10)
        pages.get('audit_end', f'/api/audit?after={audit["count"] - 100}', 10)
        pages.get('digest', '/api/digest')
        done = page.post('/api/act', {'do': 'keep', 'clusters': [seen(row) for row in rows if row['cluster']]})
        pages.get('queue_after_deed', '/api/queue')
        began = time.monotonic()
        page.post('/api/undo', {'operation': done['operation']})
        print(f'undo_{done["changed"]}_ms {(time.monotonic() - began) * 1e3:.0f}')
        print(f'memory_after_mib {memory(drop, "VmRSS"):.0f}')
        print(f'memory_peak_mib {memory(drop, "VmHWM"):.0f}')
    subprocess.run([FILL, os.path.join(FOLDER, 'night'), COUNT, recipient, 'arriving'], check=True)
    for name, took in pages.slowest.items():
        print(f'{name}_ms {took:.1f}')
    for name, took in pages.worked.items():
        print(f'{name}_processor_ms {took:.1f}')
    print(f'page_ms_most {max(pages.slowest.values()):.1f}')
    print(f'page_processor_ms_most {max(pages.worked.values()):.1f}')


try:
    main()
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
