import * as React from 'react';

import { ChooseItems, type IChoice } from '../src/components/review/ChooseItems';
import { candidatesOf, codeItem, type ICellLike, NUMBERS } from '../src/review/candidates';
import { cleanOnes, groupOf } from '../src/review/keys';

import { act, render, STATEMENT, trans } from './lib';

const LABEL = { zone: 'open', releases: ['r1', 'r2'], numbers_sha256: 'd', signature: 's', keyid: 'k' };
const table = { kind: 'table', content: { columns: [{ name: 'n', type: 'integer' }], rows: [[120]] } };

function code(source: string, data: Record<string, unknown>, label: Record<string, unknown> = LABEL): ICellLike {
  return { cell_type: 'code', source, outputs: [{ output_type: 'display_data', data, metadata: { kernel_guard: label } }] };
}

const CELLS: ICellLike[] = [
  { cell_type: 'markdown', source: ['## Sepsis by sex\n', 'Women and men.'] },
  code('query.release()', { 'application/vnd.kernel-guard.release+json': { statement: STATEMENT } }, { zone: 'release', releases: ['r1'] }),
  code('frame', { [NUMBERS]: table, 'text/html': '<table>' }),
  code('frame', { [NUMBERS]: table, 'text/html': '<table>' }, { ...LABEL, numbers_sha256: undefined }),
  code('mock', { 'text/html': '<table>', 'text/plain': 'MOCK rows, made from the schema alone\n…' }),
  code('picture', { 'image/png': 'AAAA', 'text/plain': '<Figure>' }),
  code('1 + 1', { 'text/plain': '2' })
];

describe('what of a notebook can leave', () => {
  const found = candidatesOf(CELLS);

  test('releases, sealed tables and text can be chosen; the rest says why not', () => {
    expect(found.map(({ kind, cell, why }) => [kind, cell, why])).toEqual([
      ['release', 1, undefined],
      ['table', 2, undefined],
      ['table', 3, 'unsealed'],
      ['output', 4, 'mock'],
      ['output', 5, 'no_numbers'],
      ['text', 0, undefined]
    ]);
    expect(found.filter(({ item }) => item).map(({ name }) => name)).toEqual([STATEMENT.words, 'Table 1', 'Sepsis by sex']);
  });

  test('a table goes with its numbers and the guard’s label, and knows how many releases may be behind it', () => {
    expect(found[1].item).toEqual({ kind: 'table', name: 'Table 1', content: table.content, seal: LABEL });
    expect(found[1].releases).toBe(2);
  });

  test('the code names what each cell showed', () => {
    const item = codeItem('analysis', 'python', CELLS, new Map([[2, ['i7']]]));
    expect((item.content.cells as { source: string; outputs: string[] }[]).slice(0, 2)).toEqual([
      { source: 'query.release()', outputs: [] },
      { source: 'frame', outputs: ['i7'] }
    ]);
  });

  test('results are ticked at first, and what cannot leave cannot be ticked', () => {
    let choice: IChoice | undefined;
    const host = render(<ChooseItems candidates={found} title="lesson" trans={trans} onChange={next => (choice = next)} />);
    expect([...choice!.chosen.keys()]).toEqual(['1.0', '2.0']);
    expect(choice).toMatchObject({ title: 'lesson', code: true, context: '' });
    const boxes = Array.from(host.querySelectorAll<HTMLInputElement>('li > input[type=checkbox]'));
    expect(boxes.map(({ disabled }) => disabled)).toEqual([false, false, true, true, true, false]);
    act(() => boxes[0].click());
    expect([...choice!.chosen.keys()]).toEqual(['2.0']);
    expect(host.textContent).toContain('not sealed by the guard');
  });
});

describe('what a checker approves at once', () => {
  const one = (id: string, severity: string, passed = false, mine = false) =>
    ({ id, passed, findings: severity ? [{ severity }] : [], votes: mine ? [{ mine }] : [] }) as never;
  const items = [one('a', 'stop'), one('b', 'note'), one('c', ''), one('d', '', false, true), one('e', '', true)];

  test('only what was looked at, without findings, and without an own vote', () => {
    expect(items.map(groupOf)).toEqual(['look', 'clean', 'clean', 'clean', 'passed']);
    expect(cleanOnes(items, new Set(['a', 'b', 'd', 'e'])).map(({ id }) => id)).toEqual(['b']);
  });
});
