#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who works at the desk of `oilskin serve`: they come, change their secrets, lose them, and leave; and what they can open then.

usage: desk_people.py OILSKIN PAGES
"""
import base64
import json
import os
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import tap  # noqa: E402  pylint: disable=wrong-import-position
from desk_rig import FOLDER, PAGES, PASSPHRASE, Page, code_of, come_in, make_key, opened, sealed_to, send, unseal  # noqa: E402  pylint: disable=wrong-import-position

OTHER = 'another horse battery'


def invite(admin, role='reviewer'):
    made = admin.post('/api/reviewers', {'do': 'invite', 'role': role})
    assert made['kind'] == 'invite' and len(made['link']) == 32, made
    return made['link']


def join(drop, admin, name, role='reviewer'):
    """Somebody new, logged in, whose key is NAME.key."""
    page = Page(admin.port)
    me = page.post('/api/join', {'link': invite(admin, role), 'name': name, 'passphrase': PASSPHRASE,
                                 'recipient': make_key(drop, name)})
    assert me['role'] == role and me['name'] == name, me
    return page


def enter(page, name):
    return page.post('/api/login', {'name': name, 'passphrase': PASSPHRASE})


def id_of(page, name):
    return [one['id'] for one in page.get('/api/reviewers')['reviewers'] if one['name'] == name][0]


def key_of(drop, name):
    return os.path.join(drop.folder, name + '.key')


def opens(drop, sealed, name):
    try:
        unseal(drop, sealed, key_of(drop, name))
        return True
    except subprocess.CalledProcessError:
        return False


def last_manifest(page, seen):
    """Of the submission that has come since."""
    rows = page.get('/api/queue')['rows']
    new = [row['representative']['submission'] for row in rows if row['representative']['submission'] not in seen]
    assert len(new) == 1, (rows, seen)
    seen.add(new[0])
    return base64.b64decode(page.get('/api/submissions/' + new[0])['manifest'])


def recipients(drop):
    return [one['age'] for one in drop.api('/api/drop')['recipients']]


def test_who_is_invited_comes_once_by_a_link_with_the_role_that_it_gives():
    with opened() as drop:
        anna = come_in(drop)
        link = invite(anna, 'publisher')
        assert [(one['kind'], one['role']) for one in anna.get('/api/reviewers')['links']] == [('invite', 'publisher')]
        bob = Page(anna.port)
        asked = {'link': link, 'name': 'bob', 'passphrase': 'short', 'recipient': make_key(drop, 'bob')}
        bob.post('/api/join', asked, code=400)
        bob.post('/api/join', {**asked, 'passphrase': PASSPHRASE, 'name': 'anna'}, code=409)
        bob.post('/api/join', {**asked, 'passphrase': PASSPHRASE, 'link': '0' * 32}, code=403)
        asked['passphrase'] = PASSPHRASE
        assert bob.post('/api/join', asked)['role'] == 'publisher'
        Page(anna.port).post('/api/join', {**asked, 'name': 'carl'}, code=403)
        assert anna.get('/api/reviewers')['links'] == []
        # Only admins change who works here; the list is everybody's, its links are not.
        invite(anna)
        seen = bob.get('/api/reviewers')
        assert sorted(one['name'] for one in seen['reviewers']) == ['anna', 'bob'] and seen['links'] == [], seen
        bob.post('/api/reviewers', {'do': 'invite', 'role': 'admin'}, code=403)
        bob.post('/api/reviewers', {'do': 'role', 'reviewer': id_of(bob, 'bob'), 'role': 'admin'}, code=403)
        first = Page(anna.port)
        first.post('/api/first', {**asked, 'link': invite(anna, 'admin'), 'name': 'dora'}, code=403)


def test_a_link_that_an_admin_ends_is_over_and_one_that_lies_on_the_disk_is_none():
    with opened() as drop:
        anna = come_in(drop)
        link = invite(anna)
        for folder, _, names in os.walk(drop.data):
            for name in names:
                with open(os.path.join(folder, name), 'rb') as file:
                    assert link.encode() not in file.read(), name
        assert drop.stop() == 0
        drop.start()
        anna.port = port_of(drop)
        anna.post('/api/login', {'name': 'anna', 'passphrase': PASSPHRASE})
        listed = anna.get('/api/reviewers')['links']
        assert len(listed) == 1, listed
        anna.post('/api/reviewers', {'do': 'end-link', 'link': listed[0]['id']})
        last = [json.loads(one['text']) for one in anna.get('/api/audit')['entries'] if 'link-end' in one['text']]
        assert [one['about'] for one in last] == [{'link': listed[0]['id']}], last
        anna.post('/api/reviewers', {'do': 'end-link', 'link': listed[0]['id']}, code=404)
        Page(anna.port).post('/api/join', {'link': link, 'name': 'bob', 'passphrase': PASSPHRASE,
                                           'recipient': make_key(drop, 'bob')}, code=403)


def port_of(drop):
    return [line.rstrip().rpartition(':')[2] for line in drop.lines if 'The desk is at' in line][0]


def test_a_reviewer_opens_what_comes_while_she_is_there_and_nothing_that_comes_later():
    with opened() as drop:
        anna = come_in(drop)
        seen = set()
        bob = join(drop, anna, 'bob')
        assert len(recipients(drop)) == 4, recipients(drop)
        send(drop, 'While bob is here.')
        manifest = last_manifest(anna, seen)
        assert opens(drop, manifest, 'bob') and opens(drop, manifest, 'anna') and opens(drop, manifest, 'desk')
        anna.post('/api/reviewers', {'do': 'remove', 'reviewer': id_of(anna, 'bob')})
        bob.get('/api/me', code=401)
        Page(anna.port).post('/api/login', {'name': 'bob', 'passphrase': PASSPHRASE}, code=401)
        assert len(recipients(drop)) == 3 and len(anna.get('/api/me')['recipients']) == 3
        send(drop, 'When bob has left.', ('a.bin', os.urandom(3000)))
        rest = last_manifest(anna, seen)
        assert not opens(drop, rest, 'bob') and opens(drop, rest, 'anna') and opens(drop, rest, 'recovery')
        did = [json.loads(one['text'])['did'] for one in anna.get('/api/audit')['entries']]
        assert [one for one in did if one in ('link', 'join', 'reviewer-remove')] == ['link', 'link', 'join', 'reviewer-remove'], did


def test_the_last_admin_stays_one():
    with opened() as drop:
        anna = come_in(drop)
        own = id_of(anna, 'anna')
        anna.post('/api/reviewers', {'do': 'remove', 'reviewer': own}, code=409)
        anna.post('/api/reviewers', {'do': 'role', 'reviewer': own, 'role': 'reviewer'}, code=409)
        bob = join(drop, anna, 'bob')
        anna.post('/api/reviewers', {'do': 'role', 'reviewer': id_of(anna, 'bob'), 'role': 'admin'})
        enter(bob, 'bob')
        bob.post('/api/reviewers', {'do': 'role', 'reviewer': own, 'role': 'reviewer'})
        enter(anna, 'anna')
        anna.post('/api/reviewers', {'do': 'invite', 'role': 'reviewer'}, code=403)


def test_a_link_ends_with_its_admin():
    with opened() as drop:
        anna = come_in(drop)
        bob, carl = (join(drop, anna, name, 'admin') for name in ('bob', 'carl'))
        hers = invite(anna)
        links = [invite(bob, 'admin'), invite(carl, 'admin')]
        reset = bob.post('/api/reviewers', {'do': 'reset-passphrase', 'reviewer': id_of(anna, 'anna')})['link']
        assert len(anna.get('/api/reviewers')['links']) == 4
        anna.post('/api/reviewers', {'do': 'remove', 'reviewer': id_of(anna, 'bob')})
        anna.post('/api/reviewers', {'do': 'role', 'reviewer': id_of(anna, 'carl'), 'role': 'publisher'})
        dora = {'name': 'dora', 'passphrase': PASSPHRASE, 'recipient': make_key(drop, 'dora')}
        for link in links:
            Page(anna.port).post('/api/join', {**dora, 'link': link}, code=403)
        Page(anna.port).post('/api/join', {'link': reset, 'passphrase': OTHER}, code=403)
        assert len(anna.get('/api/reviewers')['links']) == 1
        assert Page(anna.port).post('/api/join', {**dora, 'link': hers})['role'] == 'reviewer'


def test_another_role_or_a_lost_factor_ends_sessions_by_page_and_by_command():
    with opened() as drop:
        anna = come_in(drop)
        bob, carl = (join(drop, anna, name) for name in ('bob', 'carl'))
        who = id_of(anna, 'bob')
        anna.post('/api/reviewers', {'do': 'role', 'reviewer': who, 'role': 'publisher'})
        bob.get('/api/me', code=401)
        enter(bob, 'bob')
        for words in (('role', drop.data, 'bob', 'reviewer'), ('reset-totp', drop.data, 'bob')):
            key = bob.post('/api/totp', {'passphrase': PASSPHRASE})['key']
            if words[0] == 'reset-totp':
                bob.post('/api/totp', {'code': code_of(key)})
            drop.run('desk', 'reviewer', *words)
            # The server sees it within a second.
            time.sleep(2)
            bob.get('/api/me', code=401)
            enter(bob, 'bob')
        carl.get('/api/me')


def test_a_session_alone_makes_and_replaces_no_second_factor():
    with opened() as drop:
        anna = come_in(drop)
        bob = join(drop, anna, 'bob')
        bob.post('/api/totp', {}, code=400)
        bob.post('/api/totp', {'passphrase': OTHER}, code=403)
        bob.post('/api/totp', {'code': '000000'}, code=403)
        key = bob.post('/api/totp', {'passphrase': PASSPHRASE})['key']
        code = code_of(key)
        bob.post('/api/totp', {'code': code})
        bob.post('/api/totp', {'passphrase': PASSPHRASE}, code=409)
        bob.post('/api/totp', {'code': code}, code=409)
        assert bob.get('/api/me')['totp']
        anna.post('/api/reviewers', {'do': 'reset-totp', 'reviewer': id_of(anna, 'bob')})
        enter(bob, 'bob')
        assert bob.post('/api/totp', {'passphrase': PASSPHRASE})['key'] != key


def test_a_key_of_who_left_that_goes_on_being_sealed_to_is_said():
    with opened() as drop:
        anna = come_in(drop)
        bob, own = Page(anna.port), drop.recipients()[0]
        bob.post('/api/join', {'link': invite(anna), 'name': 'bob', 'passphrase': PASSPHRASE, 'recipient': own})
        join(drop, anna, 'carl')
        assert 'stays_reader' not in anna.post('/api/reviewers', {'do': 'remove', 'reviewer': id_of(anna, 'carl')})
        assert anna.post('/api/reviewers', {'do': 'remove', 'reviewer': id_of(anna, 'bob')})['stays_reader'] is True
        assert own in recipients(drop)
        bob.post('/api/join', {'link': invite(anna), 'name': 'bob', 'passphrase': PASSPHRASE, 'recipient': own})
        said = drop.run('desk', 'reviewer', 'remove', drop.data, 'bob')
        assert own in said and '[drop]' in said, said


def test_a_lost_passphrase_is_replaced_by_a_link_of_an_admin():
    with opened() as drop:
        anna = come_in(drop)
        bob = join(drop, anna, 'bob')
        first = anna.post('/api/reviewers', {'do': 'reset-passphrase', 'reviewer': id_of(anna, 'bob')})
        made = anna.post('/api/reviewers', {'do': 'reset-passphrase', 'reviewer': id_of(anna, 'bob')})
        assert made['kind'] == 'reset' and len(made['links']) == 1, made
        page = Page(anna.port)
        page.post('/api/join', {'link': first['link'], 'passphrase': OTHER}, code=403)
        page.post('/api/join', {'link': made['link'], 'passphrase': 'short'}, code=400)
        bob.get('/api/me')
        assert page.post('/api/join', {'link': made['link'], 'passphrase': OTHER})['name'] == 'bob'
        page.get('/api/me', code=401)
        bob.get('/api/me', code=401)
        page.post('/api/join', {'link': made['link'], 'passphrase': PASSPHRASE}, code=403)
        page.post('/api/login', {'name': 'bob', 'passphrase': PASSPHRASE}, code=401)
        assert page.post('/api/login', {'name': 'bob', 'passphrase': OTHER})['role'] == 'reviewer'


def test_a_lost_second_factor_is_taken_away_by_an_admin():
    with opened() as drop:
        anna = come_in(drop)
        bob = join(drop, anna, 'bob')
        key = bob.post('/api/totp', {'passphrase': PASSPHRASE})['key']
        assert bob.post('/api/totp', {'code': code_of(key)})['totp']
        page = Page(anna.port)
        page.post('/api/login', {'name': 'bob', 'passphrase': PASSPHRASE}, code=401)
        bob.post('/api/reviewers', {'do': 'reset-totp', 'reviewer': id_of(bob, 'bob')}, code=403)
        anna.post('/api/reviewers', {'do': 'reset-totp', 'reviewer': id_of(anna, 'bob')})
        bob.get('/api/me', code=401)
        assert not page.post('/api/login', {'name': 'bob', 'passphrase': PASSPHRASE})['totp']


def test_own_secrets_change_with_the_passphrase_alone():
    with opened() as drop:
        anna = come_in(drop)
        bob = join(drop, anna, 'bob')
        other = Page(anna.port)
        other.post('/api/login', {'name': 'bob', 'passphrase': PASSPHRASE})
        seen = set()
        new = make_key(drop, 'bob2')
        bob.post('/api/secrets', {'recipient': new}, code=400)
        bob.post('/api/secrets', {'passphrase': OTHER, 'recipient': new}, code=403)
        bob.post('/api/secrets', {'passphrase': PASSPHRASE, 'new_passphrase': 'short'}, code=400)
        bob.post('/api/secrets', {'passphrase': PASSPHRASE}, code=400)
        me = bob.post('/api/secrets', {'passphrase': PASSPHRASE, 'recipient': new, 'new_passphrase': OTHER})
        assert me['recipient'] == new and bob.get('/api/me')['name'] == 'bob'
        other.get('/api/me', code=401)
        other.post('/api/login', {'name': 'bob', 'passphrase': PASSPHRASE}, code=401)
        other.post('/api/login', {'name': 'bob', 'passphrase': OTHER})
        send(drop, 'For the new key.')
        manifest = last_manifest(anna, seen)
        assert opens(drop, manifest, 'bob2') and not opens(drop, manifest, 'bob')


def rewrap(drop, page, name, code=0):
    """As anna, with the key of NAME."""
    login = os.path.join(drop.folder, 'login.txt')
    with open(login, 'w', encoding='ascii') as file:
        file.write(PASSPHRASE + '\n')
    return drop.run('desk', 'rewrap', '--desk', f'http://127.0.0.1:{page.port}', '--name', 'anna', '--login-file', login, '-i',
                    key_of(drop, name), code=code)


def all_sealed(page, submission):
    """(name, age file) of all that there is of it, and of its files."""
    about = page.get('/api/submissions/' + submission)
    yield 'manifest', base64.b64decode(about['manifest'])
    for message in about['messages']:
        yield 'message', base64.b64decode(message['sealed'])
    for record in about['records']:
        yield record['space'], base64.b64decode(record['sealed'])
    for file in about['files']:
        way = page.post('/api/open', {'file': file['file'], 'why': 'evidence'})
        for segment in way['segments']:
            sealed = b''
            while len(sealed) < segment['sealed_len']:
                sealed += page.ask('GET', f"/blobs/{way['address']}?segment={segment['number']}&at={len(sealed)}")
            yield 'file', sealed
        if file['looked']:
            yield 'preview', page.ask('GET', f"/blobs/{file['file']}/preview")


def on_disk(drop, before):
    """Files of the store, and of its database's log, that hold a stanza of these; a row may be cut anywhere else."""
    stanzas = [line for _, old in before for line in old[:old.index(b'\n---')].split(b'\n') if line.startswith(b'-> X25519 ')]
    assert len(stanzas) >= len(before), stanzas
    return [name for folder, _, names in os.walk(drop.data) for name in names
            if any(line in read(os.path.join(folder, name)) for line in stanzas)]


def submissions(page):
    return {row['representative']['submission'] for row in page.get('/api/queue?view=all')['rows']}


def test_what_lay_there_opens_for_who_came_and_no_more_for_who_left():
    with opened() as drop:
        anna = come_in(drop)
        bob = join(drop, anna, 'bob')
        letter = b'A letter. ' + os.urandom(200000)
        send(drop, 'While bob is here.', ('letter.bin', letter))
        with open(os.path.join(PAGES, 'sample.jpg'), 'rb') as sample:
            send(drop, 'A picture.', ('sample.jpg', sample.read()))
        until = time.time() + 60
        while not [row for row in anna.get('/api/queue')['rows'] if row['looked']]:
            assert time.time() < until, drop.said()
            time.sleep(0.2)
        anna.post('/api/reviewers', {'do': 'remove', 'reviewer': id_of(anna, 'bob')})
        carl = join(drop, anna, 'carl')
        before = [(kind, sealed) for one in submissions(anna) for kind, sealed in all_sealed(anna, one)]
        assert sorted({kind for kind, _ in before}) == ['file', 'manifest', 'preview'], before
        for kind, sealed in before:
            assert opens(drop, sealed, 'bob') and not opens(drop, sealed, 'carl'), kind
        page = anna.get('/api/wraps')
        assert page['total'] == 2 and len(page['items']) == len(before) and page['next'] is None, page
        carl.get('/api/wraps', code=403)
        bob.get('/api/wraps', code=401)
        # Who was not there before can't do it, and changes nothing.
        said = drop_run_fails(drop, anna, 'carl')
        assert 'could be opened by no key that was given' in said, said
        assert len(anna.get('/api/wraps')['items']) == len(before)
        assert on_disk(drop, before)
        said = rewrap(drop, anna, 'desk')
        # In no blob any more, and in no row.
        assert not on_disk(drop, before), on_disk(drop, before)
        assert f'{len(before)} headers wrapped anew.' in said and '0 of 2 submissions left' in said, said
        assert anna.get('/api/wraps')['items'] == [] and anna.get('/api/wraps')['left'] == 0
        after = [(kind, sealed) for one in submissions(anna) for kind, sealed in all_sealed(anna, one)]
        assert [kind for kind, _ in after] == [kind for kind, _ in before]
        for (kind, sealed), (_, old) in zip(after, before):
            assert opens(drop, sealed, 'carl') and opens(drop, sealed, 'anna') and opens(drop, sealed, 'recovery'), kind
            assert not opens(drop, sealed, 'bob'), kind
            assert unseal(drop, sealed) == unseal(drop, old), kind
        assert '0 headers wrapped anew.' in rewrap(drop, anna, 'carl')
        drop.run('store', 'check', drop.data)


def test_what_nobody_opens_keeps_nothing_else_waiting():
    with opened() as drop:
        anna = come_in(drop)
        bob = join(drop, anna, 'bob')
        for _ in range(2):
            send(drop, 'A word.', ('a.bin', os.urandom(3000)))
        keys = [one['age'] for one in bob.get('/api/me')['recipients']]
        # Whoever is about to leave writes notes that nobody opens, and some that break who tries.
        for one in submissions(bob):
            for number in range(34):
                sealed = sealed_to(keys, share=bytes(32) if number % 2 else None)
                bob.post('/api/record', {'space': 'note', 'owner': one, 'version': 0, 'sealed': sealed})
        anna.post('/api/reviewers', {'do': 'remove', 'reviewer': id_of(anna, 'bob')})
        said = drop_run_fails(drop, anna, 'desk')
        assert '4 headers wrapped anew.' in said and '68 could be opened by no key that was given.' in said, said
        left, after = [], ''
        while after is not None:
            page = anna.get('/api/wraps' + after)
            left += [item['item'] for item in page['items']]
            after = page['next'] and '?after=' + page['next']
        assert len(left) == len(set(left)) == 68 and {one[0] for one in left} == {'r'}, left
        anna.get('/api/wraps?after=' + '0-' + '0' * 32 + '-0-x', code=400)


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def drop_run_fails(drop, page, name):
    try:
        rewrap(drop, page, name)
    except AssertionError as error:
        return str(error)
    raise AssertionError('it did not fail')


def test_a_header_that_is_not_for_the_desk_is_taken_for_nothing():
    with opened() as drop:
        anna = come_in(drop)
        send(drop, 'A word.')
        join(drop, anna, 'bob')
        item = anna.get('/api/wraps')['items'][0]
        old = base64.b64decode(item['header'])
        for header in (item['header'], '', base64.b64encode(old[:-1]).decode(), base64.b64encode(b'no header').decode(), None):
            anna.post('/api/wraps', {'wraps': [{'item': item['item'], 'header': header}]}, code=400)
        for name in ('x', item['item'] + '1x', 'r-' + item['item'][2:-1] + '10', None):
            anna.post('/api/wraps', {'wraps': [{'item': name, 'header': item['header']}]}, code=400)
        anna.post('/api/wraps', {'wraps': []}, code=400)
        anna.get('/api/wraps?after=1', code=400)
        gone = item['item'][:2] + '0' * 32 + item['item'][34:]
        assert anna.post('/api/wraps', {'wraps': [{'item': gone, 'header': item['header']}]})['done'] == 0
        assert anna.get('/api/wraps')['items'][0]['header'] == item['header']


# ---- on the server, without a login ----

def anchor(said):
    name, link = said.split('/#')[1].split('=')
    return name, link.strip()


def test_the_first_admin_comes_without_a_terminal():
    with opened() as drop:
        port = port_of(drop)
        name, old = anchor(drop.run('desk', 'first-link', drop.data))
        assert name == 'first', name
        _, link = anchor(drop.run('desk', 'first-link', drop.data))
        page, asked = Page(port), {'name': 'anna', 'passphrase': PASSPHRASE, 'recipient': make_key(drop, 'anna')}
        page.post('/api/first', {**asked, 'link': old}, code=403)
        assert page.post('/api/first', {**asked, 'link': link})['role'] == 'admin'
        drop.run('desk', 'first-link', drop.data, code=2)
        assert page.get('/api/audit')['broken_at'] is None


def test_a_command_on_the_server_does_what_an_admin_can():
    with opened() as drop:
        anna = come_in(drop)
        name, link = anchor(drop.run('desk', 'reviewer', 'add', drop.data, 'publisher'))
        assert name == 'join', name
        bob = Page(anna.port)
        bob.post('/api/join', {'link': link, 'name': 'bob', 'passphrase': PASSPHRASE, 'recipient': make_key(drop, 'bob')})
        key = bob.post('/api/totp', {'passphrase': PASSPHRASE})['key']
        bob.post('/api/totp', {'code': code_of(key)})
        listed = drop.run('desk', 'reviewer', 'list', drop.data)
        assert 'publisher  totp  age1' in listed and listed.count('\n') == 2, listed
        drop.run('desk', 'reviewer', 'reset-totp', drop.data, 'bob')
        drop.run('desk', 'reviewer', 'role', drop.data, 'bob', 'reviewer')
        name, link = anchor(drop.run('desk', 'reviewer', 'reset-passphrase', drop.data, 'bob'))
        assert name == 'reset', name
        # The server sees it within a second.
        time.sleep(2)
        bob.post('/api/join', {'link': link, 'passphrase': OTHER})
        me = bob.post('/api/login', {'name': 'bob', 'passphrase': OTHER})
        assert me['role'] == 'reviewer' and not me['totp'], me
        drop.run('desk', 'reviewer', 'remove', drop.data, 'anna', code=2)
        drop.run('desk', 'reviewer', 'role', drop.data, 'anna', 'reviewer', code=2)
        drop.run('desk', 'reviewer', 'remove', drop.data, 'nobody', code=7)
        drop.run('desk', 'reviewer', 'add', drop.data, 'king', code=2)
        drop.run('desk', 'reviewer', 'wonder', drop.data, code=2)
        said = drop.run('desk', 'reviewer', 'remove', drop.data, 'bob')
        assert "can't be recalled" in said, said
        assert 'what was begun before they left may come for two days: run it again then.' in said, said
        until = time.time() + 10
        while len(recipients(drop)) != 3:
            assert time.time() < until, recipients(drop)
            time.sleep(0.2)
        bob.get('/api/me', code=401)
        # The server goes on in the chain that the command has added to.
        anna.post('/api/reviewers', {'do': 'invite', 'role': 'reviewer'})
        assert anna.get('/api/audit')['broken_at'] is None


try:
    CODE = tap.run(dict(globals()))
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
sys.exit(CODE)
