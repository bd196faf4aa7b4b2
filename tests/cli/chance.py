# SPDX-License-Identifier: GPL-3.0-or-later
"""What is painted over a region is drawn from the kernel's randomness, and nothing that people can say changes that.

Who can choose the chance can paint every suspect's face under the effect and compare. So the library's callback is for tests
that link the library; here every way to ask for something is tried, twice, and must not come out the same.
"""
import json
import os
import re

import harness
import media
from harness import Skip, has, lacks, read, run, write
from redact import photo, worker

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
AREA = 'rect:8,8,40,40'
# Options of redact with a value that they take; those that make no copy are left out and checked to be these.
ASKED = {
    '--style': ['--style=mosaic'], '--color': ['--color=#102030'], '--invert': ['--invert', '--style=blur'],
    '--crop': ['--crop=0,0,64,64'], '--rotate': ['--rotate=90'], '--resize': ['--resize=64'],
    '--name': ['--name=number', '-d', 'DIR'], '--force': ['--force'], '--jobs': ['--jobs=1'], '--icc': ['--icc=drop'],
    '--json': ['--json'], '--map': ['--map', 'MAP', '-d', 'DIR'], '--output': [], '--directory': ['-d', 'DIR'],
    '--memory': ['--memory=512M'], '--recursive': ['--recursive', '-d', 'DIR'], '--region': [], '--regions': ['--regions', 'r.json'],
}
NO_COPY = {'--dry-run', '--preview', '--help'}
SEEDS = {name: '1' for name in ('SEED', 'RANDOM', 'OSK_SEED', 'OSK_RANDOM', 'OILSKIN_SEED', 'OILSKIN_RANDOM', 'SOURCE_DATE_EPOCH',
                                'GSL_RNG_SEED', 'PYTHONHASHSEED')}


def twice(name, words, env=None):
    """The copies of two runs that were asked for the same."""
    copies = []
    for folder in ('one', 'two'):
        os.makedirs(folder, exist_ok=True)
        asked = [w.replace('DIR', folder).replace('MAP', folder + '.map') for w in words]
        if '-d' not in asked:
            asked += ['-o', os.path.join(folder, 'copy'), '--force']
        run('redact', name, *asked, env=env)
        names = os.listdir(folder)
        assert len(names) == 1, names
        copies.append(read(os.path.join(folder, names[0])))
        os.remove(os.path.join(folder, names[0]))
    return copies


def pictures():
    """One that is redacted in the process, and one that the worker paints."""
    worker()
    return photo(), media.png('flat.png')


def test_no_option_chooses_the_chance():
    names = pictures()
    write('r.json', json.dumps({'version': 1, 'regions': [{'shape': 'rect', 'x': 20, 'y': 4, 'w': 30, 'h': 30, 'style': 'blur'}]}))
    options = set(re.findall(r'--[a-z-]+', run('help', 'redact').out))
    options = {o for o in options if re.search(rf'^ +(-., )?{o}\b', run('help', 'redact').out, re.M)}
    assert options == set(ASKED) | NO_COPY, f'tell this test of {options ^ (set(ASKED) | NO_COPY)}'
    for name in names:
        for option, words in sorted(ASKED.items()):
            one, two = twice(name, ['--region', AREA + ':blur', *words])
            assert one != two, f'{option} gives the same copy of {name} twice'


def test_no_word_of_the_environment_chooses_the_chance():
    for name in pictures():
        one, two = twice(name, ['--region', AREA + ':mosaic'], env=SEEDS)
        assert one != two, name


def test_no_region_file_chooses_the_chance():
    photo()
    region = {'shape': 'rect', 'x': 0, 'y': 0, 'w': 9, 'h': 9, 'style': 'blur'}
    for key in ('seed', 'random', 'noise'):
        for page in ({'version': 1, key: 1, 'regions': [region]}, {'version': 1, 'regions': [{**region, key: 1}]}):
            write('r.json', json.dumps(page))
            has(run('redact', 'photo.jpg', '--regions', 'r.json', '-o', 'copy.jpg', code=3).err, 'r.json')
        run('redact', 'photo.jpg', '--region', f'rect:0,0,9,9:blur,{key}=1', '-o', 'copy.jpg', code=2)
        run('redact', 'photo.jpg', '--region', AREA, f'--{key}=1', '-o', 'copy.jpg', code=2)


def test_the_callback_of_every_program_asks_the_kernel():
    """Outside of tests and benches nothing else is ever put into it."""
    if not os.path.isdir(os.path.join(ROOT, 'worker')):
        raise Skip('there are no sources here')
    fills = {}
    for room in ('cli', 'host', 'worker', 'intake', 'store', 'http'):
        for name in sorted(os.listdir(os.path.join(ROOT, room))):
            if name.endswith(('.c', '.h')):
                text = read(os.path.join(ROOT, room, name)).decode()
                for fill in re.findall(r'\.fill\s*=\s*(\w+)', text):
                    fills.setdefault(fill, set()).add(f'{room}/{name}')
                assert not re.search(r'OskRandom \w+ = \{\s*[^.}\s]', text), f'{room}/{name}: name the field, as others do'
                lacks(text, '.random.context =', 'srand', 'random_r(')
    assert sorted(fills) == ['fill_random', 'osk_random_fill'] and fills['fill_random'] == {'worker/serve.c'}, fills
    assert {'cli/edit.c', 'cli/cmd_seal.c', 'cli/cmd_keygen.c', 'intake/spool.c'} <= fills['osk_random_fill'], fills
    for path, function in (('host/random.c', 'osk_random_fill'), ('worker/serve.c', 'fill_random')):
        text = read(os.path.join(ROOT, path)).decode()
        body = re.search(rf'bool {function}\(.*?\n}}', text, re.S).group(0)
        has(body, 'getrandom(', '(void)context;')
        assert body.count('context') == 2, body
