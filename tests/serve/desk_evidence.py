#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`oilskin desk export` and `verify-export`: what is evidence, and what is not any more.

usage: desk_evidence.py OILSKIN PAGES
"""
import base64
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import tap  # noqa: E402  pylint: disable=wrong-import-position
from desk_reviewer import Listening, at_desk, only_submission  # noqa: E402  pylint: disable=wrong-import-position
from desk_rig import FOLDER, OILSKIN, opened, send  # noqa: E402  pylint: disable=wrong-import-position

LETTER = b'A letter of an unknown kind. ' + bytes(range(256)) * 2000
PICTURE = b'GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff!\xfe\x06secret\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;'
REGIONS = {'version': 1, 'regions': [{'shape': 'rect', 'unit': 'px', 'style': 'fill', 'x': 0, 'y': 0, 'w': 1, 'h': 1}]}


def exported(drop, *words):
    """(the page of anna, anna, her export); a submission with two files and words in two messages."""
    page, anna = at_desk(drop)
    send(drop, 'Look at the second window.', ('letter.bin', LETTER), ('a.gif', PICTURE))
    said = anna.run('export', only_submission(anna), '-i', anna.key, '-o', anna.path('out.age'), *words)
    assert said.split()[0] == hashlib.sha256(anna.read('out.age')).hexdigest(), said
    return page, anna


def verify(anna, name='out.age', code=0):
    """All that it said."""
    done = subprocess.run([OILSKIN, 'desk', 'verify-export', anna.path(name), '-i', anna.key], capture_output=True, text=True,
                          check=False, timeout=60)
    assert done.returncode == code, f'{done.returncode} {done.stdout}{done.stderr}'
    return done.stdout + done.stderr


def unsealed(anna):
    return subprocess.run([OILSKIN, 'unseal', '-i', anna.key, anna.path('out.age')], check=True, capture_output=True).stdout


def members(archive):
    """{name: bytes}, in their order, as the tar of everybody reads them."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {one.name: tar.extractfile(one).read() for one in tar.getmembers()}


def header(like, name, size):
    """The header of a member that is like another one."""
    block = bytearray(like)
    block[:100] = name.encode().ljust(100, b'\0')
    block[124:136] = b'%011o\0' % size
    return summed(block)


def summed(block):
    block = bytearray(block)
    block[148:156] = b' ' * 8
    block[148:155] = b'%06o\0' % sum(block)
    return bytes(block)


def padme(size):
    bits = size.bit_length() - 1
    low = bits - bits.bit_length()
    return -(-size >> low) << low if size > 1 else size


def joined(like, parts, behind=b''):
    """An archive as an export writes it, of (name, bytes)."""
    out = b''
    for name, data in parts:
        out += header(like, name, len(data)) + data + bytes(-len(data) % 512)
    out += behind
    whole = padme(len(out) + 1024)
    return out + bytes(whole + -whole % 512 - len(out))


def sealed(anna, archive, name='forged.age'):
    with open(anna.key, encoding='ascii') as file:
        recipient = [word for word in file.read().split() if word.startswith('age1')][0]
    done = subprocess.run([OILSKIN, 'seal', '-r', recipient], input=archive, capture_output=True, check=True).stdout
    with open(anna.path(name), 'wb') as file:
        file.write(done)


def sums(parts):
    return ''.join(f'{hashlib.sha256(data).hexdigest()}  {name}\n' for name, data in parts.items() if name != 'SHA256SUMS').encode()


def test_an_original_is_exported_byte_for_byte_and_stock_tools_agree():
    with opened() as drop:
        page, anna = exported(drop)
        assert LETTER[:40] not in anna.read('out.age') and b'second window' not in anna.read('out.age')
        parts = members(unsealed(anna))
        assert list(parts) == ['evidence.json', 'manifest.json', 'files/0.bin', 'files/1.gif', 'audit.jsonl', 'SHA256SUMS']
        assert parts['files/0.bin'] == LETTER and b'secret' not in parts['files/1.gif']
        assert json.loads(parts['manifest.json'])['message'] == 'Look at the second window.'
        assert parts['SHA256SUMS'] == sums(parts)
        evidence = json.loads(parts['evidence.json'])
        assert evidence['received'] == json.loads(parts['manifest.json'])['day'], evidence
        assert [one['sha256'] for one in evidence['files']] == [hashlib.sha256(parts[one['name']]).hexdigest()
                                                                for one in evidence['files']]
        chain = [entry['text'] for entry in page.get('/api/audit')['entries']]
        kept = parts['audit.jsonl'].decode().splitlines()
        assert kept == chain[:len(kept)] and sum('"evidence"' in line for line in kept) == 2, kept
        assert evidence['audit'] == {'entries': len(kept), 'last': hashlib.sha256(kept[-1].encode()).hexdigest()}
        assert drop.stop() == 0
        said = verify(anna)
        assert 'WRONG' not in said and 'files/0.bin: byte for byte as it was sent' in said, said
        assert 'files/1.gif: the copy without hidden data' in said, said


def test_all_pages_of_the_audit_chain_and_every_message_are_in_it():
    with opened() as drop:
        page, anna = at_desk(drop)
        words = drop.api('/api/submissions', {'message': 'one'})['receipt']
        drop.api('/api/receipts/answer', {'receipt': words, 'message': 'two'})
        one = only_submission(anna)
        for number in range(230):
            page.post('/api/act', {'do': 'hold' if number % 2 == 0 else 'unhold', 'submissions': [one]})
        with open(anna.path('reply'), 'w', encoding='utf-8') as file:
            file.write('three')
        anna.run('reply', one, anna.path('reply'))
        anna.run('export', one, '-i', anna.key, '-o', anna.path('out.age'))
        parts = members(unsealed(anna))
        assert len(parts['audit.jsonl'].splitlines()) > 230
        assert [json.loads(parts[f'messages/{i}.json'])['text'] for i in range(2)] == ['two', 'three'], list(parts)
        assert 'WRONG' not in verify(anna)


def test_letters_that_fill_several_pages_are_all_fetched_and_kept():
    with opened() as drop:
        page, anna = at_desk(drop)
        words = drop.api('/api/submissions', {'message': 'one'})['receipt']
        letters = [f'{number:02} ' + 'x' * 60000 for number in range(40)]
        for letter in letters:
            drop.api('/api/receipts/answer', {'receipt': words, 'message': letter})
        one = only_submission(anna)
        assert len(page.get('/api/submissions/' + one)['messages']) < 20
        anna.run('fetch', one, '-o', anna.path('fetched'))
        with open(os.path.join(anna.path('fetched'), 'submission.json'), encoding='utf-8') as file:
            assert [message['number'] for message in json.load(file)['messages']] == list(range(len(letters)))
        anna.run('export', one, '-i', anna.key, '-o', anna.path('out.age'))
        parts = members(unsealed(anna))
        assert [json.loads(parts[f'messages/{i}.json'])['text'] for i in range(len(letters))] == letters, list(parts)
        assert 'WRONG' not in verify(anna)


def test_what_was_covered_is_in_it_where_it_was_given():
    with opened() as drop:
        _, anna = at_desk(drop)
        send(drop, None, ('a.gif', PICTURE))
        one = only_submission(anna)
        for text, code, why in ((json.dumps(REGIONS), 0, ''), ('{"version": 1, "regions": [{"shape": "star"}]}', 3, '')):
            with open(anna.path('regions'), 'w', encoding='ascii') as file:
                file.write(text)
            shutil.rmtree(anna.path('out.age'), ignore_errors=True)
            anna.run('export', one, '-i', anna.key, '-o', anna.path(f'{code}.age'), '--regions', '0=' + anna.path('regions'), code=code)
        os.rename(anna.path('0.age'), anna.path('out.age'))
        assert not os.path.exists(anna.path('3.age'))
        assert json.loads(members(unsealed(anna))['regions/0.json']) == REGIONS
        assert 'right: regions/0.json: 1 regions' in verify(anna)
        with open(anna.path('regions'), 'w', encoding='ascii') as file:
            file.write(json.dumps(REGIONS))
        anna.run('export', one, '-i', anna.key, '-o', anna.path('7.age'), '--regions', '7=' + anna.path('regions'), code=2)


def test_it_is_sealed_to_whom_it_is_for():
    with opened() as drop:
        court = os.path.join(FOLDER, 'court.key')
        subprocess.run([OILSKIN, 'keygen', '-o', court], check=True, capture_output=True)
        with open(court, encoding='ascii') as file:
            recipient = [word for word in file.read().split() if word.startswith('age1')][0]
        _, anna = exported(drop, '-r', recipient)
        assert 'key' in verify(anna, code=8)
        anna.key = court
        assert 'WRONG' not in verify(anna)


def test_evidence_that_was_changed_is_found():
    with opened() as drop:
        _, anna = exported(drop)
        assert drop.stop() == 0
        archive = unsealed(anna)
        parts, like = members(archive), archive[:512]
        assert joined(like, parts.items()) == archive, 'the rig writes another archive'

        def changed(again=True, **new):
            """With members changed (`a_b` for a/b), and the sums made anew."""
            out = {name: new.get(name.split('/')[-1].split('.')[0].replace('0', 'zero'), data) for name, data in parts.items()}
            out['SHA256SUMS'] = sums(out) if again else parts['SHA256SUMS']
            return joined(like, out.items())

        def edited(name, change):
            value = json.loads(parts[name + '.json'])
            change(value)
            return changed(**{name: json.dumps(value).encode()})

        lines = parts['audit.jsonl'].splitlines(keepends=True)
        flipped = bytes([LETTER[0] ^ 1]) + LETTER[1:]
        shorter = [(name, data) for name, data in parts.items() if name != 'files/0.bin']
        found = {
            'a byte of a file': changed(zero=flipped),
            'a byte of a file, not the sums': changed(again=False, zero=flipped),
            'a shorter file': changed(zero=LETTER[:-1]),
            'the day of receipt': edited('evidence', lambda value: value.update(received='2001-01-01')),
            'the day in the manifest': edited('manifest', lambda value: value.update(day='2001-01-01')),
            'one more file in the manifest': edited('manifest', lambda value: value['files'].append({'number': 9})),
            'a file fewer in the manifest': edited('manifest', lambda value: value['files'].pop()),
            'another kind': edited('manifest', lambda value: value['files'][0].update(kind='best')),
            'another digest': edited('manifest', lambda value: value['files'][0].update(sha256='0' * 64)),
            'words, not the sums': changed(again=False, manifest=parts['manifest.json'] + b' '),
            'no JSON': changed(manifest=b'{'),
            'an entry of the chain changed': changed(audit=parts['audit.jsonl'].replace(b'"evidence"', b'"review"', 1)),
            'an entry of the chain gone': changed(audit=b''.join(lines[:1] + lines[2:])),
            'two entries exchanged': changed(audit=b''.join([lines[1], lines[0]] + lines[2:])),
            'the last entry gone': changed(audit=b''.join(lines[:-1])),
            'half an entry': changed(audit=parts['audit.jsonl'][:-5]),
            'a long entry': changed(audit=b'{' + b' ' * 100000 + b'}\n'),
            'other sums': joined(like, list(parts.items())[:-1] + [('SHA256SUMS', parts['SHA256SUMS'][::-1])]),
            'no sums': joined(like, list(parts.items())[:-1] + [('SHA256SUMS', b'')]),
        }
        refused = {
            'a file fewer': joined(like, shorter),
            'the last member gone': joined(like, list(parts.items())[:-1]),
            'a member more': joined(like, list(parts.items()) + [('more', b'x')]),
            'a member twice': joined(like, list(parts.items())[:3] + list(parts.items())[2:]),
            'something behind the end': archive[:-1] + b'x',
            'more zeros': archive + bytes(512),
            'fewer zeros': archive[:-512],
            'half of it': archive[:len(archive) // 2],
            'nothing': b'',
            'another time': summed(like[:136] + b'00000000001\0' + like[148:]) + archive[512:],
            'somebody\'s name': summed(like[:265] + b'anna' + like[269:]) + archive[512:],
            'a link': summed(like[:156] + b'2' + like[157:]) + archive[512:],
            'a wrong sum': like[:148] + b'000000\0 ' + archive[156:],
            'a byte in a gap': archive[:512 + len(parts['evidence.json'])] + b'x' + archive[513 + len(parts['evidence.json']):],
            'another schema': edited('evidence', lambda value: value.update(schema='oilskin/evidence/2')),
            'a key that nobody knows': edited('evidence', lambda value: value.update(proof='yes')),
            'files out of order': edited('evidence', lambda value: value['files'].reverse()),
            'a file twice': edited('evidence', lambda value: value['files'].append(value['files'][-1])),
            'a path out of it': edited('evidence', lambda value: value['files'][0].update(name='files/../../0.bin')),
        }
        for code, forged in ((1, found), (3, refused)):
            for what, forgery in forged.items():
                sealed(anna, forgery)
                said = verify(anna, 'forged.age', code)
                assert ('WRONG' in said) == (code == 1) and 'fits together' not in said, f'{what}: {said}'
        whole = anna.read('out.age')
        for broken in (whole[:-1], whole[:2000] + bytes([whole[2000] ^ 1]) + whole[2001:]):
            with open(anna.path('forged.age'), 'wb') as file:
                file.write(broken)
            assert 'fits together' not in verify(anna, 'forged.age', 8)


def test_what_a_desk_hands_out_wrongly_becomes_no_evidence():
    with opened() as drop:
        page, anna = at_desk(drop)
        send(drop, 'words', ('letter.bin', LETTER))
        send(drop, 'words', ('letter.bin', LETTER[::-1]))
        submissions = sorted({row['representative']['submission'] for row in anna.json('list')['rows']})
        real = [page.get('/api/submissions/' + one) for one in submissions]
        mixed = {**real[0], 'manifest': real[1]['manifest']}
        gone = {**real[0], 'files': [{**real[0]['files'][0], 'number': 5}]}
        twice = {**real[0], 'files': real[0]['files'] * 2}
        chain = page.get('/api/audit')
        chain['entries'] = chain['entries'][1:]
        lies = [lambda path, lie=lie: lie if path.startswith('/api/submissions/') else None for lie in (mixed, gone, twice)]
        lies.append(lambda path: chain if path.startswith('/api/audit') else None)
        lies.append(lambda path: b'x' * 5000 if path.startswith('/blobs/') else None)
        lies.append(lambda path: {**real[0], 'manifest': base64.b64encode(b'none').decode()} if path.startswith('/api/submissions/')
                    else None)

        def answer(lie, path):
            told = lie(path)
            told = told if told is None or isinstance(told, bytes) else json.dumps(told).encode()
            return None if told is None else (200, [], told)

        for number, lie in enumerate(lies):
            with Listening(lambda path, lie=lie: answer(lie, path)) as listening:
                anna.url = listening.before(page.port)
                words = ['export', submissions[0], '-i', anna.key, '-o', anna.path('lie.age')]
                at = ['--desk', anna.url, '--name', 'anna', '--login-file', anna.login]
                done = subprocess.run([OILSKIN, 'desk', *words, *at], capture_output=True, text=True, check=False)
            assert done.returncode in (3, 8) and not os.path.exists(anna.path('lie.age')), (number, done)


try:
    CODE = tap.run(dict(globals()))
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
sys.exit(CODE)
