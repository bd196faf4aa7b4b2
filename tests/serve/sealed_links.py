#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sealed links of `oilskin serve`: taken from strangers within limits, given for as many views as were asked for, and ended.

usage: sealed_links.py OILSKIN PAGES
"""
import contextlib
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import tap  # noqa: E402  pylint: disable=wrong-import-position
import published_rows as public  # noqa: E402  pylint: disable=wrong-import-position
from client import client_of, multipart  # noqa: E402  pylint: disable=wrong-import-position
from desk_rig import DESK, FOLDER, OILSKIN, PAGES, come_in  # noqa: E402  pylint: disable=wrong-import-position
from drop import Drop, hold_all_places, with_few_descriptors  # noqa: E402  pylint: disable=wrong-import-position

OPEN = DESK + '\n[publish]\nsealed_links = yes\n'
MIB = 1 << 20


def opened(more='', config=OPEN):
    return Drop(OILSKIN, PAGES, tempfile.mkdtemp(dir=FOLDER), categories=config + more)


def sealed(drop, size=3000, fill=b'SECRETWORDS '):
    """An age file for one key that nobody else has."""
    key = os.path.join(drop.folder, 'link.key')
    if not os.path.exists(key):
        drop.run('keygen', '-o', key)
    plain, out = os.path.join(drop.folder, 'plain'), os.path.join(drop.folder, 'plain.age')
    with open(plain, 'wb') as file:
        file.write((fill * (size // len(fill) + 1))[:size])
    if os.path.exists(out):
        os.unlink(out)
    with open(key, encoding='ascii') as file:
        recipient = re.search(r'age1[a-z0-9]+', file.read()).group()
    drop.run('seal', '-r', recipient, plain, '-o', out)
    with open(out, 'rb') as file:
        return file.read()


def send(drop, body, query='?days=3', length=None, kind='application/octet-stream'):
    """(status, the answer's JSON or bytes)"""
    head = (f'POST /s/x{query} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n'
            f'Content-Length: {len(body) if length is None else length}\r\n' + (f'Content-Type: {kind}\r\n' if kind else '') + '\r\n')
    status, headers, text = parts(drop.raw(head.encode() + body))
    assert headers.get('cache-control') == 'no-store', headers
    return status, json.loads(text) if headers.get('content-type') == 'application/json' else text


def parts(answer):
    head, _, body = answer.partition(b'\r\n\r\n')
    first, *rest = head.decode('latin-1').split('\r\n')
    return int(first.split()[1]), {k.lower(): v for k, v in (line.split(': ', 1) for line in rest)}, body


def made(drop, body=None, query='?days=3'):
    status, said = send(drop, sealed(drop) if body is None else body, query)
    assert status == 201 and re.fullmatch(r'/s/x/[A-Za-z0-9_-]{22}', said['address']), (status, said)
    return said['address']


def fetch(drop, address, more=''):
    """What the page's button does."""
    return parts(drop.raw(f'POST {address}/f HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{more}Content-Length: 0\r\n\r\n'))


def set_sealed_links(drop, word):
    with open(drop.config, encoding='utf-8') as file:
        text = file.read()
    with open(drop.config, 'w', encoding='utf-8') as file:
        file.write(re.sub('sealed_links = .*', 'sealed_links = ' + word, text))


def blobs(drop):
    return [path for path in glob.glob(os.path.join(drop.data, '**'), recursive=True)
            if os.path.isfile(path) and '/blobs/' in path]


def test_no_server_takes_sealed_copies_unless_its_operator_says_so():
    with opened(config=DESK) as drop:
        head = b'POST /s/x?days=1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'
        assert parts(drop.raw(head))[0] in (404, 405)
        status, _, body = drop.ask('/studio/sharing.json')
        assert (status, body) == (200, b'null\n'), (status, body)
        assert drop.ask('/s/x/' + 'A' * 22)[0] == 404
    with opened() as drop:
        said = json.loads(drop.ask('/studio/sharing.json')[2])
        assert said == {'sealed_links': {'file_max': 56 * MIB, 'days_max': 7}}, said


def test_what_was_sealed_comes_back_byte_for_byte_and_is_never_shown_by_a_browser():
    with opened() as drop:
        for size in (1, 70_000, 3 * MIB + 5):
            body = sealed(drop, size)
            address = made(drop, body)
            status, headers, got = fetch(drop, address)
            assert status == 200 and got == body, (status, len(got), len(body))
            assert headers['content-type'] == 'application/octet-stream' and headers['x-content-type-options'] == 'nosniff', headers
            assert headers['content-disposition'].startswith('attachment'), headers
            assert headers['cache-control'] == 'no-store', headers
        # Nor does the disk have anything but that.
        for path in glob.glob(os.path.join(drop.data, '**'), recursive=True):
            if os.path.isfile(path):
                with open(path, 'rb') as file:
                    assert b'SECRETWORDS' not in file.read(), path


def test_the_token_is_stored_nowhere():
    with opened() as drop:
        token = made(drop).rsplit('/', 1)[1].encode()
        fetch(drop, '/s/x/' + token.decode())
        for path in [*glob.glob(os.path.join(drop.data, '**'), recursive=True), os.path.join(drop.folder, 'log.txt')]:
            if os.path.isfile(path):
                with open(path, 'rb') as file:
                    assert token not in file.read(), path


def test_no_get_and_no_head_uses_a_view_or_gives_a_byte():
    with opened() as drop:
        body = sealed(drop)
        address = made(drop, body, '?days=1&views=1')
        for _ in range(3):
            for method in ('GET', 'HEAD'):
                status, headers, page = drop.ask(address, method)
                assert status == 200 and b'SECRET' not in page and body[:60] not in page, status
                assert headers['x-robots-tag'].startswith('noindex') and headers['referrer-policy'] == 'no-referrer', headers
                assert b'og:' not in page and b'<img id="picture" alt' in page or method == 'HEAD', page
                assert drop.ask(address + '/f', method)[0] == 404
        assert fetch(drop, address)[0] == 200
        assert fetch(drop, address)[0] == 404
        assert drop.ask(address)[0] == 404


def test_behind_the_last_view_the_bytes_go_at_once():
    with opened() as drop:
        body = sealed(drop, 2 * MIB)
        before = len(blobs(drop))
        address = made(drop, body, '?days=7&views=2')
        assert fetch(drop, address)[2] == body
        time.sleep(0.5)
        assert len(blobs(drop)) == before + 1
        # All of it came to who was the last.
        assert fetch(drop, address)[2] == body
        until = time.time() + 20
        while time.time() < until and len(blobs(drop)) > before:
            time.sleep(0.1)
        assert len(blobs(drop)) == before


def test_no_view_is_used_where_nothing_can_be_shown():
    with opened() as drop:
        before = set(blobs(drop))
        body = sealed(drop)
        address = made(drop, body, '?days=1&views=1')
        (blob,) = set(blobs(drop)) - before
        os.rename(blob, drop.folder + '/moved')
        for _ in range(3):
            assert fetch(drop, address)[0] == 503
        os.rename(drop.folder + '/moved', blob)
        assert fetch(drop, address)[2] == body
        assert fetch(drop, address)[0] == 404


def test_a_view_is_always_of_all_of_it():
    with opened() as drop:
        body = sealed(drop)
        for more in ('Range: bytes=0-9\r\n', 'Range: bytes=999999999-\r\n', 'If-None-Match: "sealed"\r\n', 'If-None-Match: *\r\n'):
            status, _, got = fetch(drop, made(drop, body, '?days=1&views=1'), more)
            assert (status, got) == (200, body), (more, status)


def test_no_view_is_used_while_too_many_read():
    folder = tempfile.mkdtemp(dir=FOLDER)
    with Drop(with_few_descriptors(OILSKIN, folder), PAGES, folder, categories=OPEN) as drop:
        body = sealed(drop, 2 * MIB)
        often, once = made(drop, body), made(drop, body, '?days=1&views=1')
        with contextlib.ExitStack() as streams:
            hold_all_places(drop, f'POST {often}/f', streams)
            for _ in range(3):
                status, headers, got = fetch(drop, once)
                assert status == 503 and headers['retry-after'] == '30' and len(got) < MIB, (status, headers)
            # Pages are answered beside them.
            assert drop.ask(once)[0] == 200 and drop.ask('/')[0] == 200
        status, got = 503, b''
        until = time.monotonic() + 60
        while status == 503 and time.monotonic() < until:
            status, _, got = fetch(drop, once)
        assert status == 200 and got == body, status
        assert fetch(drop, once)[0] != 200


def test_of_many_who_come_for_the_last_views_only_so_many_get_it():
    with opened() as drop:
        address = made(drop, query='?days=1&views=3')
        got, threads = [], []
        for _ in range(12):
            threads.append(threading.Thread(target=lambda: got.append(fetch(drop, address)[0])))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(got) == [200] * 3 + [404] * 9, got


def test_unknown_used_up_ended_and_wrong_addresses_are_one_answer():
    with opened() as drop:
        used = made(drop, query='?days=1&views=1')
        fetch(drop, used)
        answers = set()
        for path in (used, '/s/x/' + 'A' * 22, '/s/x/', '/s/x/short', used + '/f', '/s/x/' + 'A' * 22 + '/f', used + '/g', '/s/x/%00'):
            status, headers, body = drop.ask(path)
            headers.pop('date', None)
            answers.add((status, str(sorted(headers.items())), body))
        assert len(answers) == 1 and next(iter(answers))[0] == 404, [(one[0], one[1], len(one[2])) for one in answers]


def test_only_an_age_file_of_a_length_that_is_said_is_taken():
    with opened() as drop:
        body = sealed(drop)
        before = len(blobs(drop))
        for status, args in ((422, (b'<html><script>alert(1)</script>' * 20,)), (422, (b'\xff\xd8\xff' + body,)), (422, (b'',)),
                             (415, (body, '?days=1', None, 'text/plain')), (415, (body, '?days=1', None, '')),
                             (415, (body, '?days=1', None, 'multipart/form-data; boundary=x')),
                             (413, (body, '?days=1', 64 * MIB + 1)),
                             (400, (body, '?days=0')), (400, (body, '?days=8')), (400, (body, '?days=99999999999')), (400, (body, '?days=-1')),
                             (400, (body, '?days=1&views=0')), (400, (body, '?days=1&views=1001')), (400, (body, '?days='))):
            got, said = send(drop, *args)
            assert got == status and said['error'], (args[1:], got, said)
        chunked = (b'POST /s/x?days=1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n'
                   b'Content-Type: application/octet-stream\r\n\r\n0\r\n\r\n')
        assert parts(drop.raw(chunked))[0] == 411
        assert len(blobs(drop)) == before


def begin(drop, peer, body, count):
    peer.sendall(f'POST /s/x?days=1 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\n'
                 f'Content-Length: {len(body)}\r\n\r\n'.encode() + body[:count])
    time.sleep(0.2)


def test_what_is_cut_off_on_its_way_leaves_nothing_and_gives_its_room_back():
    with opened('sealed_total_mib = 1\n') as drop:
        before = len(blobs(drop))
        body = sealed(drop, 600_000)
        for count in (0, 100, 100_000):
            with drop.connect() as peer:
                begin(drop, peer, body, count)
                # Its room is taken from the moment that it is announced.
                assert send(drop, body)[0] == 507
            until = time.time() + 20
            while time.time() < until and (status := send(drop, sealed(drop, 10))[0]) != 201:
                time.sleep(0.1)
            assert status == 201, (count, status)
        with drop.connect() as peer:
            begin(drop, peer, body, 400_000)
            drop.restart()
        made(drop, body)
        assert len(blobs(drop)) == before + 4


def test_strangers_can_fill_no_more_than_their_share():
    with opened('sealed_total_mib = 2\n') as drop:
        body = sealed(drop, 700_000)
        addresses = [made(drop, body) for _ in range(2)]
        status, said = send(drop, body)
        assert status == 507 and 'room' in said['error'], (status, said)
        drop.restart()
        assert send(drop, body)[0] == 507
        # Short ones count as 64 KiB, so that rows have an end, too.
        short = sealed(drop, 10)
        count = 0
        while send(drop, short)[0] == 201:
            count += 1
        assert 1 <= count <= 10, count
        assert fetch(drop, addresses[0])[0] == 200


def test_the_last_tenth_of_the_disk_is_the_drops_alone():
    disk = tempfile.mkdtemp(dir=FOLDER)
    if subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=160m', 'tmpfs', disk], capture_output=True, check=False).returncode:
        raise tap.Skip('a tmpfs can be mounted by root only')
    try:
        with Drop(OILSKIN, PAGES, tempfile.mkdtemp(dir=disk), categories=OPEN) as drop:
            body = sealed(drop, 4 * MIB)
            kept = made(drop, body)
            before = len(blobs(drop))

            def leave(room):
                left = shutil.disk_usage(disk).free - room
                with open(os.path.join(disk, 'filler'), 'ab') as file:
                    file.write(bytes(left))

            # Room for it, but not without that tenth; by its announced length, so that nothing of it is taken.
            leave(18 * MIB)
            for length in (len(body), 16 * MIB):
                status, said = send(drop, body[:70_000], length=length)
                assert status == 507 and said['error'], (status, said)
            assert len(blobs(drop)) == before
            action, _ = client_of(drop).form()
            kind, form = multipart([('message', 'There is room for this.')])
            status, _, said = client_of(drop).ask('POST', action, form, [('Content-Type', kind)])
            assert status == 200, (status, said[:300])
            # What was taken before is given, and with room there are new ones again.
            assert fetch(drop, kept)[2] == body
            os.unlink(os.path.join(disk, 'filler'))
            assert fetch(drop, made(drop, body))[2] == body
    finally:
        subprocess.run(['umount', '-l', disk], check=False)


def test_the_operator_ends_one_by_its_address_alone_and_its_room_is_free_again():
    with opened('sealed_total_mib = 1\n') as drop:
        anna = come_in(drop)
        body = sealed(drop, 700_000)
        address = made(drop, body)
        before = len(blobs(drop))
        assert send(drop, body)[0] == 507
        # As people paste it: with the host, and with the key.
        anna.post('/api/shares/end', {'address': f'https://drop.example{address}#{"k" * 43}'})
        assert drop.ask(address)[0] == 404 and fetch(drop, address)[0] == 404
        until = time.time() + 30
        while time.time() < until and send(drop, body)[0] != 201:
            time.sleep(0.5)
        assert time.time() < until
        assert len(blobs(drop)) == before


def test_the_desk_shows_what_is_reported_where_nothing_but_sealed_links_is_open():
    with opened() as drop:
        said = come_in(drop).get('/api/me')['publish']
        assert said is not None and not said['albums'] and not said['links'], said


def test_no_sealed_link_opens_and_none_is_taken_where_the_operator_takes_them_back():
    with opened('links = yes\n') as drop:
        anna = come_in(drop)
        body = sealed(drop)
        address, other = made(drop, body), made(drop, body)
        lying = len(blobs(drop))
        set_sealed_links(drop, 'no')
        drop.process.send_signal(signal.SIGHUP)
        until = time.time() + 30
        while time.time() < until and drop.ask('/studio/sharing.json')[2] != b'null\n':
            time.sleep(0.1)
        assert drop.ask(address)[0] == 404 and fetch(drop, address)[0] == 404 and len(blobs(drop)) == lying
        assert send(drop, body)[0] == 404
        # Each can still be ended, for good.
        anna.post('/api/shares/end', {'address': other})
        drop.restart()
        status, _, said = fetch(drop, address)
        assert drop.ask(address)[0] == 404 and status in (400, 404) and body[:40] not in said
        set_sealed_links(drop, 'yes')
        drop.restart()
        assert drop.ask(other)[0] == 404 and fetch(drop, other)[0] == 404
        assert drop.ask(address)[0] == 200 and fetch(drop, address)[0] == 200


def test_nobody_opens_a_sealed_link_as_a_checked_one():
    with opened('links = yes\n') as drop:
        token = made(drop).rsplit('/', 1)[1]
        assert drop.ask('/s/' + token)[0] == 404
        head = (f'POST /s/{token} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n'
                'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 0\r\n\r\n')
        assert parts(drop.raw(head))[0] == 404


def test_a_sealed_link_is_reported_by_its_token_also_when_its_last_view_is_used():
    with opened() as drop:
        anna = come_in(drop)
        address = made(drop, query='?days=1&views=1')
        token = address.rsplit('/', 1)[1]
        fetch(drop, address)
        form = f'share={token}&kind=report&words=it+shows+me'.encode()
        head = ('POST /s/ask HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n'
                f'Content-Length: {len(form)}\r\n\r\n')
        assert parts(drop.raw(head.encode() + form))[0] == 200
        groups = anna.get('/api/asked')['groups']
        assert [(one['space'], [(row['kind'], row['by_link']) for row in one['asked']]) for one in groups] == [('share', [('report', False)])], groups
        other = form.replace(token.encode(), b'A' * 22)
        assert parts(drop.raw(head.encode() + other))[0] == 404
        # A grant is nothing that sealed links have.
        form = b'grant=' + b'A' * 22 + b'&kind=report'
        head = head[:head.index('Content-Length')] + f'Content-Length: {len(form)}\r\n\r\n'
        assert parts(drop.raw(head.encode() + form))[0] == 404


def test_a_link_opens_on_its_last_day_and_goes_with_its_bytes_behind_it():
    with opened() as drop:
        address = made(drop)
        token = address.rsplit('/', 1)[1]
        before = len(blobs(drop))
        public.set_share(drop.data, token, expires=public.today())
        assert drop.ask(address)[0] == 200 and fetch(drop, address)[0] == 200
        public.set_share(drop.data, token, expires=public.today() - 1)
        assert drop.ask(address)[0] == 404 and fetch(drop, address)[0] == 404
        # The desk's sweep, when it starts and each hour.
        drop.restart()
        until = time.time() + 30
        while time.time() < until and len(blobs(drop)) == before:
            time.sleep(0.2)
        assert len(blobs(drop)) == before - 1


def test_while_the_clock_is_doubted_no_sealed_link_opens_goes_or_is_taken():
    with opened() as drop:
        address = made(drop)
        count = len(blobs(drop))
        for believed in (public.today() + 300, public.today() - 300):
            public.believe(drop.data, believed)
            status, said = send(drop, sealed(drop))
            assert status == 503 and 'clock' in said['error'], (status, said)
            if believed > public.today():
                assert fetch(drop, address)[0] == 503
            assert len(blobs(drop)) == count
        public.believe(drop.data, public.today())
        assert fetch(drop, address)[0] == 200


def test_seven_days_are_the_most():
    with opened() as drop:
        today = int(time.time() // 86400)
        for days, most in ((1, 1), (3, 3), (6, 6), (7, 6)):
            status, said = send(drop, sealed(drop), f'?days={days}')
            last = time.strftime('%Y-%m-%d', time.gmtime((today + most) * 86400))
            assert status == 201 and said['last_day'] >= last, (days, said)
            assert time.gmtime(time.time() + 7 * 86400) > time.strptime(said['last_day'], '%Y-%m-%d')


def test_the_page_speaks_six_languages_and_its_policy_lets_nothing_else_in():
    with opened() as drop:
        address = made(drop)
        seen = set()
        for tag, word in (('en', 'Not checked by this server'), ('es', 'Este servidor no lo ha comprobado'), ('fr', 'Non vérifié par ce serveur'),
                          ('ar', 'لم يفحصه هذا الخادم'), ('zh', '本服务器没有检查过'), ('ko', '이 서버는 확인하지 않았어요')):
            status, headers, page = drop.ask(f'{address}?lang={tag}')
            assert status == 200 and word in page.decode(), tag
            seen.add(headers['content-security-policy'])
        assert seen == {"default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; "
                        "img-src 'self' blob:; media-src blob:; style-src 'self'; base-uri 'none'; form-action 'self'; "
                        "require-trusted-types-for 'script'; trusted-types oilskin; frame-ancestors 'none'"}, seen


try:
    CODE = tap.run(dict(globals()))
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
sys.exit(CODE)
