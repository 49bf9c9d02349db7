import { curveCode, questionOf } from '../src/models/cellQuestion';
import { epsilonFor, errorAt, measuresOf, parseCurve } from '../src/models/planner';
import { rowId, TreeIndex } from '../src/models/tree';
import { usual } from '../src/models/usual';
import { scrolledTo, windowOf } from '../src/models/virtual';
import { onReviewKey } from '../src/review/keys';
import type { ISpending, IStudy } from '../src/tokens';

import { ACCOUNT, column, CURVE } from './lib';

describe('the question of a cell', () => {
  test.each([
    ['person.count_patients()', 'person.count_patients()'],
    ['a = 1\nperson.count_patients().release(epsilon=0.5)', 'person.count_patients()'],
    ['found = person.count_patients().release(within=3)', 'person.count_patients()'],
    ['q = person.groupby("x").agg(\n    n="patients",\n)\nq', 'q'],
    ['person.groupby("x").agg(\n    n="patients",\n).release()', 'person.groupby("x").agg(\n    n="patients",\n)'],
    ['# released later\nby_sex', 'by_sex'],
    ['s = "a # (b"\nby_sex', 'by_sex']
  ])('%j', (code, expression) => expect(questionOf(code)?.expression).toBe(expression));

  test.each(['', '# nothing', 'import os', 'for x in y:\n    pass\nprint(x)'])('%j holds none', code =>
    expect(questionOf(code)).toBeUndefined()
  );

  test('gets its release at the chosen price', () => {
    const call = '.release(epsilon=0.2)';
    expect(questionOf('x = q.release(epsilon=(1 + 1)).head()')?.withRelease(call)).toBe(`x = q${call}.head()`);
    expect(questionOf('by_sex\n')?.withRelease(call)).toBe(`by_sex${call}`);
  });

  test('is sent without its release', () => {
    expect(curveCode('by_sex')).toContain('.send((\nby_sex\n))');
  });
});

describe('the curve', () => {
  test('is read both ways', () => {
    expect(errorAt(CURVE.points, 'patients', 0.25)).toBeCloseTo(12);
    expect(epsilonFor(CURVE.points, 'patients', 12)).toBeCloseTo(0.25);
    expect(epsilonFor(CURVE.points, 'patients', 0.3)).toBeCloseTo(10);
    expect(epsilonFor(CURVE.points, 'nothing', 1)).toBeNaN();
    expect(epsilonFor(CURVE.points, 'patients', 0)).toBeNaN();
  });

  test('is checked before it is drawn', () => {
    expect(parseCurve(CURVE)).toBe(CURVE);
    expect(measuresOf(CURVE)).toEqual(['patients']);
    for (const value of [null, {}, { ...CURVE, points: [{}] }, { ...CURVE, mock: null }]) {
      expect(parseCurve(value)).toBeNull();
    }
  });
});

test('questions left are counted in what a question usually costs', () => {
  const spent = (...costs: string[]): ISpending[] =>
    costs.map(epsilon => ({ id: '', study: 'demo-hospital', user: '', route: 'dp', words: '', cost: { epsilon, delta: '0' }, created: '' }));
  expect(usual(ACCOUNT, [])).toBeUndefined();
  expect(usual(ACCOUNT, spent('1/2', '1/10', '1/2'))).toEqual({ epsilon: 0.5, questions: 19 });
  expect(usual({ ...ACCOUNT, epsilon: { ...ACCOUNT.epsilon, left: '1' } }, spent('0.1'))?.questions).toBe(10);
  expect(usual({ ...ACCOUNT, study: 'other' }, spent('1'))).toBeUndefined();
});

describe('a long list', () => {
  test('draws what is in view and a little more', () => {
    expect(windowOf(0, 240, 24, 5000)).toEqual({ first: 0, end: 18 });
    expect(windowOf(24_000, 240, 24, 5000)).toEqual({ first: 992, end: 1018 });
    expect(windowOf(1e9, 240, 24, 10).end).toBe(10);
  });

  test('scrolls no more than it must', () => {
    expect(scrolledTo(5, 0, 240, 24)).toBe(0);
    expect(scrolledTo(20, 0, 240, 24)).toBe(264);
    expect(scrolledTo(2, 240, 240, 24)).toBe(48);
  });
});

describe('a catalogue of 500 tables with 500 columns each', () => {
  const study: IStudy = {
    name: 'big',
    title: '',
    description: '',
    version: '1',
    synthetic: true,
    tables: Array.from({ length: 500 }, (_, t) => ({
      name: `table_${t}`,
      kind: 'event',
      patient_key: 'person_id',
      description: 'Rows',
      columns: Array.from({ length: 500 }, (__, c) => column(`column_${t}_${c}`, { description: 'A measured value' }))
    }))
  };
  const index = new TreeIndex([study]);

  test('filters within 100 ms a keystroke', () => {
    const spent: number[] = [];
    for (const word of 'measured value_4'.split('').map((_, i, all) => all.slice(0, i + 1).join(''))) {
      const before = performance.now();
      const rows = index.rows(word, new Set());
      rows.at(rows.length - 1);
      spent.push(Math.round(performance.now() - before));
    }
    // The slowest may fall into a pause of this busy machine; the typical one may not.
    expect(spent.sort((a, b) => a - b)[spent.length >> 1]).toBeLessThan(100);
  });

  test('opens everything and finds any row', () => {
    const open = new Set([rowId('big'), ...study.tables.map(({ name }) => rowId('big', name))]);
    const rows = index.rows('', open);
    expect(rows.length).toBe(1 + 500 + 500 * 500);
    const id = rowId('big', 'table_250', 'column_250_499');
    expect(rows.at(rows.indexOf(id))?.id).toBe(id);
    expect(rows.indexOf(rowId('big', 'table_250', 'nothing'))).toBe(-1);
  });
});

describe('the checker’s keys', () => {
  const mine = [{ mine: true }] as never;
  const items = [{ votes: mine }, { votes: [] }, { votes: mine }];
  test.each([
    ['j', 0, { do: 'go', index: 1 }],
    ['k', 0, undefined],
    ['ArrowDown', 2, undefined],
    ['n', 0, { do: 'go', index: 1 }],
    ['n', 1, { do: 'go', index: 1 }],
    ['a', 0, { do: 'approve' }],
    ['r', 0, { do: 'changes' }],
    ['x', 0, undefined]
  ])('%s at %i', (key, at, step) => expect(onReviewKey(key, at, items)).toEqual(step));
});
