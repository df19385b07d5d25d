#!/usr/bin/env python3
"""Checks files that Ledgermesh hands out: proofs, evidence, exports, answers and index faults. Written from docs/FORMATS.md alone; needs the package `cryptography`.

    python3 check.py FILE ...     says valid, invalid or undecided of each; exit code 0: all valid, 1: not all
    python3 check.py -            reads file names from standard input, one a line, and answers with a line for each
"""
import sys

from answer import check_answer
from ed25519 import Signatures
from evidence import check_evidence
from fault import check_fault
from files import check_export, check_proof, is_export_head, lines_of
from lmx1 import check_index
from strict_json import strict
from verdict import Invalid, Newer


def check(data):
    """(verdict, reason). Undecided: a newer version, or a signature that ZIP 215 takes and the library here does not."""
    signatures = Signatures()
    try:
        what = _check(data, signatures)
    except Invalid as error:
        return 'invalid', str(error)
    except Newer as error:
        return 'undecided', f'made by a newer version: {error}'
    if signatures.undecided:
        return 'undecided', f'{what}, if a signature that only ZIP 215 accepts is accepted'
    return 'valid', what


def _check(data, signatures):
    lines = lines_of(data)
    if lines and is_export_head(_try(lines[0])):
        return f'an export of {check_export(lines, signatures)} entries'
    value = _try(data)
    if isinstance(value, dict) and 'kind' in value:
        frozen_at = check_evidence(data.removesuffix(b'\n'), signatures)
        return f"evidence ({value['kind']}): frozen at {frozen_at} entries"
    if isinstance(value, dict) and 'path' in value:
        return f"entry {value.get('seq')} is among the first {check_proof(data, signatures)} entries"
    if isinstance(value, dict) and 'parts' in value:
        return f'an answer of {check_answer(data, signatures)} entries'
    if isinstance(value, dict) and 'fault' in value:
        return 'an index fault ({}): the index is over {} entries'.format(*check_fault(data.removesuffix(b'\n'), signatures))
    if isinstance(value, dict) and 'proofs' in value:
        return f'an index of {check_index(data)} entries'
    raise Invalid('neither a proof, nor evidence, nor an export, nor an answer, nor an index fault')


def _try(data):
    try:
        return strict(data)
    except Invalid:
        return None


def main(names):
    if names == ['-']:
        for name in sys.stdin:
            print(*_of(name.rstrip('\n')), flush=True)
        return 0
    verdicts = [(name, *_of(name)) for name in names]
    for name, verdict, reason in verdicts:
        print(f'{name}: {verdict}: {reason}')
    return 0 if verdicts and all(verdict == 'valid' for _, verdict, _ in verdicts) else 1


def _of(name):
    with open(name, 'rb') as file:
        return check(file.read())


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
