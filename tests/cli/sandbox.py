# SPDX-License-Identifier: GPL-3.0-or-later
"""The decoder's sandbox where a kernel or a container lacks something: what is said, what is refused."""
import os
import subprocess

import harness
from harness import Skip, has, lacks, run, state
from redact import FACE, photo, worker

REGION = ('--region', 'rect:1,1,8,8')


def lacking(what, *words, code=0):
    """Runs the command line where system calls fail as on a kernel without them."""
    tool = os.path.join(os.path.dirname(os.path.dirname(harness.OILSKIN)), 'tests', 'lacking')
    if not os.path.exists(tool):
        raise Skip('tests/lacking was not built')
    done = subprocess.run([tool, what, harness.OILSKIN, *words], capture_output=True, timeout=120, check=False)
    if done.returncode == 77:
        raise Skip('this kernel takes no filter')
    ran = harness.Ran(done.returncode, done.stdout, done.stderr)
    assert ran.code == code, ran
    return ran


def complete():
    """Skips where a layer is missing from the start."""
    worker()
    if 'lacks' in run('redact', 'probe.png', *REGION, '--dry-run').out:
        raise Skip('the sandbox is not complete on this machine')


def test_a_whole_sandbox_is_no_news():
    complete()
    ran = run('redact', 'probe.png', *REGION, '-o', 'copy.png')
    lacks(ran.out + ran.err, 'sandbox')
    assert 'sandbox_missing' not in run('redact', 'probe.png', *REGION, '--dry-run', '--json').json['files'][0]


def test_a_missing_layer_is_said_and_the_others_hold():
    complete()
    for what, named in (('landlock', 'Landlock for files'), ('namespaces', 'namespaces of its own'),
                        ('landlock,namespaces', 'Landlock for connections')):
        ran = lacking(what, 'redact', 'probe.png', *REGION, '-o', 'copy.png', '--force')
        has(ran.out, 'the sandbox of the decoder lacks on this machine: ', named, '; the other layers hold')
        document = lacking(what, 'redact', 'probe.png', *REGION, '--dry-run', '--json').json
        has(document['files'][0]['sandbox_missing'], named)
        run('verify', 'copy.png')


def test_without_seccomp_nothing_is_decoded():
    complete()
    before = state()
    for words in (('redact', 'probe.png', *REGION), ('redact', 'probe.png', '--resize=8')):
        ran = lacking('seccomp', *words, '-o', 'copy.png', code=4)
        has(ran.err, 'no filter of system calls (seccomp)', 'What you can do: run it on a system that has seccomp')
    assert state() == before


def test_without_seccomp_a_jpeg_is_covered_all_the_same():
    photo()
    lacking('seccomp', 'redact', 'photo.jpg', '--region', FACE, '--crop', '0,0,640,640', '-o', 'copy.jpg')
    run('verify', 'copy.jpg')


def test_older_kernels_decode_too():
    worker()
    lacking('close_range', 'redact', 'probe.png', *REGION, '-o', 'copy.png')
    run('verify', 'copy.png')
