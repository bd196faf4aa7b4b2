# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys of age files, taken out with an identity: what a memory must not hold any more. age-encryption.org/v1, with
openssl's X25519 and ChaCha20, so that nothing of what is tested computes what it is tested against."""
import base64
import hashlib
import hmac
import os
import re
import subprocess
import tempfile

BECH32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'
# What stands before 32 bytes in DER: RFC 8410.
PRIVATE, PUBLIC = bytes.fromhex('302e020100300506032b656e04220420'), bytes.fromhex('302a300506032b656e032100')


def secret_of(path):
    """The 32 bytes of an identity file."""
    with open(path, encoding='ascii') as file:
        word = re.search(r'AGE-SECRET-KEY-1([A-Z0-9]+)', file.read()).group(1).lower()
    number = 0
    for letter in word[:-6]:
        number = number << 5 | BECH32.index(letter)
    return (number >> (len(word) - 6) * 5 - 256).to_bytes(32, 'big')


def hkdf(secret, salt, info):
    return hmac.digest(hmac.digest(salt, secret, 'sha256'), info + b'\x01', 'sha256')


def openssl(*words, given=b''):
    return subprocess.run(['openssl', *words], input=given, capture_output=True, check=True).stdout


def agree(secret, point):
    """(X25519 of both, our own point)"""
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ('mine', 'theirs')]
        for path, der in zip(paths, (PRIVATE + secret, PUBLIC + point)):
            with open(path, 'wb') as file:
                file.write(der)
        mine = openssl('pkey', '-inform', 'DER', '-in', paths[0], '-pubout', '-outform', 'DER')[-32:]
        return openssl('pkeyutl', '-derive', '-keyform', 'DER', '-inkey', paths[0], '-peerform', 'DER', '-peerkey', paths[1]), mine


def opened(secret, point, body):
    """The file key of one stanza as this identity would open it; its tag is not looked at."""
    shared, mine = agree(secret, point)
    key = hkdf(shared, point + mine, b'age-encryption.org/v1/X25519')
    return openssl('enc', '-d', '-chacha20', '-K', key.hex(), '-iv', '01000000' + '00' * 12, given=body[:16])


def decode(text):
    return base64.b64decode(text + b'=' * (-len(text) % 4))


def keys_of(sealed, secret):
    """(file key, payload key) of an age file that this identity opens; None for another file."""
    head, mark, rest = sealed.partition(b'\n--- ')
    if not mark or not head.startswith(b'age-encryption.org/v1\n'):
        return None
    mac, _, payload = rest.partition(b'\n')
    for point, body in re.findall(rb'-> X25519 (\S+)\n(\S+)', head):
        file_key = opened(secret, decode(point), decode(body))
        if hmac.compare_digest(hmac.digest(hkdf(file_key, b'\0' * hashlib.sha256().digest_size, b'header'), head + b'\n---', 'sha256'),
                               decode(mac)):
            return file_key, hkdf(file_key, payload[:16], b'payload')
    return None
