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


def timed(page, path, times=5):
    """(slowest of some requests in ms, the last answer)."""
    most, answer = 0, None
    for _ in range(times):
        began = time.monotonic()
        answer = page.ask('GET', path)
        most = max(most, (time.monotonic() - began) * 1e3)
    return most, json.loads(answer)


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


def walk(page, view):
    """All pages of a view: (how many, the slowest)."""
    pages, most, after = 0, 0, ''
    while after is not None:
        took, answer = timed(page, f'/api/queue?view={view}' + (f'&after={after}' if after else ''), 1)
        pages, most, after = pages + 1, max(most, took), answer['next']
    return pages, most


def main():
    slowest = {}
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
        slowest['queue_at_start'] = timed(page, '/api/queue')[0]
        print(f'index_s {wait_until_idle(drop):.0f}')
        print(f'memory_mib {memory(drop, "VmRSS"):.0f}')
        for view in ('new', 'dismissed', 'differences', 'all'):
            pages, slowest['queue_' + view] = walk(page, view)
            print(f'pages_{view} {pages}')
        rows = page.get('/api/queue?view=' + ('all' if UNIQUE else 'dismissed'))['rows']
        largest = max(rows, key=lambda row: row['count'])
        print(f'largest_cluster {largest["count"]}')
        slowest['cluster'] = timed(page, '/api/clusters/' + largest['cluster'])[0]
        slowest['cluster_end'] = timed(page, f'/api/clusters/{largest["cluster"]}?after={largest["count"] - 1}')[0]
        slowest['submission'] = timed(page, '/api/submissions/' + largest['representative']['submission'])[0]
        slowest['audit'], audit = timed(page, '/api/audit', 10)
        slowest['audit_end'] = timed(page, f'/api/audit?after={audit["count"] - 100}', 10)[0]
        slowest['digest'] = timed(page, '/api/digest')[0]
        done = page.post('/api/act', {'do': 'keep', 'clusters': [seen(row) for row in rows if row['cluster']]})
        slowest['queue_after_deed'] = timed(page, '/api/queue')[0]
        began = time.monotonic()
        page.post('/api/undo', {'operation': done['operation']})
        print(f'undo_{done["changed"]}_ms {(time.monotonic() - began) * 1e3:.0f}')
        print(f'memory_after_mib {memory(drop, "VmRSS"):.0f}')
        print(f'memory_peak_mib {memory(drop, "VmHWM"):.0f}')
    subprocess.run([FILL, os.path.join(FOLDER, 'night'), COUNT, recipient, 'arriving'], check=True)
    for name, took in slowest.items():
        print(f'{name}_ms {took:.1f}')
    print(f'page_ms_most {max(slowest.values()):.1f}')


try:
    main()
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
