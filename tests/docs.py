#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""docs.py BUILD

Holds the JSON Schema, kwcheck-json(5), kwcheck-words(7) and the program together, both ways:
a key or a word that the program has and a page has not fails, and so does one that only a page
has. What every verb prints over the captures is validated, and the examples of kwcheck(8) are
run over one. README.md names every library, and its examples are no mistakes.
"""

import glob
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

import jsonschema

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CAPTURES = 'tests/data/captures/'
WORD = r'[a-z0-9]+(?:-[a-z0-9]+)*'
failed = False


def tell(is_good, what, why=''):
    global failed
    print(f"{'ok' if is_good else 'not ok'} docs: {what}{': ' + why if why and not is_good else ''}")
    failed |= not is_good


def same(what, program, page, of):
    """Are two sets of names one?"""
    missing, dead = sorted(set(program) - set(page)), sorted(set(page) - set(program))
    tell(not missing and not dead, what,
         f"{of} lacks {' '.join(missing) or 'nothing'}; only it has {' '.join(dead) or 'nothing'}")


def source(path):
    with open(path, encoding='utf-8') as file:
        return re.sub(r'/\*.*?\*/', '', file.read(), flags=re.S)


def call_at(text, at):
    """The arguments of the call whose parenthesis is at @at, split at their commas."""
    arguments, depth, start, i = [], 0, at + 1, at
    while True:
        c = text[i]
        if c == '"':
            i += 1
            while text[i] != '"':
                i += 2 if text[i] == '\\' else 1
        elif c in '([{':
            depth += 1
        elif c in ')]}':
            depth -= 1
            if depth == 0:
                return arguments + [text[start:i].strip()]
        elif c == ',' and depth == 1:
            arguments.append(text[start:i].strip())
            start = i + 1
        i += 1


def calls(text, name):
    for match in re.finditer(r'\b' + name + r'\(', text):
        yield call_at(text, match.end() - 1)


def literal(argument):
    """The text of C's string literals that @argument is made of; None: it is more."""
    if not re.fullmatch(r'(?:"[^"]*"\s*)+', argument):
        return None
    return ''.join(re.findall(r'"([^"]*)"', argument))


def keys_of_pack(arguments):
    """The keys of a json_pack() call: a key is what stands at a place of one in its format."""
    is_key, nr = [], 1
    for c in ''.join(re.findall(r'"([^"]*)"', arguments[0])):
        if c == '{':
            is_key.append(True)
        elif c == '}':
            is_key.pop()
            is_key[-1:] = [True] * len(is_key[-1:])
        elif c.isalpha():
            if is_key[-1]:
                yield literal(arguments[nr])
            nr += is_key[-1] or c != 'n'
            is_key[-1] = not is_key[-1]


def program_keys():
    keys = set()
    # The page of the map is no output for programs, and SARIF has a schema of its own.
    for path in set(glob.glob('cmd/*.c')) - {'cmd/map_html.c', 'cmd/preflight_sarif.c'}:
        text = source(path)
        for arguments in calls(text, 'json_pack'):
            keys.update(keys_of_pack(arguments))
        for arguments in calls(text, 'json_object_set_new'):
            keys.add(literal(arguments[1]))
        keys.update(re.findall(r'\\"([a-z_0-9]+)\\":', text))
    # Names of registers come from tables, all but one.
    return keys - {None, 'RSP'}


def table(path, name):
    """The words of C's table @name: what follows an index, or a brace behind one."""
    body = re.search(r'\b' + name + r'\[[^\]]*\] = \{(.*?)\n\t?\};', source(path), re.S).group(1)
    return set(re.findall(r'\[[^\]]*\]\s*=\s*\{?\s*(?:\.name = )?"(' + WORD + ')"', body))


def literals(argument):
    return set(re.findall(r'"(' + WORD + ')"', argument))


def finding_kinds():
    words = set()
    for path in glob.glob('preflight/*.c'):
        text = source(path)
        for arguments in calls(text, 'finding_add'):
            words |= literals(arguments[2]) if len(arguments) > 2 else set()
        for arguments in calls(text, 'refuse'):
            words |= literals(arguments[1]) if len(arguments) > 1 else set()
    words |= set(re.findall(r'\[FLOW_\w+\]\s*=\s*\{\s*"(' + WORD + ')"',
                            source('preflight/judge_dataflow.c')))
    words |= set(re.findall(r'\{"(' + WORD + r')", FINDING_', source('preflight/advice.c')))
    return words


def function_names(path, function):
    """The words in a function's table or body."""
    text = source(path)
    at = text.index(function + '(')
    return literals(text[at:text.index('\n}', at)])


def program_words():
    return {
        'codes': table('kcore/error.c', 'codes') - {'none'},
        'groups': table('audit/report.c', 'group_names'),
        'audit-verdicts': table('audit/report.c', 'verdict_names'),
        'audit-findings': table('audit/report.c', 'kinds') - {'none'},
        'changes': set(re.findall(r'\.kind = "(' + WORD + ')"', source('cmd/baseline.c'))),
        'check-verdicts': table('cmd/result.c', 'verdict_names'),
        'page-verdicts': table('pagetable/walk.c', 'verdict_names'),
        'walk-reasons': table('pagetable/walk.c', 'reason_names') |
        function_names('cmd/result.c', 'result_reason_name') |
        set(re.findall(r'reason = "(' + WORD + ')"', source('cmd/result.c'))),
        'preflight-verdicts': table('preflight/finding.c', 'verdict_names'),
        'preflight-findings': finding_kinds(),
        'accesses': function_names('preflight/finding.c', 'finding_access_name'),
        'signatures': table('preflight/judge_signature.c', 'states'),
        'abilities': table('preflight/abilities.c', 'abilities'),
        'outcomes': table('dryrun/dryrun.c', 'outcome_names'),
        'phases': table('dryrun/dryrun.c', 'phase_names'),
        'dry-run-reasons': (table('machine/result.c', 'names') |
                            table('dryrun/reason.c', 'names')) - {'ok'},
        'diff-kinds': table('cmd/diff_rows.c', 'kind_names'),
        'diff-changes': table('cmd/diff_rows.c', 'change_names'),
        'diff-states': table('cmd/sealing.c', 'state_names'),
        'trial-outcomes': table('guest/trial.c', 'end_names') - {'not-done'} |
        function_names('cmd/preflight_trial.c', 'preflight_trial_outcome'),
        'trial-agreements': table('cmd/preflight_trial.c', 'agreement_names'),
        'faults': function_names('cmd/preflight_dryrun.c', 'kind_of'),
        'oops-statuses': {'explained', 'damaged', 'refused'},
        'crashes': table('oops/crash.c', 'kind_names'),
        'causes': set(re.findall(r'\] = \{\s*\.name = "(' + WORD + ')"',
                                 source('oops/knowledge.c'))),
        'denials': function_names('oops/tables.c', 'tables_denial_name'),
        'hit-kinds': function_names('oops/hit.c', 'hit_kind_name'),
        'hit-sections': function_names('oops/hit.c', 'hit_section_name'),
    }


def program_choices():
    """Object and key -> its words, where they are few and told with the key."""
    oops, flow = source('cmd/oops_json.c'), {'read', 'write', 'fetch'}

    def listed(name):
        return literals(oops[oops.index(name + '[] = {'):].split('};')[0])

    return {
        ('kernel', 'source'): {'live', 'core', 'image'},
        ('kernel', 'hypervisor'): set(re.findall(
            r'= \{"([^"]+)",', source('kcore/hypervisor.c'))),
        ('capture', 'contents'): literals(source('cmd/capture.c').split(
            'words[] = {')[1].split('};')[0]),
        ('operand_memory', 'fault_address'): listed('matches'),
        ('lsm', 'structure'): listed('structures'),
        ('hit', 'source'): listed('sources'),
        ('oops', 'seen_from'): function_names('cmd/oops_origin.c', 'oops_origin_from'),
        ('fault', 'access'): literals(source('cmd/preflight_dryrun.c').split(
            'access_names[] = {')[1].split('};')[0]) & flow,
        ('boot', 'verdict'): function_names('oops/boot.c', 'boot_verdict_name'),
        ('boot_check', 'outcome'): function_names('oops/boot.c', 'boot_outcome_name'),
        ('module_file', 'bytes'): function_names('oops/modfile.c', 'modfile_match_name'),
        ('vmlinux', 'kernel'): function_names('oops/vmlinux.c', 'vmlinux_match_name'),
    }


def page_names(path, macro):
    """Section's heading -> the names that its list has."""
    names, heading = {}, ''
    with open(path, encoding='utf-8') as file:
        for line in file:
            line = line.rstrip('\n')
            if line.startswith('.Ss '):
                heading = line[4:].removeprefix('\\&')
            elif line.startswith(f'.It {macro} '):
                names.setdefault(heading, []).append(line.split()[2])
    return names


def check_words(schema):
    pages, program = page_names('man/kwcheck-words.7', 'Cm'), program_words()
    for name, words in program.items():
        same(f'words of {name} in the schema', words, schema['$defs'][name]['enum'],
             'the schema')
        same(f'words of {name} in kwcheck-words(7)', words,
             pages.get(schema['$defs'][name]['title'], []), 'the page')
    same('lists of words', [schema['$defs'][name]['title'] for name in program], pages,
         'kwcheck-words(7)')


    for (name, key), choices in program_choices().items():
        value = schema['$defs'][name]['properties'][key]
        same(f'words of {name}.{key} in the schema', choices,
             value.get('enum') or value['anyOf'][0]['enum'], 'the schema')


def check_keys(schema):
    objects = {o['title']: o['properties'] for o in schema['$defs'].values()
               if 'properties' in o}
    objects['The report'] = schema['properties']
    keys = {key for properties in objects.values() for key in properties}
    same('keys in the schema', program_keys(), keys, 'the schema')
    pages = page_names('man/kwcheck-json.5', 'Li')
    for title in sorted(set(objects) | set(pages)):
        same(f'keys of "{title}" in kwcheck-json(5)', objects.get(title, {}),
             pages.get(title, []), 'the page')
    bare = sorted(f'{title}: {key}' for title, properties in objects.items()
                  for key, value in properties.items() if not value.get('description'))
    tell(not bare, 'every key is described', ' '.join(bare))
    wrong = []
    for title, properties in objects.items():
        for key, value in properties.items():
            of = jsonschema.Draft202012Validator({**value, '$defs': schema['$defs']})
            wrong += [f'{title}: {key}' for example in value.get('examples', [])
                      if not of.is_valid(example)]
    tell(not wrong, 'every example in the schema is valid', ' '.join(wrong))


def strict(schema):
    """So that a key which the schema lacks fails."""
    if isinstance(schema, dict):
        if 'title' in schema and 'properties' in schema and 'required' in schema:
            schema['additionalProperties'] = False
        for value in schema.values():
            strict(value)
    elif isinstance(schema, list):
        for value in schema:
            strict(value)
    return schema


def run(build, words, **more):
    return subprocess.run([f'{build}/kwcheck'] + words, capture_output=True, timeout=300,
                          stdin=subprocess.DEVNULL, check=False, **more)


def check_outputs(schema, build, work):
    validator = jsonschema.Draft202012Validator(strict(schema))
    captures = sorted(glob.glob(CAPTURES + '*.zst'))
    baseline = work + '/baseline.json'
    with open(baseline, 'wb') as file:
        file.write(run(build, ['audit', '-J', '--core', captures[0]]).stdout
                   .replace(b'"sealed"', b'"unsealed"', 3))
    lines = work + '/lines.jsonl'
    with open(lines, 'wb') as file:
        file.write(run(build, ['oops', '--json-lines'] + sorted(
            glob.glob('tests/data/oops/*.txt'))).stdout)
    asked = [['oops', '--merge', '-J', lines, '/none'], ['oops', '-J'] + sorted(glob.glob('tests/data/oops/*.txt')),
             ['oops', '-J', 'tests/data/oops/forms'], ['oops', '-J', '/none'],
             ['audit', '-J', '--baseline', baseline, '--core', captures[0]],
             ['capture', '-J', work + '/new.zst', '--core', captures[0]],
             ['dmesg', '-J', '--core', captures[0]], ['-J', 'x', '--core', '/none'],
             ['-J', '--nonsense'],
             ['preflight', '-J', '/bin/ls', '/none.ko', '--core', captures[0]],
             ['diff', '-J', captures[0], captures[1], '--against', '/bin/ls'],
             ['diff', '-J', captures[0], '/none']]
    modules = glob.glob(os.path.expanduser(
        '~/.cache/kwcheck/6.1/modules/kernel/**/dummy.ko*'), recursive=True)
    if modules:
        for core in captures:
            asked.append(['preflight', '-J', '--core', core, modules[0], 'nosuch=1'])
    else:
        print('skipped docs: what preflight says of a module: no modules of 6.1 are here')
    for core in captures:
        for words in (['check', 'init_task', 'apparmor_hooks', 'nosuch', '0x1000', '0x'],
                      ['check', '--list', 'task_*'], ['walk', 'sys_call_table'], ['map'],
                      ['dump', 'sys_call_table', 'vfs_write'],
                      ['dump', '--disassemble', 'vfs_write'],
                      ['audit'], ['audit', '--hook', 'capable']):
            asked.append(words + ['-J', '--core', core])
    for words in asked:
        answer = run(build, words)
        name = ' '.join(os.path.basename(word) for word in words)[:100]
        try:
            errors = [f'{"/".join(map(str, e.absolute_path))}: {e.message[:300]}'
                      for e in validator.iter_errors(json.loads(answer.stdout))]
        except ValueError as error:
            errors = [str(error)]
        tell(not errors, f'kwcheck {name} prints what the schema says', '; '.join(errors[:3]))


def check_origins(build):
    """What people get says which kernel it was, when, and which kwcheck."""
    core = CAPTURES + '6.1.zst'
    for words in (['check', '-v', 'init_task'], ['walk', '-v', 'init_task'], ['audit'],
                  ['map'], ['preflight', '/bin/ls', '/bin/sh'],
                  ['oops', '-v', 'tests/data/oops/6.1-lsm.txt']):
        text = run(build, words + ['--core', core]).stdout.decode()
        tell(re.search(r'^kernel 6\.1\..*, 20\d\d-.*Z, from .*6\.1\.zst, by kwcheck \d', text, re.M),
             f'kwcheck {" ".join(words)} says what it is of', text[-300:])


def check_examples(build, work):
    """Lines that begin with # in kwcheck(8), asked of a capture."""
    with open('man/kwcheck.8', encoding='utf-8') as file:
        page = file.read()
    page = page[page.index('.Sh EXAMPLES'):page.index('.Sh DIAGNOSTICS')]
    examples = [line[6:] for line in page.splitlines() if line.startswith('.Dl # kwcheck')]
    verbs = subprocess.run([f'{build}/kwcheck', 'help'], capture_output=True, text=True,
                           check=True).stdout
    verbs = re.findall(r'^  ([a-z]+) ', verbs[verbs.index('\nVerbs'):verbs.index("\n'kwcheck")],
                       re.M)
    core = os.path.abspath(CAPTURES + '6.1.zst')
    for file in ('mine.ko', 'crash.txt', 'audit.json'):
        with open(f'{work}/{file}', 'w', encoding='utf-8') as empty:
            empty.write('{}')
    subprocess.run(['cp', 'tests/data/oops/6.1-lsm.txt', work + '/crash.txt'], check=True)
    for example in examples:
        if '--kernel' in example.replace('\\-', '-') or 'vmlinuz-' in example:
            continue  # boots a machine: tests/vm/test-kernel.sh
        words = shlex.split(example.replace('\\-', '-'))[1:]
        words = words[:words.index('>')] if '>' in words else words
        words = words[:words.index('||')] if '||' in words else words
        if not any(word.startswith('--core') for word in words):
            words.append('--core=' + core)
        answer = run(os.path.abspath(build), [core if w == 'vmcore' else w.replace('=vmcore', '=' + core)
                                              for w in words], cwd=work)
        tell(answer.returncode not in (64, 70) and answer.returncode >= 0,
             f'the example: {example}', answer.stderr.decode()[:200])
    has = {word for example in examples for word in example.split()}
    same('examples of every verb', verbs, has & set(verbs), 'kwcheck(8)')


def check_readme(build, work):
    """README.md: every library of the build, and its lines of examples are no usage error."""
    with open('README.md', encoding='utf-8') as file:
        page = file.read()
    wanted = {word for word in subprocess.run(
        ['tests/deps.sh', '--list', 'build'], capture_output=True, text=True,
        check=True).stdout.split() if word.endswith('-dev') and word != 'libc6-dev'}
    named = set(re.search(r'^\| Debian, Ubuntu \|(.*)$', page, re.M).group(1).split()) - {'|'}
    same('the libraries', wanted, named, 'README.md')
    core = os.path.abspath(CAPTURES + '6.1.zst')
    for line in re.findall(r'^    kwcheck (.*)', page, re.M):
        words = [core if word.endswith(('vmcore', 'host.zst')) else word
                 for word in shlex.split(line.split('#')[0])]
        # Without --core, and with a file that is not there, this kernel may be asked: it is none.
        answer = run(build, words + ['--sysroot=/tmp'] if not any(
            word.startswith(('--core', '--kernel')) for word in words) else words, cwd=work)
        tell(answer.returncode not in (64, 70), f'README.md: kwcheck {line.split("#")[0].strip()}',
             answer.stderr.decode()[:200])


def main():
    build = os.path.abspath(sys.argv[1])
    os.chdir(TOP)
    with open('man/kwcheck-1.schema.json', encoding='utf-8') as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    check_words(schema)
    check_keys(schema)
    with tempfile.TemporaryDirectory() as work:
        check_outputs(schema, build, work)
        check_origins(build)
        check_examples(build, work)
        check_readme(build, work)
    return failed


sys.exit(main())
