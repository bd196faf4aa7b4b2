# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said: help, suggestions, wording, JSON, names that try to steer the terminal."""
import os
import re

import media
from harness import NOTHING_LEFT, has, lacks, read, run, write

COMMANDS = ('inspect', 'scrub', 'redact', 'verify', 'studio', 'formats', 'help', 'version')


def test_help_of_every_command():
    listing = run('--help').out
    for command in COMMANDS:
        has(listing, f'  {command} ')
        text = run(command, '--help').out
        has(text, 'Usage: oilskin ' + ('COMMAND' if command == 'help' else command))
        assert run('help', command).out == text
        assert all(len(line) <= 100 for line in text.splitlines()), text


def test_help_names_every_option_of_scrub():
    text = run('scrub', '--help').out
    has(text, '-o, --output', '-d, --directory', '--in-place', '--name', '--map', '--force', '-r, --recursive', '-j, --jobs',
        '--icc', '--drop-audio', '--keep-preroll', '--flatten', '--dry-run', '--json', '--yes')


def test_help_names_every_option_of_redact():
    text = run('redact', '--help').out
    has(text, '--region SHAPE', '--regions FILE', '--style', '--color', '--invert', '--preview', '--crop', '--rotate',
        '--resize', '-o, --output', '-d, --directory', '--name', '--map', '--force', '-j, --jobs', '--icc', '--dry-run',
        '--json')


def test_no_command_is_wrong_usage():
    ran = run(code=2)
    assert ran.out == ''
    has(ran.err, 'Usage: oilskin')


def test_mistyped_command_suggests_the_right_one():
    for typed, meant in (('scrb', 'scrub'), ('isnpect', 'inspect'), ('verfy', 'verify'), ('format', 'formats'),
                         ('clean', 'scrub'), ('blur', 'redact'), ('redct', 'redact'), ('hlep', 'help')):
        has(run(typed, 'photo.jpg', code=2).err, f'did you mean "{meant}"?')
    lacks(run('xyzzyx', code=2).err, 'did you mean')


def test_a_file_without_a_command_is_told_the_command():
    media.png('a.png')
    media.png('my photo.png')
    media.png('it\'s.png')
    has(run('a.png', code=2).err, 'say what to do with a.png', 'oilskin scrub a.png', 'oilskin inspect a.png')
    has(run('my photo.png', '-o', 'b.png', code=2).err, "oilskin scrub 'my photo.png'")
    has(run("it's.png", code=2).err, 'oilskin scrub FILE')
    os.mkdir('clean')
    has(run('clean', 'a.png', code=2).err, 'did you mean "scrub"?')
    assert not os.path.exists('b.png')
    has(run('b.png', code=2).err, 'there is no command')


def test_mistyped_option_suggests_the_right_one():
    media.png('a.png')
    has(run('scrub', '--inplace', 'a.png', code=2).err, '--inplace', 'did you mean --in-place?')
    has(run('scrub', '--recurse', 'a.png', code=2).err, 'did you mean --recursive?')
    for far in ('--bogus', '--cup', '--nope', '--x'):
        lacks(run('scrub', far, 'a.png', code=2).err, 'did you mean')
    has(run('scrub', '-q', 'a.png', code=2).err, 'no option -q')
    has(run('scrub', 'a.png', '-o', code=2).err, 'value is missing after -o')
    has(run('scrub', 'a.png', '--map', code=2).err, 'value is missing after --map')


def test_mistyped_format_suggests_the_right_one():
    has(run('formats', 'pgn', code=2).err, 'did you mean "png"?')


def test_version():
    assert re.fullmatch(r'oilskin \d+\.\d+\.\d+\n', run('version').out)
    assert run('--version').out == run('version').out


def test_inspect_says_what_a_file_reveals():
    media.png('a.png')
    ran = run('inspect', 'a.png')
    has(ran.out, 'a.png', media.SECRET, 'byte 33', 'a.png reveals 1 thing.')
    run('inspect', '--check', 'a.png', code=1)


def test_inspect_of_a_scrubbed_file_finds_nothing():
    media.png('a.png')
    run('scrub', 'a.png', '-o', 'b.png')
    ran = run('inspect', '--check', 'b.png')
    has(ran.out, NOTHING_LEFT)


def test_scrub_says_what_it_did_and_what_it_left():
    media.png('photo.png')
    ran = run('scrub', 'photo.png')
    has(ran.out, 'removed:', media.SECRET, NOTHING_LEFT, 'photo.png is unchanged and still reveals all of this', 'copy: ')
    lacks(ran.out.replace(NOTHING_LEFT, ''), ' safe', ' clean')
    copy = re.search(r'copy: (\S+),', ran.out).group(1)
    assert os.path.exists(copy), copy


def test_verify_says_no_more_than_we_know():
    media.png('a.png')
    run('scrub', 'a.png', '-o', 'b.png')
    has(run('verify', 'b.png').out, 'b.png: ' + NOTHING_LEFT)
    ran = run('verify', 'a.png', code=1)
    has(ran.out, "don't share this file", 'oilskin scrub a.png')
    media.png('my photo.png')
    has(run('verify', 'my photo.png', code=1).out, "oilskin scrub 'my photo.png'")


def test_verify_of_an_original_speaks_of_this_file():
    """A file that was never scrubbed, and is broken: no copy, no second opinion, nothing to draw anew."""
    media.png('a.png')
    whole = read('a.png')
    write('cut.png', whole[:-20])
    ran = run('verify', 'cut.png', code=3)
    has(ran.err, 'cut.png: refused: ', 'get it again from where it came from', "don't share this file")
    lacks(ran.err, 'copy', 'second opinion', 'screenshot')
    write('odd.png', whole[:33] + media.chunk(b'IHDR', whole[16:29]) + whole[33:])
    ran = run('verify', 'odd.png', code=None)
    assert ran.code in (1, 3), ran
    has(ran.out + ran.err, 'scrub it, and share the copy')
    lacks(ran.out + ran.err, 'second opinion', 'screenshot')


def test_refusal_warns_and_names_a_next_step():
    write('notes.txt', 'no picture at all, only words\n')
    for command in ('inspect', 'scrub', 'verify'):
        ran = run(command, 'notes.txt', code=4)
        has(ran.err, "don't share this file", 'What you can do: ')
    ran = run('scrub', 'notes.txt', code=4)
    has(ran.err, 'screenshot')


def test_unknown_files_are_told_by_content_not_by_name():
    write('fake.jpg', 'no picture\n' * 100)
    run('scrub', 'fake.jpg', code=4)
    media.png('picture.txt')
    run('scrub', 'picture.txt')


def test_json_has_a_schema_everywhere():
    media.png('a.png')
    assert run('inspect', '--json', 'a.png').json['schema'] == 'oilskin/inspect/1'
    assert run('scrub', '--json', 'a.png', '-o', 'b.png').json['schema'] == 'oilskin/scrub/1'
    assert run('verify', '--json', 'b.png').json['schema'] == 'oilskin/verify/1'
    assert run('formats', '--json').json['schema'] == 'oilskin/formats/1'


def test_json_of_inspect():
    media.png('a.png')
    document = run('inspect', '--json', '--check', 'a.png', code=1).json
    file = document['files'][0]
    assert file['file'] == 'a.png' and file['status'] == 'ok' and file['format'] == 'png', file
    finding = file['findings'][0]
    assert media.SECRET in finding['value'] and finding['offset'] == 33 and finding['kind'], finding
    assert finding['stays'] is False and finding['field'] and finding['label'] and finding['part'], finding


def test_json_of_scrub_and_of_a_refusal():
    media.png('a.png')
    write('b.txt', 'words')
    document = run('scrub', '--json', 'a.png', 'b.txt', '-d', 'out', code=4).json
    good, bad = document['files']
    assert os.path.exists(good['copy']) and good['result'] == NOTHING_LEFT, good
    assert bad['status'] == 'unsupported' and bad['exit'] == 4 and bad['fault']['next'], bad
    assert 'copy' not in bad and document['exit'] == 4


def test_json_of_dry_run_holds_the_plan():
    path = media.png('a.png')
    plan = run('scrub', '--json', '--dry-run', path).json['files'][0]['plan']
    assert sum(step['length'] for step in plan) == os.path.getsize(path)
    assert {'keep', 'drop'} <= {step['verdict'] for step in plan}


def test_formats_prints_the_policy_tables():
    listing = run('formats').out
    for name in ('png', 'jpeg', 'gif', 'webp', 'tiff', 'bmp', 'jxl', 'heic', 'avif', 'mp4', 'mov', 'mkv', 'webm'):
        has(listing, name)
    table = run('formats', 'png').out
    has(table, 'IHDR', 'tEXt', 'keep', 'drop')
    assert run('formats', 'PNG').out == table
    document = run('formats', '--json', 'png').json
    assert [f['name'] for f in document['formats']] == ['png'] and document['formats'][0]['parts']


def test_file_names_cannot_steer_the_terminal():
    name = 'a\x1b[31m\u202egnp.\nb.png'
    media.png(name)
    for ran in (run('inspect', name), run('scrub', name, '-o', 'out.png')):
        lacks(ran.out, '\x1b', '\u202e', '\nb.png')
        has(ran.out, '\\u{1b}', '\\u{202e}', '\\u{a}')
    ran = run('inspect', '--json', name)
    lacks(ran.out, '\x1b', '\u202e')
    assert ran.json['files'][0]['file'] == name


def test_file_names_that_are_not_text():
    name = b'bad\xff\xfe.png'
    media.png(name)
    ran = run('inspect', os.fsdecode(name))
    has(ran.out, 'bad\\x{ff}\\x{fe}.png')
    has(run('inspect', '--json', os.fsdecode(name)).json['files'][0]['file'], 'bad\\x{ff}')


def test_values_from_files_cannot_steer_the_terminal():
    media.png('a.png', secret='x\x1b]0;owned\x07y')
    ran = run('inspect', 'a.png')
    lacks(ran.out, '\x1b', '\x07')
    lacks(run('inspect', '--json', 'a.png').out, '\x1b', '\x07')


def test_piped_output_has_no_colours_and_no_progress():
    media.png('a.png')
    ran = run('scrub', 'a.png', env={'TERM': 'xterm-256color'})
    lacks(ran.out + ran.err, '\x1b', '\r')
    assert ran.err == ''
