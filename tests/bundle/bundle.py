#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the build of the studio is made of.

usage: bundle.py ROOT DIST      (TAP; ends with `N passed, N failed`)
"""
import gzip
import hashlib
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
import tap  # noqa: E402 pylint: disable=wrong-import-position

ROOT, DIST = (os.path.abspath(word) for word in sys.argv[1:3])
# All that must arrive before the page can be used.
FIRST_LOAD = 150_000


def dist(path):
    with open(os.path.join(DIST, path), 'rb') as file:
        return file.read()


def files():
    return sorted(os.path.relpath(os.path.join(top, name), DIST) for top, _, names in os.walk(DIST) for name in names)


def first_load():
    """The page, what it names, and what its scripts import before they run."""
    page = dist('index.html').decode()
    found = {'index.html'}
    left = [name[len('/studio/'):] for name in re.findall(r'(?:src|href)="(/studio/[^"]+)"', page)]
    while left:
        name = left.pop()
        if name in found:
            continue
        found.add(name)
        if name.endswith('.js'):
            text = dist(name).decode()
            # `import(` is for later; `import … from` and `import "…"` come first.
            for match in re.findall(r'(?:\bfrom|\bimport)\s*["\'](\.[^"\']+)["\']', text):
                left.append(os.path.normpath(os.path.join(os.path.dirname(name), match)))
    return sorted(found)


def test_first_load_is_small():
    sizes = {name: len(gzip.compress(dist(name), 9)) for name in first_load()}
    for name, size in sizes.items():
        print(f'# {size:7} {name}')
    total = sum(sizes.values())
    print(f'# {total:7} bytes of {FIRST_LOAD}')
    assert total <= FIRST_LOAD, total
    assert any(name.endswith('.js') for name in sizes)


def test_the_digest_is_what_the_command_in_the_docs_says():
    bundle = json.loads(dist('bundle.json'))
    assert bundle['schema'] == 'oilskin/bundle/1'
    with open(os.path.join(ROOT, 'docs', 'studio.md'), encoding='utf-8') as page:
        command = re.search(r'^(find .*sha256sum)$', page.read(), re.M).group(1)
    said = subprocess.run(command, shell=True, cwd=DIST, capture_output=True, text=True, check=True).stdout.split()[0]
    assert said == bundle['digest'], (said, bundle['digest'])
    assert [file['path'] for file in bundle['files']] == [name for name in files() if name != 'bundle.json']
    for file in bundle['files']:
        assert file['size'] == len(dist(file['path'])) and file['sha256'] == hashlib.sha256(dist(file['path'])).hexdigest(), file


def test_the_offline_list_is_whole():
    worker = dist('sw.js').decode()
    listed = dict(re.findall(r'path:\s*["`]([^"`]+)["`],\s*sha256:\s*["`]([0-9a-f]{64})["`]', worker))
    wanted = [name for name in files() if name not in ('sw.js', 'bundle.json', 'sharing.json')]
    assert sorted(listed) == wanted, sorted(set(listed) ^ set(wanted))
    for name in wanted:
        assert listed[name] == hashlib.sha256(dist(name)).hexdigest(), name
    js = {name for name in wanted if re.search(rf'path:\s*["`]{re.escape(name)}["`],\s*sha256:\s*["`]\w+["`],\s*when:\s*["`]js', worker)}
    wasm = {name for name in wanted if re.search(rf'path:\s*["`]{re.escape(name)}["`],\s*sha256:\s*["`]\w+["`],\s*when:\s*["`]wasm', worker)}
    kinds = {re.sub(r'-[0-9a-f]{8}\.', '.', name.split('/')[1]) for name in js}
    assert kinds == {'core.js', 'pixels.js', 'libheif.js', 'seal.js', 'unseal.js'}, kinds
    kinds = {re.sub(r'-[0-9a-f]{8}\.', '.', name.split('/')[1]) for name in wasm}
    assert kinds == {'core.wasm', 'pixels.wasm', 'libheif-bundle.js', 'seal.wasm', 'unseal.wasm'}, kinds
    # What a server says is of no version.
    assert dist('sharing.json') == b'null\n'
    for name in wanted:
        assert not name.startswith('assets/') or re.search(r'-[0-9a-f]{8}\.\w+$', name), f'{name} is cached by no hash'
    assert 'import' not in re.sub(r'//.*', '', worker).replace('importScripts', ''), 'the worker is one file'


def test_the_manifest_names_what_is_there():
    manifest = json.loads(dist('manifest.webmanifest'))
    assert manifest['scope'] == manifest['start_url'] == '/studio/' and manifest['display'] == 'standalone'
    assert manifest['share_target']['action'] == '/studio/share' and manifest['share_target']['method'] == 'POST'
    for icon in manifest['icons']:
        data = dist(icon['src'])
        if icon['type'] == 'image/png':
            width, height = struct.unpack('>II', data[16:24])
            assert icon['sizes'] == f'{width}x{height}', icon
            at, pixels = 8, b''
            while at < len(data):
                size, kind = struct.unpack('>I4s', data[at:at + 8])
                body = data[at + 8:at + 8 + size]
                assert zlib.crc32(kind + body) == struct.unpack('>I', data[at + 8 + size:at + 12 + size])[0]
                pixels += body if kind == b'IDAT' else b''
                at += 12 + size
            assert len(zlib.decompress(pixels)) == height * (1 + 3 * width)


def test_no_address_but_our_own_is_in_the_page():
    # Names of XML are no addresses that anything is fetched from.
    known = ('http://www.w3.org/',)
    for name in files():
        if name.endswith(('.html', '.css', '.webmanifest')) or name == 'sw.js':
            for address in re.findall(rb'https?://[^"\'\s)`]*', dist(name)):
                assert address.decode().startswith(known), (name, address)


def test_the_drop_has_no_core_of_its_own():
    drop = os.path.join(os.path.dirname(DIST), 'drop')
    names = [name for _, _, names in os.walk(drop) for name in names]
    assert not [name for name in names if name.startswith('core')], names
    scripts = b''
    for name in names:
        if name.startswith('index-') and name.endswith('.js'):
            with open(os.path.join(drop, 'assets', name), 'rb') as file:
                scripts += file.read()
    asked = set(re.findall(r'/studio/(assets/core-[0-9a-f]{8}\.\w+)', scripts.decode()))
    assert sorted(name.rsplit('.', 1)[1] for name in asked) == ['js', 'wasm'], asked
    assert asked <= set(files()), asked


def desk(path):
    with open(os.path.join(os.path.dirname(DIST), 'desk', path), 'rb') as file:
        return file.read()


def test_the_desk_is_what_its_list_says_and_asks_nobody_else():
    top = os.path.join(os.path.dirname(DIST), 'desk')
    there = {os.path.relpath(os.path.join(folder, name), top) for folder, _, names in os.walk(top) for name in names}
    listed = {file['path']: file['sha256'] for file in json.loads(desk('bundle.json'))['files']}
    assert set(listed) == there - {'bundle.json'}, set(listed) ^ there
    for path, digest in listed.items():
        assert hashlib.sha256(desk(path)).hexdigest() == digest, path
        if path.endswith(('.html', '.css')):
            assert not re.search(rb'https?://|//[a-z]', desk(path)), path
    page = desk('index.html').decode()
    named = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert len(named) >= 3 and all(address.startswith('/desk/') for address in named), named
    # The page's policy would refuse what stands inline.
    assert not re.search(r'<style|<script(?![^>]* src=)|\son\w+=|\sstyle=', page), page


def words_in(folder, names):
    """The languages whose words these scripts fetch."""
    text = b''.join(open(os.path.join(folder, name), 'rb').read() for name in names)  # pylint: disable=consider-using-with
    return sorted(re.findall(rb'(?<![a-z])([a-z]{2})-[0-9a-f]{8}\.js', text))


def test_each_page_carries_its_own_words_alone():
    languages = [b'ar', b'es', b'fr', b'ko', b'zh']
    for page in ('drop', 'desk'):
        folder = os.path.join(os.path.dirname(DIST), page, 'assets')
        rooms = [name for name in os.listdir(folder) if re.match(r'Room-[0-9a-f]{8}\.js$', name)]
        first = [name for name in os.listdir(folder) if re.match(r'index-[0-9a-f]{8}\.js$', name)]
        assert set(words_in(folder, first)) == set(languages) and len(words_in(folder, first)) == len(languages), page
        # Who publishes at the desk gets the studio's editor with its words, and nobody else.
        assert len(rooms) == (page == 'desk') and words_in(folder, rooms) == languages * len(rooms), page


def test_two_builds_are_the_same():
    with tempfile.TemporaryDirectory() as folder:
        tree = os.path.join(folder, 'another', 'place')
        os.makedirs(os.path.join(tree, 'build', 'web'))
        shutil.copytree(os.path.join(ROOT, 'web'), os.path.join(tree, 'web'), ignore=shutil.ignore_patterns('node_modules'))
        shutil.copytree(os.path.join(ROOT, 'setup'), os.path.join(tree, 'setup'))
        os.symlink(os.path.join(ROOT, 'web', 'node_modules'), os.path.join(tree, 'web', 'node_modules'))
        os.symlink(os.path.join(ROOT, 'build', 'cli'), os.path.join(tree, 'build', 'cli'))
        if os.path.isdir(os.path.join(ROOT, 'build', 'web', 'wasm')):
            shutil.copytree(os.path.join(ROOT, 'build', 'web', 'wasm'), os.path.join(tree, 'build', 'web', 'wasm'),
                            ignore=shutil.ignore_patterns('src', 'o', 'link'))
        ran = subprocess.run([os.path.join(tree, 'web', 'build.sh'), '--page'], capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr[-400:]
        with open(os.path.join(tree, 'build', 'web', 'dist', 'bundle.json'), encoding='utf-8') as file:
            again = json.load(file)
        bundle = json.loads(dist('bundle.json'))
        differ = {f['path'] for f in bundle['files']} ^ {f['path'] for f in again['files']}
        assert again['digest'] == bundle['digest'], sorted(differ) or 'contents'
        with open(os.path.join(tree, 'build', 'web', 'desk', 'bundle.json'), encoding='utf-8') as file:
            assert json.load(file)['digest'] == json.loads(desk('bundle.json'))['digest'], 'the desk'


sys.exit(tap.run(globals()))
