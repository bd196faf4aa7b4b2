#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `meson install` puts in place, and whether others can use it.

usage: install.py SOURCE_DIR DIST

Builds anew in another folder (byte-identical with what ./test has built?), installs that, and builds the examples against
it. DIST is the studio's pages within that first build, which are a build of their own: what is installed before them and
with them.
Ends with `N passed, N failed, N skipped`.
"""
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import urllib.request
import zlib

SECRET = b'Greta Beispiel'


def chunk(kind, data):
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))


def png():
    return (b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', 8, 8, 8, 0, 0, 0, 0)) +
            chunk(b'tEXt', b'Author\0' + SECRET) + chunk(b'IDAT', zlib.compress((b'\0' + b'\x80' * 8) * 8)) + chunk(b'IEND', b''))


def shell(*words, **options):
    return subprocess.run(words, check=True, capture_output=True, text=True, **options).stdout


def build(source, folder):
    """A build of a copy of the sources, as somebody else would make it somewhere else."""
    tree = os.path.join(folder, 'tree')
    files = shell('git', '-C', source, 'ls-files', '-z').split('\0') if os.path.isdir(
        os.path.join(source, '.git')) or os.path.isfile(os.path.join(source, '.git')) else None
    if files:
        for name in filter(None, files):
            if os.path.exists(os.path.join(source, name)):
                os.makedirs(os.path.dirname(os.path.join(tree, name)), exist_ok=True)
                shutil.copy2(os.path.join(source, name), os.path.join(tree, name))
    else:
        shutil.copytree(source, tree, ignore=shutil.ignore_patterns('build*', '.git'))
    out = os.path.join(tree, 'build')
    # Compiled, not fetched from where the first build left it.
    alone = {**os.environ, 'CCACHE_DISABLE': '1'}
    shell('meson', 'setup', out, tree, '--libdir=lib', '--buildtype=release', env=alone)
    shell('ninja', '-C', out, env=alone)
    return out


def exported(library):
    table = shell('nm', '-D', '--defined-only', library)
    return {line.split()[-1].split('@')[0] for line in table.splitlines() if ' A ' not in line}


def declared(headers):
    names = set()
    for name in os.listdir(headers):
        with open(os.path.join(headers, name), encoding='utf-8') as file:
            text = re.sub(r'/\*.*?\*/', '', file.read(), flags=re.S)
        names |= set(re.findall(r'OSK_API[^;(]*?\b(osk_\w+)\(', text))
    return names


class Installed:
    def __init__(self, source, dist, folder):
        self.first = build(source, os.path.join(folder, 'somewhere', 'else'))
        self.second = os.path.dirname(os.path.dirname(dist))
        self.source = source
        self.root = os.path.join(folder, 'root')
        self.scratch = folder
        self.install()
        self.ran_without_pages = subprocess.run([self.path('bin', 'oilskin'), 'studio'], capture_output=True, text=True,
                                                timeout=60, check=False)
        # An older build of the pages, then this one: nothing of the older stays.
        pages = os.path.join(self.first, 'web', 'dist')
        shutil.copytree(dist, pages)
        for name in ('drop', 'intake', 'desk', 'albums', 'sealed', 'publish'):
            shutil.copytree(os.path.join(os.path.dirname(dist), name), os.path.join(self.first, 'web', name))
        with open(os.path.join(pages, 'assets', 'older-0123abcd.js'), 'w', encoding='ascii') as file:
            file.write('older')
        self.install()
        assert os.path.exists(self.path('share', 'oilskin', 'studio', 'assets', 'older-0123abcd.js'))
        os.remove(os.path.join(pages, 'assets', 'older-0123abcd.js'))
        self.install()
        self.pages = dist

    def install(self):
        shell('meson', 'install', '-C', self.first, '--no-rebuild', env={**os.environ, 'DESTDIR': self.root})

    def path(self, *parts):
        return os.path.join(self.root, 'usr', 'local', *parts)

    def check_two_builds_are_identical(self):
        for name in ('cli/oilskin', 'worker/oilskin-worker', 'worker/oilskin-strip', 'worker/oilskin-frames', 'src/liboilskin.a', 'src/liboilskin.so.0.1.0'):
            with open(os.path.join(self.first, name), 'rb') as a, open(os.path.join(self.second, name), 'rb') as b:
                assert a.read() == b.read(), name

    def check_nothing_names_the_build_machine(self):
        for top, _, names in os.walk(self.root):
            for name in names:
                path = os.path.join(top, name)
                if not os.path.islink(path):
                    with open(path, 'rb') as file:
                        assert self.scratch.encode() not in file.read(), path

    def check_what_scrubs_loads_no_decoder(self):
        needed = shell('readelf', '-d', self.path('libexec', 'oilskin', 'oilskin-strip'))
        loaded = set(re.findall(r'NEEDED.*\[lib(\w+)', needed))
        assert 'c' in loaded and loaded <= {'c', 'm', 'deflate', 'sodium', 'nettle', 'gcrypt', 'seccomp'}, loaded

    def check_everything_is_in_place(self):
        wanted = ['bin/oilskin', 'lib/liboilskin.a', 'lib/liboilskin.so', 'lib/liboilskin.so.0', 'lib/pkgconfig/oilskin.pc',
                  'include/oilskin/oilskin.h', 'share/bash-completion/completions/oilskin',
                  'libexec/oilskin/oilskin-worker', 'libexec/oilskin/oilskin-strip', 'libexec/oilskin/oilskin-frames',
                  'share/zsh/site-functions/_oilskin', 'share/fish/vendor_completions.d/oilskin.fish']
        if shutil.which('scdoc'):
            wanted += ['share/man/man1/' + page for page in ('oilskin.1', 'oilskin-scrub.1', 'oilskin-inspect.1', 'oilskin-redact.1',
                                                             'oilskin-verify.1', 'oilskin-studio.1', 'oilskin-formats.1',
                                                             'oilskin-keygen.1', 'oilskin-seal.1', 'oilskin-unseal.1',
                                                             'oilskin-setup.1', 'oilskin-desk.1', 'oilskin-serve.1',
                                                             'oilskin-doctor.1')]
            wanted.append('share/man/man3/liboilskin.3')
        missing = [name for name in wanted if not os.path.exists(self.path(name))]
        assert not missing, missing
        # What needs codecs is linked into the worker and the page, never into the library; what folds copies, into a server.
        headers = set(os.listdir(os.path.join(self.source, 'include', 'oilskin'))) - {'edit.h', 'fingerprint.h', 'seal.h'}
        assert set(os.listdir(self.path('include', 'oilskin'))) == headers

    def check_nothing_else_is_in_place(self):
        assert sorted(os.listdir(self.path('bin'))) == ['oilskin']
        assert not [n for n in os.listdir(self.path('lib')) if 'host' in n]

    def check_the_program_runs(self):
        assert shell(self.path('bin', 'oilskin'), 'version').startswith('oilskin ')

    def check_without_its_pages_the_studio_says_what_to_do(self):
        ran = self.ran_without_pages
        assert ran.returncode == 7 and not ran.stdout, ran
        assert ran.stderr.startswith('oilskin studio: /usr/local/share/oilskin/studio: '), ran.stderr
        assert 'web/build.sh' in ran.stderr and 'meson install' in ran.stderr, ran.stderr

    def check_the_installed_studio_serves_the_pages(self):
        installed = self.path('share', 'oilskin', 'studio')
        assert not subprocess.run(['diff', '-r', self.pages, installed], capture_output=True, text=True, check=False).stdout
        assert os.stat(installed).st_mode & 0o777 == 0o755
        assert os.stat(os.path.join(installed, 'index.html')).st_mode & 0o777 == 0o644
        with subprocess.Popen([self.path('bin', 'oilskin'), 'studio'], stdout=subprocess.PIPE, text=True) as process:
            try:
                address = re.search(r'http://\S+/studio/', process.stdout.readline()).group()
                with urllib.request.urlopen(address, timeout=30) as answer, open(
                        os.path.join(self.pages, 'index.html'), 'rb') as file:
                    assert answer.read() == file.read()
            finally:
                process.terminate()

    def check_the_pages_of_the_drop_lie_beside_those_of_the_studio(self):
        for name in ('drop', 'intake', 'desk', 'albums', 'sealed', 'publish'):
            there = self.path('share', 'oilskin', name)
            built = os.path.join(os.path.dirname(self.pages), name)
            assert not subprocess.run(['diff', '-r', built, there], capture_output=True, text=True, check=False).stdout

    def check_shared_library_exports_what_is_declared(self):
        names = exported(self.path('lib', 'liboilskin.so')) - {'OILSKIN_0'}
        assert names == declared(self.path('include', 'oilskin')), names ^ declared(self.path('include', 'oilskin'))

    def check_shared_library_is_versioned(self):
        text = shell('readelf', '-d', self.path('lib', 'liboilskin.so'))
        assert 'liboilskin.so.0]' in text, text
        assert 'OILSKIN_0' in shell('readelf', '-V', '-W', self.path('lib', 'liboilskin.so'))

    def check_static_library_has_osk_names_only(self):
        table = shell('nm', '-g', '--defined-only', self.path('lib', 'liboilskin.a'))
        names = {line.split()[2] for line in table.splitlines() if len(line.split()) == 3}
        bad = sorted(n for n in names if not n.startswith('osk_'))
        assert names and not bad, bad

    def check_man_pages_read_well(self):
        if shutil.which('man') is None or shutil.which('scdoc') is None:
            return
        for folder in ('man1', 'man3'):
            for page in os.listdir(self.path('share', 'man', folder)):
                run = subprocess.run(['man', '--warnings', '-l', self.path('share', 'man', folder, page)], capture_output=True,
                                     text=True, env={**os.environ, 'MANWIDTH': '80', 'LC_ALL': 'C.UTF-8'}, check=True)
                assert not run.stderr, run.stderr

    def flags(self, *more):
        folder = self.path('lib', 'pkgconfig')
        return shell('pkg-config', *more, '--cflags', '--libs', 'oilskin', env={
            **os.environ, 'PKG_CONFIG_PATH': folder, 'PKG_CONFIG_SYSROOT_DIR': self.root}).split()

    def build_example(self, name, *flags, compiler='cc'):
        out = os.path.join(self.scratch, name + '-' + str(abs(hash(flags))))
        shell(compiler, '-std=c99', '-Wall', '-Wextra', '-Werror', '-D_POSIX_C_SOURCE=200809L',
              os.path.join(self.source, 'examples', name + '.c'), *flags, '-o', out)
        return out

    def run_example(self, program):
        given, made = os.path.join(self.scratch, 'in.png'), program + '.png'
        with open(given, 'wb') as file:
            file.write(png())
        environment = {**os.environ, 'LD_LIBRARY_PATH': self.path('lib')}
        out = shell(program, given, made, env=environment)
        with open(made, 'rb') as file:
            data = file.read()
        assert data.startswith(b'\x89PNG') and SECRET not in data
        shell(self.path('bin', 'oilskin'), 'verify', made)
        with open(given, 'wb') as file:
            file.write(b'no picture')
        os.remove(made)
        assert subprocess.run([program, given, made], env=environment, capture_output=True, check=False).returncode == 1
        assert not os.path.exists(made)
        return out

    def check_example_from_memory_to_memory(self):
        assert 'bytes out' in self.run_example(self.build_example('memory', *self.flags()))

    def check_example_from_callbacks(self):
        assert SECRET.decode() in self.run_example(self.build_example('callbacks', *self.flags()))

    def check_example_with_the_static_library(self):
        flags = [f for f in self.flags('--static') if f != '-loilskin' and not f.startswith('-ldeflate')]
        self.run_example(self.build_example('memory', *flags, self.path('lib', 'liboilskin.a'), '-ldeflate'))


def main():
    folder = tempfile.mkdtemp(prefix='oilskin-install-')
    passed = failed = 0
    try:
        installed = Installed(*(os.path.abspath(word) for word in sys.argv[1:3]), folder)
        for name in [n for n in dir(Installed) if n.startswith('check_')]:
            try:
                getattr(installed, name)()
                passed += 1
                print(f'ok {name[6:]}')
            except (AssertionError, OSError, subprocess.CalledProcessError) as error:
                failed += 1
                print(f'not ok {name[6:]}\n# {str(error)[:400]}\n# {str(getattr(error, "stderr", ""))[-600:]}')
    except subprocess.CalledProcessError as error:
        failed += 1
        print(f'not ok build and install\n{error.stdout[-1500:]}\n{error.stderr[-500:]}')
    finally:
        shutil.rmtree(folder)
    print(f'{passed} passed, {failed} failed, 0 skipped')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
