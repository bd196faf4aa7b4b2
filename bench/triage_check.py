# SPDX-License-Identifier: GPL-3.0-or-later
"""What a short run of each half of the photographs may not fall short of."""

# Nothing unique and nothing tampered is ever buried, whatever it costs in rows.
NONE = ('unique_folded', 'tampered_folded', 'witness_folded', 'carried_hidden', 'form_unique_folded', 'film_unique_folded',
        'film_tampered_folded', 'film_witness_folded')
# What docs/triage.md tells of the short run of each half. Who changes a rule and makes one of them worse says so there.
MOST = {'a': {'clusters_per_source': 4.5, 'looks_over_ideal': 1.3, 'form_clusters_per_source': 3.6, 'form_looks_over_ideal': 1.4,
              'film_clusters_per_source': 3, 'film_looks_over_ideal': 1.3},
        'b': {'clusters_per_source': 7, 'looks_over_ideal': 1.3, 'form_clusters_per_source': 3.8, 'form_looks_over_ideal': 1.4,
              'film_clusters_per_source': 4, 'film_looks_over_ideal': 1.3}}
# A run that looked at nothing has shown nothing.
LEAST = {'unique_items': 90, 'tampered_items': 5, 'witness_items': 5, 'form_unique_items': 30,
         'film_unique_items': 15, 'film_tampered_items': 3, 'film_witness_items': 3}


def promises(half, figures):
    """(what is promised, whether it holds, the number) of one half."""
    missing = float('inf')
    for name in NONE:
        yield f'{name} is 0', figures.get(name, missing) == 0, figures.get(name)
    for name, most in MOST[half].items():
        yield f'{name} is at most {most}', figures.get(name, missing) <= most, figures.get(name)
    for name, least in LEAST.items():
        yield f'{name} is at least {least}', figures.get(name, 0) >= least, figures.get(name)


def close(halves):
    """Tells what holds in each half, and the line that ./test reads; 0 if all of it does."""
    failed, passed = 0, 0
    for half, figures in halves.items():
        for promise, holds, value in promises(half, figures):
            print(f'{"ok" if holds else "not ok"} - half {half}: {promise}   # {value}')
            passed, failed = passed + holds, failed + (not holds)
    print(f'{passed} passed, {failed} failed, 0 skipped')
    return 1 if failed else 0
