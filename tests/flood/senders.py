# SPDX-License-Identifier: GPL-3.0-or-later
"""People who send one file: by tus, by the form without a script, and as the page's script does. A sender waits as it is told to, takes as
long for it as it takes, and never gives up; what is measured runs from the first byte to the receipt."""
import base64
import hashlib
import html
import html.parser
import json
import re
import time
import urllib.parse

import wire


class Refused(Exception):
    """An answer that means no, where it should mean yes or later."""


class Sent:
    def __init__(self, waited, took, later):
        self.waited, self.took, self.later = waited, took, later


def pause_of(answer, most=10):
    try:
        return min(float(answer.header('retry-after') or 1), most)
    except ValueError:
        return 1


def metadata(**pairs):
    return ','.join(f'{key} {base64.b64encode(value.encode()).decode()}' for key, value in pairs.items())


def creation(length, **pairs):
    headers = {'Tus-Resumable': '1.0.0', 'Upload-Length': str(length)}
    if pairs:
        headers['Upload-Metadata'] = metadata(**pairs)
    return headers


PATCH = {'Tus-Resumable': '1.0.0', 'Content-Type': 'application/offset+octet-stream'}


def create(one, length, until=None, **pairs):
    """Waits for as long as it is told to. Returns the path of the upload and how often it was told to come later."""
    later = 0
    while until is None or time.monotonic() < until:
        answer = one.ask('POST', '/uploads/', creation(length, **pairs), b'')
        if answer.status == 201:
            return urllib.parse.urlsplit(answer.header('location')).path, later
        if answer.status != 503:
            raise Refused(f'creation: {answer.status} {answer.body[:200]!r}')
        later += 1
        time.sleep(pause_of(answer))
    return None, later


def send_tus(address, body, until=None):
    """A plain client's whole submission: creation, then one PATCH. None when `until` came before the first byte."""
    one = wire.Wire(address)
    started = time.monotonic()
    try:
        path, later = create(one, len(body), until)
        if path is None:
            return None
        offset, first = 0, None
        while True:
            answer = one.ask('PATCH', path, {**PATCH, 'Upload-Offset': str(offset)}, body[offset:])
            first = first or one.first_byte
            if answer.status == 204:
                break
            if answer.status != 503:
                raise Refused(f'patch: {answer.status} {answer.body[:200]!r}')
            later += 1
            time.sleep(pause_of(answer))
        if int(answer.header('upload-offset') or -1) != len(body):
            raise Refused('204 without all bytes')
        return Sent(first - started, time.monotonic() - first, later)
    finally:
        one.close()


class Form(html.parser.HTMLParser):
    """The form with a file field, its address and its hidden fields; and what a page says of waiting."""

    def __init__(self, page):
        super().__init__()
        self.action, self.fields, self.file_name, self.refresh = None, {}, None, None
        self._open = None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        at = dict(attrs)
        if tag == 'form':
            self._open = {'action': at.get('action', ''), 'fields': {}, 'file': None}
        elif tag == 'meta' and (at.get('http-equiv') or '').lower() == 'refresh':
            self.refresh = float(re.match(r'[0-9.]+', at.get('content', '1')).group())
        elif tag in ('input', 'textarea', 'select') and self._open is not None and at.get('name'):
            if at.get('type') == 'file':
                self._open['file'] = at['name']
            elif at.get('type') == 'hidden':
                self._open['fields'][at['name']] = at.get('value', '')

    def handle_endtag(self, tag):
        if tag == 'form' and self._open is not None:
            if self._open['file']:
                self.action, self.fields = self._open['action'], self._open['fields']
                self.file_name = self._open['file']
            self._open = None


def form_body(form, body, words):
    edge = 'oilskin-flood-edge-7f3a'
    parts = []
    for name, value in {**form.fields, 'message': words}.items():
        parts.append(f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    parts.append(f'--{edge}\r\nContent-Disposition: form-data; name="{form.file_name}"; filename="a.jpg"\r\n'
                 'Content-Type: image/jpeg\r\n\r\n'.encode())
    return edge, b''.join(parts) + body + f'\r\n--{edge}--\r\n'.encode()


def fetch_form(one, until=None):
    """Follows the waiting page until the form is there."""
    path, later = '/', 0
    while until is None or time.monotonic() < until:
        answer = one.ask('GET', path, {'Accept': 'text/html'})
        form = Form(answer.body.decode('utf-8', 'replace')) if answer.status in (200, 503) else None
        if answer.status == 200 and form.action is not None:
            return form, later
        if answer.status in (302, 303) and answer.header('location'):
            path = answer.header('location')
            continue
        if form is None or (form.refresh is None and answer.header('retry-after') is None):
            raise Refused(f'form: {answer.status} {answer.body[:200]!r}')
        later += 1
        refresh = re.search(rb'content="[0-9.]+; *url=([^"]+)"', answer.body, re.I)
        path = html.unescape(refresh.group(1).decode()) if refresh else path
        time.sleep(form.refresh if form.refresh is not None else pause_of(answer))
    return None, later


def send_form(address, body, until=None):
    one = wire.Wire(address)
    started = time.monotonic()
    try:
        while True:
            form, later = fetch_form(one, until)
            if form is None:
                return None
            edge, data = form_body(form, body, 'what I saw')
            answer = one.ask('POST', form.action or '/submit', {
                'Content-Type': f'multipart/form-data; boundary={edge}',
                'Origin': f'http://{address[0]}:{address[1]}'}, data)
            first = one.first_byte
            if answer.status == 303 and answer.header('location'):
                answer = one.ask('GET', answer.header('location'), {'Accept': 'text/html'})
            if answer.status == 200:
                return Sent(first - started, time.monotonic() - first, later)
            raise Refused(f'submit: {answer.status} {answer.body[:300]!r}')
    finally:
        one.close()


def insist(one, method, path, headers, body, until=None):
    """Asks again for as long as it is told to. Returns the answer and how often that was; None when `until` came."""
    later = 0
    while until is None or time.monotonic() < until:
        answer = one.ask(method, path, headers, body)
        if answer.status != 503:
            return answer, later
        later += 1
        time.sleep(pause_of(answer))
    return None, later


def call(one, path, what, until=None):
    answer, later = insist(one, 'POST', path, {'Content-Type': 'application/json'}, json.dumps(what).encode(), until)
    if answer is not None and answer.status != 200:
        raise Refused(f'{path}: {answer.status} {answer.body[:200]!r}')
    return None if answer is None else json.loads(answer.body), later


def send_page(address, body, until=None):
    """What the page's script does, request by request: what is there of the receipt, an upload that waits (attach), the
    bytes, then one request that submits it. None when `until` came before the first byte."""
    one = wire.Wire(address)
    started = time.monotonic()
    try:
        form, _ = fetch_form(one, until)
        if form is None:
            return None
        receipt, later = form.fields['receipt'], 0
        draft, more = call(one, '/api/drafts', {'receipt': receipt}, until)
        if draft is None:
            return None
        fingerprint = hashlib.sha256(str(started).encode()).hexdigest()
        path, later = create(one, len(body), until, receipt=receipt, kind='scrub', attach='yes', fingerprint=fingerprint)
        if path is None:
            return None
        insist(one, 'HEAD', path, {'Tus-Resumable': '1.0.0'}, None)
        answer = one.ask('PATCH', path, {**PATCH, 'Upload-Offset': '0'}, body)
        first = one.first_byte
        if answer.status != 204 or int(answer.header('upload-offset') or -1) != len(body):
            raise Refused(f'patch: {answer.status} {answer.body[:200]!r}')
        sent, last = call(one, '/api/submissions', {'uploads': [path], 'receipt': receipt, 'message': 'what I saw',
                                                    'once': fingerprint})
        if not sent['received']:
            raise Refused(f'submission: {sent}')
        return Sent(first - started, time.monotonic() - first, later + more + last)
    finally:
        one.close()
