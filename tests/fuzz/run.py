#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fuzzes each format and the whole pipeline, two targets at a time.

usage: tests/fuzz/run.py SECONDS [--only NAME,NAME] [SEED_DIR...]

Builds with clang-14 into build-fuzz/, seeds from tests/recipes, tests/planted and the folders given, keeps corpora
and crashes in build-fuzz/fuzz/. Ends with `N passed, N failed`.
"""
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, 'build-fuzz')
WORK = os.path.join(BUILD, 'fuzz')
TARGETS = 'pipeline jpeg png mp4 heif avif matroska webm tiff webp gif bmp jxl regions redact-jpeg worker request'.split()
TARGETS += ['job-' + name for name in 'png gif webp tiff jpeg jxl heif avif bmp'.split()]
TARGETS += ['codec-' + name for name in 'avif bmp gif heif jpeg jxl png tiff webp'.split()]
TARGETS += ['tus-headers', 'json', 'age-header', 'age-stream', 'armor', 'form', 'multipart', 'config', 'pack', 'evidence', 'wrap-name', 'film']
EXAMPLE = re.compile(r'^```(?:json|region) [^\n]*\n(.*?)\n```', re.S | re.M)


def build():
    if not os.path.isdir(BUILD):
        subprocess.run(['meson', 'setup', BUILD, ROOT, '-Dfuzz=true', '--buildtype=debugoptimized',
                        '-Db_sanitize=address,undefined', '-Db_lundef=false'],
                       check=True, env={**os.environ, 'CC': 'clang-14'}, stdout=subprocess.DEVNULL)
    subprocess.run(['ninja', '-C', BUILD], check=True, stdout=subprocess.DEVNULL)


def seeds(extra):
    recipes = os.path.join(WORK, 'seeds-recipes')
    planted = os.path.join(WORK, 'seeds-planted')
    os.makedirs(WORK, exist_ok=True)
    subprocess.run([sys.executable, os.path.join(ROOT, 'tests/recipes/assemble.py'),
                    os.path.join(ROOT, 'tests/recipes'), recipes], check=True, stdout=subprocess.DEVNULL)
    if not os.path.isdir(planted):
        subprocess.run([sys.executable, os.path.join(ROOT, 'tests/planted/plant.py'), planted], check=True,
                       stdout=subprocess.DEVNULL)
    return [recipes, planted] + extra


def region_seeds():
    """The examples of docs/regions.md, one file each."""
    folder = os.path.join(WORK, 'seeds-regions')
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(ROOT, 'docs/regions.md'), encoding='utf-8') as page:
        for number, example in enumerate(EXAMPLE.findall(page.read())):
            with open(os.path.join(folder, str(number)), 'w', encoding='utf-8') as file:
                file.write(example)
    return [folder]


def worker_seeds():
    """One of each message."""
    folder = os.path.join(WORK, 'seeds-worker')
    os.makedirs(folder, exist_ok=True)
    subprocess.run([os.path.join(BUILD, 'tests', 'worker-seeds'), folder], check=True)
    return [folder]


def request_seeds():
    """Headers as browsers send them, and what their grammar allows besides."""
    folder = os.path.join(WORK, 'seeds-request')
    os.makedirs(folder, exist_ok=True)
    for number, header in enumerate(('gzip, deflate, br, zstd', 'br;q=0.8, x-gzip ; a=b ; q=0.000', '*;q=0, gzip;q=1.0',
                                     '"0123456789abcdef-gz", W/"0123456789abcdef"', '*', 'LocalHost:8080', '127.0.0.1',
                                     '[::1]:80')):
        with open(os.path.join(folder, str(number)), 'w', encoding='ascii') as file:
            file.write(header)
    return [folder]


def text_seeds(name, texts):
    folder = os.path.join(WORK, 'seeds-' + name)
    os.makedirs(folder, exist_ok=True)
    for number, text in enumerate(texts):
        with open(os.path.join(folder, str(number)), 'w', encoding='utf-8') as file:
            file.write(text)
    return [folder]


def tus_seeds():
    """Headers as clients of resumable uploads send them."""
    token = 'https://drop.example/uploads/' + 'A' * 42
    return text_seeds('tus-headers', (
        '1048576', '?1', '?0;a', '5;a="x;\\"";b=:aGk=:;c=-1.5;d=tok/en', 'partial', f'final;{token}A {token}b',
        'filename d29ybGQucG5n,receipt b25lIHR3bw==,kind b3JpZ2luYWw=,attach eWVz,category cHJvdGVzdA==',
        'sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=', 'sha256 uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=',
        token + 'A', 'application/offset+octet-stream; a=b'))


def json_seeds():
    """Bodies as the page sends them."""
    return text_seeds('json', (
        '{"receipt":"one two three four five six seven eight"}',
        '{"message":"\\u00fc\\n\\ud83d\\ude00","place":null,"uploads":["/uploads/a"],"n":[1,-2.5e3,true]}'))


def form_seeds():
    """Small forms, and what a query may say."""
    return text_seeds('form', (
        'receipt=one+two+three&answer=%C3%BCber%0D%0A%E2%82%AC&lang=ar', 'a=%00', 'a=1&a=2', 'a&b=&=c&&', '%f0%9f%98%80=%25'))


def config_seeds():
    return text_seeds('config', (
        '[drop]\noperator = The Herald\nreaders = two\ncontact = x@example.org\nkeep_days = 90\n'
        '[server]\nlisten = unix:/run/x\nlisten = [::1]:80\nmetrics = 127.0.0.1:9\ndata = /srv\n',
        '[category a-1]\nlabel = A\npaused = yes\nkeep_days = 1\n', '# remark\n; other\n[drop]\ndemo = no\n'))


def multipart_seeds():
    """Two bytes that say how it arrives, then what browsers and curl send."""
    field = '--XyZ\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n{}\r\n'
    return text_seeds('multipart', (
        'a\t' + field.format('message', '', 'hello\r\n--XyY\r\n') + '--XyZ--\r\n',
        '\0\0' + field.format('files', '; filename="a \\"b\\".jpg"\r\nContent-Type: image/jpeg', '\r\r\n--Xy') +
        field.format('files', '; filename=""', '') + '--XyZ--',
        'zz\r\n--XyZ \t\r\nX: y\r\ncontent-disposition:form-data;name=a;filename*=utf-8\'\'x\r\n\r\n\r\n--XyZ--epilogue',
        '11multipart/form-data; charset=utf-8; boundary="a \'()+_,-./:=?b"'))


def wrap_seeds():
    """Names as the desk gives them, and places behind them."""
    name = 'l-' + '0a' * 16 + '-' + 'b1' * 16 + '-5'
    return text_seeds('wrap-name', (name, f'r-{"0" * 32}-{"f" * 32}-3', f'20780-{"c2" * 16}-17', f'20780-{"c2" * 16}-17-{name}'))


def evidence_seeds():
    """A small archive that is right: its members, one behind the other."""
    data = b'abc'
    about = {'number': 0, 'kind': 'original', 'len': len(data), 'sha256': hashlib.sha256(data).hexdigest()}
    entry = json.dumps({'number': 0, 'before': '0' * 64}).encode()
    evidence = {'schema': 'oilskin/evidence/1', 'submission': '0' * 32, 'received': '2026-05-31', 'exported': '2026-06-01',
                'files': [{**about, 'name': 'files/0.bin', 'file': '0' * 32}], 'messages': [{'number': 0}], 'regions': [{'number': 0}],
                'audit': {'entries': 1, 'last': hashlib.sha256(entry).hexdigest()}}
    parts = {'evidence.json': json.dumps(evidence).encode(),
             'manifest.json': json.dumps({'schema': 'oilskin/submission/1', 'day': '2026-05-31', 'files': [about]}).encode(),
             'messages/0.json': b'{"files": []}', 'files/0.bin': data, 'regions/0.json': b'{"version": 1, "regions": []}',
             'audit.jsonl': entry + b'\n'}
    parts['SHA256SUMS'] = ''.join(f'{hashlib.sha256(one).hexdigest()}  {name}\n' for name, one in parts.items()).encode()
    folder = os.path.join(WORK, 'seeds-evidence')
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, '0'), 'wb') as file:
        file.write(b'\1' + b''.join(len(one).to_bytes(2, 'big') + name.encode() + b'\0' + one for name, one in parts.items()))
    return [folder]


STANZA = '-> X25519 TWVtiGFGTMp/6IKdUbqbc0vAjsJUSf0hi0cfrhfV1Tg\n' + 'A' * 43 + '\n'
MAC = '--- ' + 'A' * 43 + '\n'


def header_seeds():
    """Whole headers, and stanzas alone."""
    version, scrypt = 'age-encryption.org/v1\n', '-> scrypt ' + 'A' * 22 + ' 2\n' + 'A' * 43 + '\n'
    foreign = '-> grease ! ~\n' + 'A' * 64 + '\nAAAA\n'
    return text_seeds('age-header', (version + STANZA + MAC + '0' * 33, version + scrypt + MAC + '0' * 33, STANZA, scrypt,
                                     foreign, STANZA + foreign + STANZA, '-> x\n\n'))


def stream_seeds():
    """Lengths around a chunk; a cut, a flipped bit, an insertion, a move."""
    folder = os.path.join(WORK, 'seeds-age-stream')
    os.makedirs(folder, exist_ok=True)
    for number, plain_len in enumerate((0, 1, 65535, 65536, 65537, 131072, 199999)):
        for change in range(4):
            with open(os.path.join(folder, f'{number}-{change}'), 'wb') as file:
                file.write(plain_len.to_bytes(3, 'big') + bytes([change and 1]) + bytes(3) + bytes([change]) +
                           b'\0\2\0' * 8)
    return [folder]


def armor_seeds():
    """Lines of each kind, and a pair of keys that nothing was ever sealed to."""
    begin, end = '-----BEGIN AGE ENCRYPTED FILE-----\n', '-----END AGE ENCRYPTED FILE-----\n'
    return text_seeds('armor', (
        begin + end, begin + 'AA==\n' + end, begin + 'A' * 64 + '\nAAA=\n' + end,
        '\r\n ' + (begin + 'AAAA\n' + end).replace('\n', '\r\n'),
        'age1tqx3lawzye60ned05cuweyheq408kwkgsrkeh9zn4x6ydz2mnq8q0lm27y',
        'AGE-SECRET-KEY-1NY8DFCTGRWZ8VLKWTCSTHEC02CCEM8QWN3C2N86QTW9YL5YWKCNS08VL79'))


def pack_seeds():
    """A still of four by three pixels, and a video of two key frames."""
    folder = os.path.join(WORK, 'seeds-pack')
    os.makedirs(folder, exist_ok=True)

    def head(kind, duration, length, hashes, keys):
        sizes = b''.join(n.to_bytes(4, 'little') for n in (640, 480, duration, 9, length))
        return b'okpk' + bytes([1, kind, 0, 3]) + sizes + hashes.to_bytes(2, 'little') + bytes([keys, 0])

    def key(time):
        feature = (90).to_bytes(2, 'little') * 2 + bytes(range(32))
        return (time.to_bytes(4, 'little') + bytes([4, 3, 0, 0, 4, 3, 2, 0]) +
                bytes(range(0, 240, 20)) + feature * 2)

    still = bytes(4) + bytes([2, 90]) + bytes(range(256)) + key(0)
    video = b''.join(n.to_bytes(4, 'little') + bytes([n % 2, 80]) + bytes(32) for n in (0, 41, 82)) + key(0) + key(41)
    for name, kind, duration, body, hashes, keys in (('still', 0, 0, still, 1, 1), ('video', 2, 90, video, 3, 2)):
        with open(os.path.join(folder, name), 'wb') as file:
            file.write(head(kind, duration, 32 + len(body), hashes, keys) + body + bytes(5))
    return [folder]


def film_seeds():
    """The smallest videos of all that is planted: the longest input that is tried is 100,000 bytes."""
    folder = os.path.join(WORK, 'seeds-film')
    os.makedirs(folder, exist_ok=True)
    for source in ('seeds-planted', 'seeds-recipes'):
        for name in os.listdir(os.path.join(WORK, source)):
            path = os.path.join(WORK, source, name)
            if name.rpartition('.')[2] in ('mp4', 'mov', 'mkv', 'webm') and os.path.getsize(path) < 100000:
                shutil.copyfile(path, os.path.join(folder, source + '-' + name))
    return [folder]


OWN_SEEDS = {'evidence': evidence_seeds, 'config': config_seeds, 'regions': region_seeds, 'worker': worker_seeds, 'request': request_seeds, 'tus-headers': tus_seeds,
             'json': json_seeds, 'age-header': header_seeds, 'age-stream': stream_seeds, 'armor': armor_seeds,
             'form': form_seeds, 'multipart': multipart_seeds, 'pack': pack_seeds, 'wrap-name': wrap_seeds,
             'film': film_seeds}


def fuzz(name, seconds, folders):
    corpus = os.path.join(WORK, name)
    os.makedirs(corpus, exist_ok=True)
    if name in OWN_SEEDS:
        folders = OWN_SEEDS[name]()
    log = os.path.join(WORK, name + '.log')
    # The invariants run every walk several times under sanitizers: ten seconds for one input is a hang.
    command = [os.path.join(BUILD, 'tests', 'fuzz-' + name), corpus, *folders, f'-max_total_time={seconds}',
               '-timeout=10', '-rss_limit_mb=3000', '-max_len=100000', f'-artifact_prefix={WORK}/{name}-',
               '-print_final_stats=1']
    with open(log, 'w', encoding='utf-8') as out:
        # What is undefined is a find like any other; without this it is a line in the log.
        env = {**os.environ, 'UBSAN_OPTIONS': 'halt_on_error=1:print_stacktrace=1'}
        code = subprocess.run(command, stdout=out, stderr=out, env=env).returncode
    text = open(log, encoding='utf-8', errors='replace').read()
    units = re.search(r'number_of_executed_units: *(\d+)', text)
    cover = re.findall(r'cov: (\d+)', text)
    print(f'{"ok" if code == 0 else "not ok"} - fuzz__{name} runs {units.group(1) if units else "?"} '
          f'edges {cover[-1] if cover else "?"}{"" if code == 0 else "  see " + log}', flush=True)
    return code == 0


def main():
    words = sys.argv[1:]
    targets = TARGETS
    if '--only' in words:
        at = words.index('--only')
        targets = words[at + 1].split(',')
        del words[at:at + 2]
    build()
    folders = seeds(words[1:])
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda name: fuzz(name, int(words[0]), folders), targets))
    print(f'{sum(results)} passed, {len(results) - sum(results)} failed')
    return 0 if all(results) else 1


sys.exit(main())
