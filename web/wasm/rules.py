#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the rules by which ninja builds the page's modules: OUT/build.ninja.

usage: rules.py OUT
"""
import glob
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
CLANG = 'clang-14'

# Walks over every byte or pixel of a file are compiled for speed, everything else for its size: the parsers are
# most of the module, and wait for the file rather than the other way round.
FAST = re.compile(r'^src/(redact|inflate|pixels|seal)/|^src/(formats|verify)/(jpeg|png|webp|gif)|^src/parts/jpeg_bits|'
                  r'^src/base/(plan|writer)')

LIBJPEG = '''jaricom jcapimin jcapistd jcarith jccoefct jccolor jcdctmgr jchuff jcicc jcinit jcmainct jcmarker jcmaster
jcomapi jcparam jcphuff jcprepct jcsample jctrans jdapimin jdapistd jdarith jdatadst jdatasrc jdcoefct jdcolor jddctmgr
jdhuff jdicc jdinput jdmainct jdmarker jdmaster jdmerge jdphuff jdpostct jdsample jdtrans jfdctflt jfdctfst jfdctint
jidctflt jidctfst jidctint jidctred jmemmgr jmemnobs jquant1 jquant2 jsimd_none jutils'''.split()
LIBDEFLATE = 'adler32 crc32 deflate_compress deflate_decompress utils zlib_compress zlib_decompress'.split()
ZLIB = 'adler32 compress crc32 deflate inffast inflate inftrees trees uncompr zutil'.split()
LIBSODIUM = '''crypto_aead/chacha20poly1305/sodium/aead_chacha20poly1305 crypto_auth/hmacsha256/auth_hmacsha256
crypto_core/ed25519/ref10/ed25519_ref10 crypto_hash/sha256/cp/hash_sha256_cp crypto_onetimeauth/poly1305/donna/poly1305_donna
crypto_onetimeauth/poly1305/onetimeauth_poly1305 crypto_scalarmult/curve25519/ref10/x25519_ref10
crypto_scalarmult/curve25519/scalarmult_curve25519 crypto_stream/chacha20/ref/chacha20_ref
crypto_stream/chacha20/stream_chacha20 crypto_verify/sodium/verify sodium/utils'''.split()
LIBSODIUM_SCRYPT = [f'crypto_pwhash/scryptsalsa208sha256/{f}' for f in (
    'crypto_scrypt-common', 'nosse/pwhash_scryptsalsa208sha256_nosse', 'pbkdf2-sha256', 'scrypt_platform')]
# Other processors' versions of the same functions.
LIBWEBP_NOT = re.compile(r'_(sse2|sse41|neon|msa|mips32|mips_dsp_r2)\.c$|/(picture_psnr_enc)\.c$')
CODECS = '''codec_bmp codec_bmp_write codec_jpeg codec_jpeg_out codec_jpeg_write codec_spng codec_spng_chunks
codec_spng_palette codec_spng_write codec_webp codec_webp_write colors kept planes quality recode registry_web
tally'''.split()

BASE = (f'--target=wasm32-wasi -nostdinc -isystem {HERE}/libc '
        f'-isystem /usr/lib/llvm-14/lib/clang/14.0.6/include -isystem /usr/include/wasm32-wasi -ffunction-sections -fdata-sections '
        f'-ffile-prefix-map={ROOT}=.')
OURS = f'-std=c17 -Wall -Wextra -Wconversion -Wshadow -Wvla -Werror -I{ROOT}/include -I{ROOT}/src'
LINK = ('--target=wasm32-wasi -nostartfiles -Wl,--no-entry -Wl,--gc-sections -Wl,--strip-all -Wl,--stack-first '
        '-Wl,-z,stack-size=1048576 -Wl,--max-memory=4294967296')
# Nothing beyond the first WebAssembly, which is what wasm2js reads.
SHRINK = '-Oz --enable-mutable-globals --strip-producers --strip-target-features'


def listed(name):
    """The files of a list in src/meson.build."""
    with open(os.path.join(ROOT, 'src/meson.build'), encoding='utf-8') as file:
        text = file.read()
    return ['src/' + f for f in re.findall(r"'([^']+)'", re.search(name + r'_files = files\(([^)]*)\)', text).group(1))]


class Rules:
    def __init__(self, out):
        self.src = os.path.join(os.path.abspath(out), 'src')
        self.lines = [
            'ninja_required_version = 1.5',
            f'rule cc\n  command = {CLANG} {BASE} $flags -MMD -MF $out.d -c $in -o $out\n  depfile = $out.d\n'
            f'  deps = gcc\n  description = $out',
            f'rule link\n  command = {CLANG} {LINK} @$out.rsp -o $out\n  rspfile = $out.rsp\n  rspfile_content = $in\n'
            f'  description = $out',
            f'rule shrink\n  command = wasm-opt {SHRINK} $in -o $out\n  description = $out',
            f'rule script\n  command = wasm2js -Oz $in -o $out.raw && python3 {HERE}/script.py $out.raw $out\n'
            f'  description = $out',
        ]
        self.made = {}

    def compile(self, path, flags):
        name = 'o/' + os.path.relpath(path, ROOT if path.startswith(ROOT + '/') and
                                      not path.startswith(self.src) else self.src).replace('/', '_') + '.o'
        if name not in self.made:
            self.made[name] = True
            self.lines.append(f'build {name}: cc {path}\n  flags = {flags}')
        return name

    def ours(self, path, more=''):
        speed = '-O2' if FAST.match(path) else '-Oz'
        return self.compile(os.path.join(ROOT, path), f'{speed} {OURS} -I{self.src}/libdeflate {more}'.strip())

    def theirs(self, package, path, flags):
        return self.compile(os.path.join(self.src, package, path), f'-O2 -w -DNDEBUG {flags}')

    def module(self, name, objects):
        self.lines.append(f'build link/{name}.wasm: link {" ".join(objects)}')
        self.lines.append(f'build {name}.wasm: shrink link/{name}.wasm')
        self.lines.append(f'build {name}.js: script {name}.wasm | {HERE}/script.py')


def libraries(rules):
    src = rules.src
    jpeg = f'-DNO_GETENV -DNO_PUTENV -I{HERE}/libjpeg -I{src}/libjpeg-turbo'
    webp_files = [f for folder in ('src/dec', 'src/dsp', 'src/enc', 'src/utils', 'src/demux', 'src/mux', 'sharpyuv')
                  for f in sorted(glob.glob(f'{src}/libwebp/{folder}/*.c')) if not LIBWEBP_NOT.search(f)]
    return ([rules.theirs('libjpeg-turbo', f'{f}.c', jpeg) for f in LIBJPEG] +
            [rules.compile(f'{HERE}/libjpeg/errors.c', f'-Oz {jpeg}')] +
            [rules.theirs('zlib', f'{f}.c', f'-I{src}/zlib') for f in ZLIB] +
            [rules.theirs('libspng', 'spng/spng.c', f'-DSPNG_STATIC -DSPNG_DISABLE_OPT -I{src}/zlib')] +
            [rules.theirs('libwebp', os.path.relpath(f, f'{src}/libwebp'), f'-I{src}/libwebp') for f in webp_files])


def sealing(rules, ours, theirs=()):
    """src/seal with the files of one module: what it needs of the crypto library, and our own."""
    src = os.path.join(rules.src, 'libsodium/src/libsodium')
    # What its configure script would find out, and no processor's own version of anything.
    flags = (f'-DCONFIGURED=1 -DNATIVE_LITTLE_ENDIAN=1 -I{HERE}/sodium -I{src}/include -I{src}/include/sodium '
             f'-I{HERE}/sodium/sodium')
    objects = [rules.ours(f) for f in listed('base')]
    objects += [rules.ours(f, f'-isystem {HERE}/sodium -isystem {src}/include') for f in listed('seal')
                if not f.endswith(('digest.c', 'gcrypt.c'))]
    objects.append(rules.ours('web/wasm/sodium/digest.c', f'-isystem {HERE}/sodium -isystem {src}/include'))
    objects += [rules.ours(f'web/wasm/{f}.c') for f in ('answer', 'frame', 'sodium/absent', 'stop', 'libc/silent', *ours)]
    return objects + [rules.theirs('libsodium', f'src/libsodium/{f}.c', flags) for f in (*LIBSODIUM, *theirs)]


def main():
    out = sys.argv[1]
    rules = Rules(out)
    src = rules.src
    core = [rules.ours(f) for room in ('base', 'inflate', 'parts', 'formats', 'verify', 'scrub', 'pixels', 'redact')
            for f in listed(room)]
    core += [rules.ours(f'web/wasm/{f}.c') for f in ('answer', 'exports', 'stop', 'libc/silent')]
    core += [rules.theirs('libdeflate', f'lib/{f}.c', f'-I{src}/libdeflate') for f in LIBDEFLATE]
    codec = (f'-DSPNG_STATIC -isystem {HERE}/libjpeg -isystem {src}/libjpeg-turbo -isystem {src}/zlib '
             f'-isystem {src}/libspng/spng -isystem {src}/libwebp/src')
    pixels = core + [rules.ours(f'src/pixels/{f}.c', codec) for f in CODECS] + [rules.ours(f) for f in listed('edit')]
    pixels += libraries(rules)
    rules.module('core', core + [rules.ours('web/wasm/no_codecs.c')])
    rules.module('pixels', pixels)
    rules.module('seal', sealing(rules, ('seal_job', 'sodium/no_scrypt')))
    rules.module('unseal', sealing(rules, ('unseal_job',), LIBSODIUM_SCRYPT))
    with open(os.path.join(out, 'build.ninja'), 'w', encoding='utf-8') as file:
        file.write('\n'.join(rules.lines) + '\n')


main()
