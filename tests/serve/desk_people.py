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
from desk_rig import FOLDER, PASSPHRASE, Page, code_of, come_in, make_key, opened, send, unseal  # noqa: E402  pylint: disable=wrong-import-position

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
        drop.stop()
        drop.start()
        anna.port = port_of(drop)
        anna.post('/api/login', {'name': 'anna', 'passphrase': PASSPHRASE})
        listed = anna.get('/api/reviewers')['links']
        assert len(listed) == 1, listed
        anna.post('/api/reviewers', {'do': 'end-link', 'link': listed[0]['id']})
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
        bob.post('/api/reviewers', {'do': 'role', 'reviewer': own, 'role': 'reviewer'})
        anna.post('/api/reviewers', {'do': 'invite', 'role': 'reviewer'}, code=403)


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
        key = bob.post('/api/totp', {})['key']
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


try:
    CODE = tap.run(dict(globals()))
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
sys.exit(CODE)
