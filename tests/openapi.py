# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests hold a server against that speaks JSON: an OpenAPI file, and the statuses that its C code can answer."""
import os
import re

import yaml

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Spec:
    """A file of docs/, and what was seen of it."""

    def __init__(self, path):
        with open(os.path.join(ROOT, path), encoding='utf-8') as file:
            self.tree = yaml.safe_load(file)
        self.paths = self.tree['paths']
        self.seen = set()

    def resolve(self, schema):
        while '$ref' in schema:
            at = self.tree
            for name in schema['$ref'].removeprefix('#/').split('/'):
                at = at[name]
            schema = at
        return schema

    def response(self, path, method, status):
        """What the file says of an answer; it counts as seen."""
        said = self.paths[path][method.lower()]['responses'].get(str(status))
        assert said is not None, f'{method} {path}: {status} is not in the file'
        self.seen.add((path, method, str(status)))
        return self.resolve(said)

    # The small part of JSON Schema that the files use; a word that is not known here is a failure.
    def check(self, value, schema, where='answer'):
        schema = self.resolve(schema)
        if 'oneOf' in schema:
            self.check_one(value, schema['oneOf'], where)
            return
        known = {'type', 'required', 'properties', 'additionalProperties', 'items', 'enum', 'const', 'pattern', 'minimum',
                 'maxLength', 'maxItems', 'description'}
        assert set(schema) <= known, f'{where}: {set(schema) - known}'
        if 'type' in schema:
            names = schema['type'] if isinstance(schema['type'], list) else [schema['type']]
            assert any(is_of(value, name) for name in names), f'{where}: {value!r} is no {names}'
        assert 'const' not in schema or value == schema['const'], f'{where}: {value!r}'
        assert 'enum' not in schema or value in schema['enum'], f'{where}: {value!r}'
        assert 'minimum' not in schema or value is None or value >= schema['minimum'], f'{where}: {value}'
        if isinstance(value, str):
            assert re.search(schema.get('pattern', ''), value), f'{where}: {value!r}'
            assert len(value) <= schema.get('maxLength', len(value)), where
        if isinstance(value, dict):
            properties = schema.get('properties', {})
            missing = set(schema.get('required', [])) - set(value)
            assert not missing, f'{where}: {missing} is missing'
            # Changes only add; but what the server says today is written down.
            assert set(value) <= set(properties), f'{where}: {set(value) - set(properties)} is not in the file'
            for name, one in value.items():
                self.check(one, properties[name], f'{where}.{name}')
        if isinstance(value, list):
            for one in value:
                self.check(one, schema.get('items', {}), where + '[]')

    def check_one(self, value, schemas, where):
        wrong = []
        for schema in schemas:
            try:
                self.check(value, schema, where)
            except AssertionError as why:
                wrong.append(str(why))
        assert len(wrong) == len(schemas) - 1, f'{where}: {wrong}'

    def unseen(self, but=()):
        """(path, method, status) that the file says and no request has met, and parts that nothing refers to."""
        said = {(path, method.upper(), status) for path, item in self.paths.items() for method, operation in item.items()
                for status in operation['responses']}
        used = set(re.findall(r"'#/components/([^']+)'", str(self.tree)))
        there = {f'{kind}/{name}' for kind, names in self.tree['components'].items()
                 if kind != 'securitySchemes' for name in names}
        return {one for one in said - self.seen if one[2] not in but}, used ^ there


def is_of(value, name):
    return {'object': lambda: isinstance(value, dict), 'array': lambda: isinstance(value, list),
            'string': lambda: isinstance(value, str), 'boolean': lambda: isinstance(value, bool),
            'integer': lambda: isinstance(value, int) and not isinstance(value, bool),
            'null': lambda: value is None}[name]()


class Code:
    """The functions of some files, and their tables, by (file, name), without comments and texts."""

    def __init__(self, *names):
        self.functions, self.shared = {}, {}
        for name in names:
            with open(os.path.join(ROOT, name), encoding='utf-8') as file:
                code = re.sub(r'/\*.*?\*/|"(?:[^"\\]|\\.)*"', '', file.read(), flags=re.S)
            for head, function, body in re.findall(r'^(\w[^;{}=()]*?)\b(\w+)\([^;{}]*\)\n{\n(.*?)^}', code, flags=re.S | re.M):
                self.functions[name, function] = body
                if not head.startswith('static'):
                    self.shared[function] = name
            for table, body in re.findall(r'^[^\s(=][^(=\n]*?\b(\w+)\[\w*\] = \{\n(.*?)^\};', code, flags=re.S | re.M):
                self.functions[name, table] = body

    def reach(self, file, first, but=()):
        """All that a function of a file names, or what it names: {(file, name): body}."""
        todo, found = [(file, first)], {}
        while todo:
            file, name = todo.pop()
            if (file, name) not in self.functions:
                file = self.shared.get(name)
            if file is None or name in but or (file, name) in found:
                continue
            found[file, name] = self.functions[file, name]
            todo += [(file, word) for word in set(re.findall(r'\w+', found[file, name]))]
        return found

    def statuses(self, file, first, but=()):
        """Those that stand in it. 512 is a size wherever it stands."""
        return {int(one) for body in self.reach(file, first, but).values()
                for one in re.findall(r'(?<!\[)\b(?!512\b)[45]\d\d\b', body)}
