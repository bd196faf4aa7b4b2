#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/api.yaml against a drop that runs: each request that it describes is made, each answer is what it says, and
nothing is answered that it does not say.

usage: api.py OILSKIN PAGES

Ends with `N passed, N failed`.
"""
import hashlib
import json
import os
import re
import sys

import running

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import openapi  # noqa: E402  pylint: disable=wrong-import-position

DROP = None
SPEC = openapi.Spec('docs/api.yaml')
JSON = {'Content_Type': 'application/json'}
RECEIPT_BYTES = 65536


def call(path, body=None, method=None, **headers):
    """Makes a request and holds its answer against the file; (status, JSON)."""
    method = method or ('GET' if body is None else 'POST')
    sent = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
    status, got, answer = DROP.send(method, path, sent, **({**JSON, **headers} if sent is not None else headers))
    said = SPEC.response(path, method, status)
    assert got.get('content-type', '').startswith('application/json'), got
    assert 'no-store' in got.get('cache-control', ''), got
    assert 'set-cookie' not in got
    for name, header in said.get('headers', {}).items():
        assert not header.get('required') or name.lower() in got, f'{path}: no {name}'
    value = json.loads(answer)
    SPEC.check(value, said['content']['application/json']['schema'], f'{path} {status}')
    return status, value, len(answer)


def submit(**members):
    status, got, _ = call('/api/submissions', members)
    assert status == 200 and got['received'], got
    return got


def upload(data, metadata='attach eWVz'):
    status, got, _ = DROP.send('POST', '/uploads/', data, Tus_Resumable='1.0.0', Upload_Length=str(len(data)),
                              Upload_Metadata=metadata, Content_Type='application/offset+octet-stream')
    assert status == 201 and 'oilskin-receipt' not in got, (status, got)
    return got['location']


# ---- tests ----

def api__says_what_the_drop_takes():
    _, drop, _ = call('/api/drop')
    assert drop['operator'] == 'The Herald' and drop['recipients'] == [{'age': one} for one in DROP.recipients()], drop
    assert drop['limits']['file_bytes'] == 64 << 20, drop


def api__gives_slots_and_takes_a_proof_once():
    _, slot, _ = call('/api/slots', {})
    proof = 0
    while hashlib.sha256(f'{slot["slot"]}:{proof}'.encode()).digest()[0] != 0:
        proof += 1
    status, _, _ = call('/api/slots', {'slot': slot['slot'], 'proof': str(proof)})
    assert status == 200
    status, _, _ = call('/api/slots', {'slot': slot['slot'], 'proof': str(proof)})
    assert status == 409
    status, _, _ = call('/api/slots', {'slot': 'false', 'proof': '1'})
    assert status == 409


def api__words_alone_are_a_submission():
    got = submit(message='Ich war da. \u00fc \U0001f4f7', place='Market square', time='noon')
    assert got['files'] == [] and len(got['receipt'].split()) == 8, got


def api__uploads_and_words_are_one_submission():
    before = DROP.submissions()
    words = submit(message='first')['receipt']
    data = [b'\1' * 5000, b'\2' * 70000]
    urls = [upload(data[0]), upload(data[1], 'attach eWVz,kind b3JpZ2luYWw=')]
    got = submit(receipt=words, message='look', uploads=urls)
    assert [file['outcome'] for file in got['files']] == ['original-kept', 'original-chosen'], got
    assert DROP.submissions() == before + 1
    assert all(one in DROP.files() for one in data)


def api__the_same_request_twice_is_one_submission():
    data = b'\3' * 9000
    words = submit(message='first')['receipt']
    url = upload(data)
    before = DROP.submissions()
    answers = [submit(receipt=words, uploads=[url]) for _ in range(2)]
    assert answers[0] == answers[1], answers
    assert DROP.submissions() == before and DROP.files().count(data) == 1


def api__a_pause_stops_files_and_never_words():
    status, _, _ = call('/api/submissions', {'message': 'x', 'category': 'closed', 'uploads': [upload(b'\5' * 100)]})
    assert status == 422
    submit(message='words alone', category='closed')


def api__an_upload_that_is_not_complete_is_no_submission():
    status, got, _ = DROP.send('POST', '/uploads/', Tus_Resumable='1.0.0', Upload_Length='5', Upload_Metadata='attach eWVz')
    assert status == 201
    for url in (got['location'], '/uploads/' + 'A' * 43):
        status, _, _ = call('/api/submissions', {'message': 'x', 'uploads': [url]})
        assert status == 409, status


def api__a_draft_is_found_on_another_device_and_after_a_restart():
    words = 'abandon'  # no receipt: eight words of the list are
    status, answer, _ = call('/api/drafts', {'receipt': words})
    assert status == 400 and 'word' not in answer
    status, answer, _ = call('/api/drafts', {'receipt': 'abbot qqqq bamboo cello dream eagle zone fabric'})
    assert status == 400 and answer['word'] == 2, answer
    words = submit(message='first')['receipt']
    fingerprint = hashlib.sha256(b'file').hexdigest()

    def metadata(**pairs):
        import base64
        return ','.join(f'{key} {base64.b64encode(value.encode()).decode()}' for key, value in pairs.items())
    status, got, _ = DROP.send('POST', '/uploads/', b'hello', Tus_Resumable='1.0.0', Upload_Length='11',
                              Content_Type='application/offset+octet-stream',
                              Upload_Metadata=metadata(attach='yes', receipt=words, fingerprint=fingerprint))
    assert status == 201, status
    DROP.kill()
    DROP.start()
    _, draft, size = call('/api/drafts', {'receipt': ', '.join(word[:4].upper() for word in words.split())})
    assert size == RECEIPT_BYTES
    assert draft['uploads'] == [{'url': got['location'], 'offset': 5, 'len': 11, 'complete': False, 'original': False,
                                 'fingerprint': fingerprint}], draft
    status, _, _ = DROP.send('PATCH', got['location'], b' world', Tus_Resumable='1.0.0', Upload_Offset='5',
                            Content_Type='application/offset+octet-stream')
    assert status == 204
    submit(receipt=words, uploads=[got['location']])
    assert b'hello world' in DROP.files()


def api__answers_about_receipts_have_one_size():
    right = submit(message='here')['receipt']
    gone = submit(message='gone')['receipt']
    wrong = ' '.join(reversed(right.split()))
    assert call('/api/receipts/withdraw', {'receipt': gone})[0] == 200
    sizes, states = set(), []
    for words in (right, gone, wrong):
        for path in ('/api/receipts', '/api/drafts'):
            status, answer, size = call(path, {'receipt': words})
            assert status == 200
            sizes.add(size)
        states.append(call('/api/receipts', {'receipt': words})[1]['state'])
    assert sizes == {RECEIPT_BYTES}, sizes
    assert states == ['received', 'withdrawn', 'none'], states


def api__who_was_received_can_add_words():
    words = submit(message='here')['receipt']
    assert call('/api/receipts/answer', {'receipt': words, 'message': 'more'})[0] == 200
    _, receipt, _ = call('/api/receipts', {'receipt': words})
    assert receipt['letters'] and receipt['letters'][-1]['from'] == 'sender', receipt
    sizes = set()
    for receipt, is_received in ((words, True), (' '.join(reversed(words.split())), False)):
        _, answer, size = call('/api/receipts/answer', {'receipt': receipt, 'message': 'more'})
        assert answer['received'] == is_received, answer
        sizes.add(size)
    assert sizes == {RECEIPT_BYTES}, sizes


def api__yes_no_yes_are_three_answers_and_a_repeat_is_none():
    words = submit(message='here')['receipt']
    for i, text in enumerate(('Yes', 'No', 'Yes')):
        for _ in range(2):
            assert call('/api/receipts/answer', {'receipt': words, 'message': text, 'once': f'drawn {i}'})[1]['received']
    assert len(call('/api/receipts', {'receipt': words})[1]['letters']) == 3
    for text in ('Yes', 'Yes'):
        submit(receipt=words, message=text)
    assert len(call('/api/receipts', {'receipt': words})[1]['letters']) == 5


def api__what_is_withdrawn_is_gone():
    words = submit(message='secret')['receipt']
    data = b'\4' * 20000
    submit(receipt=words, uploads=[upload(data)])
    assert data in DROP.files()
    _, got, size = call('/api/receipts/withdraw', {'receipt': words})
    assert got['withdrawn'] and size == RECEIPT_BYTES
    assert data not in DROP.files()


def api__refuses_what_the_file_does_not_describe():
    for path, item in SPEC.paths.items():
        if 'post' not in item:
            continue
        for body, headers, status in ((b'{', {}, 400), (b'[]', {}, 400), ({'unknown': 1}, {}, 400), (b'', {}, 400),
                                      (b'{}', {'Content_Type': 'text/plain'}, 415), (b' ' * 400000, {}, 413)):
            got, answer, _ = call(path, body, **headers)
            assert got == status, (path, body[:20], got, answer)
        got, _, _ = DROP.send('GET', path)
        assert got == 405, (path, got)


# Which of the faults that osk_refusal_of() knows can end the work of a request: read from what it asks of the store, the
# spool and the submitter. Of an unknown upload (404) and of small pieces (413) only /uploads/ tells.
FAULTS = {'/api/drafts': {500, 503}, '/api/receipts': {500, 503}, '/api/receipts/answer': {500, 503, 507},
          '/api/receipts/withdraw': {500, 503, 507}, '/api/submissions': {403, 410, 415, 500, 503, 507}}


def api__every_status_that_the_code_can_answer_is_in_the_file():
    code = openapi.Code('intake/api.c', 'intake/api_call.c', 'intake/api_receipts.c', 'http/call.c')
    with open(os.path.join(running.ROOT, 'intake', 'api.c'), encoding='utf-8') as file:
        endpoints = re.findall(r'\{ \.path = "([^"]+)",(.*?)\.run = (\w+)', file.read(), flags=re.S)
    assert {path for path, _, _ in endpoints} == set(SPEC.paths), endpoints
    for path, what, run in endpoints:
        can = code.statuses('intake/api.c', run) | FAULTS.get(path, set())
        if '.keys' in what:
            for name in ('osk_api_begin', 'osk_api_body', 'read_and_run'):
                can |= code.statuses('intake/api_call.c', name)
        else:
            can |= code.statuses('http/call.c', 'osk_call_keep')
        operation = SPEC.paths[path]['post' if '.keys' in what else 'get']
        said = {int(status) for status in operation['responses']}
        assert can | {200} == said, (path, 'not in the file', can - said, 'not in the code', said - can - {200})
    known = openapi.Code('intake/upload_answer.c').statuses('intake/upload_answer.c', 'osk_refusal_of')
    assert known == set.union(*FAULTS.values()) | {404, 413}, known


def api__every_status_of_an_upload_is_on_its_page():
    code = openapi.Code(*(f'intake/upload_{name}.c' for name in ('answer', 'ask', 'sending', 'steps', 'tus')))
    can = {status for one in code.functions for status in code.statuses(*one)} | {460}
    with open(os.path.join(running.ROOT, 'docs/uploads.md'), encoding='utf-8') as file:
        said = {int(one) for one in re.findall(r'^\| ([45]\d\d) \|', file.read(), flags=re.M)}
    assert can == said, (can - said, said - can)


def api__what_is_withdrawn_takes_nothing_more():
    words = submit(message='secret')['receipt']
    assert call('/api/receipts/withdraw', {'receipt': words})[0] == 200
    status, got, _ = call('/api/submissions', {'receipt': words, 'message': 'more'})
    assert status == 410 and 'withdrawn' in got['error'], (status, got)
    _, got, _ = call('/api/receipts/answer', {'receipt': words, 'message': 'more'})
    assert not got['received'] and got['state'] == 'withdrawn', got


def api__everything_that_the_file_says_was_seen():
    # What a busy server says is seen in tests/flood, a full disk in tests/fault, a broken one and a full receipt in
    # tests/unit.
    missing, loose = SPEC.unseen(but=('403', '500', '503', '507'))
    assert not missing and not loose, (missing, loose)


def main():
    global DROP
    oilskin, pages = sys.argv[1:3]
    tests = [(name, run) for name, run in globals().items() if name.startswith('api__')]
    with running.Drop(oilskin, pages, drop='file_max_mib = 64',
                      categories='[category closed]\nlabel = Closed\npaused = yes\n') as drop:
        DROP = drop
        return running.run_all([test for test in tests if not sys.argv[3:] or test[0] in sys.argv[3:]])


if __name__ == '__main__':
    sys.exit(main())
