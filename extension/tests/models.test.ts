import { formatAmount, isLow, shareLeft, toNumber } from '../src/models/amounts';
import { hasChart, layout } from '../src/models/chart';
import { Fetched } from '../src/models/fetched';
import { isMismatch } from '../src/models/handshake';
import { describe as describeLevel } from '../src/models/level';
import { onKey } from '../src/models/navigation';
import { formatError, formatValue, parseRelease, toTable } from '../src/models/release';
import { snippet } from '../src/models/snippet';
import { type IRow, rowId, TreeIndex } from '../src/models/tree';
import type { IStatus } from '../src/tokens';
import { VERSION } from '../src/version';
import pkg from '../package.json';

import { STATEMENT, STUDY, trans } from './lib';

test('the version that the handshake compares is the package’s', () => {
  expect(VERSION).toBe(pkg.version);
});

test('an installed server must match, an uninstalled source tree is not asked', () => {
  expect(isMismatch('0.1.0', '0.2.0')).toBe(true);
  expect(isMismatch('0.1.0', '0.1.0')).toBe(false);
  expect(isMismatch('0.1.0', '')).toBe(false);
});

describe('amounts', () => {
  test.each([
    ['1/2', 0.5],
    ['10', 10],
    ['9.5', 9.5],
    ['1e-6', 1e-6]
  ])('%s is read exactly', (text, value) => expect(toNumber(text)).toBe(value));

  test('what is no number is shown as it is', () => expect(formatAmount('plenty')).toBe('plenty'));

  test.each([
    ['1/3', '0.333'],
    ['19/2', '9.5'],
    ['10', '10'],
    ['1/1000000', '1.0e-6'],
    ['0', '0']
  ])('%s is shown as %s', (text, shown) => expect(formatAmount(text)).toBe(shown));

  test('less than a tenth of the grant is low, and so is no grant', () => {
    const amount = { granted: '10', spent: '9', reserved: '0', left: '1' };
    expect(isLow(amount)).toBe(false);
    expect(isLow({ ...amount, left: '0.9' })).toBe(true);
    expect(shareLeft({ ...amount, granted: '0', left: '0' })).toBe(0);
  });
});

describe('snippets', () => {
  test('name study, table and column', () => {
    expect(snippet({ study: 'demo' })).toBe('study = kg.open("demo")');
    expect(snippet({ study: 'demo', table: 'person' })).toBe('study["person"]');
    expect(snippet({ study: 'demo', table: 'person', column: 'year' }, 's')).toBe('s["person"]["year"]');
  });

  test('a name cannot break out of its quotes', () => {
    expect(snippet({ study: 'd', table: 'a"]; import os #' })).toBe('study["a\\"]; import os #"]');
  });
});

const visible = (query: string, ...open: string[]): IRow[] => {
  const rows = new TreeIndex([STUDY]).rows(query, new Set(open));
  return Array.from({ length: rows.length }, (_, index) => rows.at(index) as IRow);
};

describe('the tree', () => {
  const names = (query: string, ...open: string[]) =>
    visible(query, ...open).map(row => row.column?.name ?? row.table?.name ?? row.study.name);

  test('opens what is expanded', () => {
    expect(names('')).toEqual(['demo-hospital']);
    expect(names('', rowId('demo-hospital'))).toEqual(['demo-hospital', 'person', 'measurement']);
    expect(names('', rowId('demo-hospital'), rowId('demo-hospital', 'measurement'))).toEqual([
      'demo-hospital',
      'person',
      'measurement',
      'person_id',
      'value'
    ]);
  });

  test('a search shows matching columns with their ancestors', () => {
    expect(names('birth')).toEqual(['demo-hospital', 'person', 'year_of_birth']);
    expect(names('MMOL')).toEqual(['demo-hospital', 'measurement', 'value']);
    expect(names('person birth')).toEqual(['demo-hospital', 'person', 'year_of_birth']);
    expect(names('nowhere')).toEqual([]);
  });

  test('a table found by name or description stays closed until asked', () => {
    expect(names('measurement')).toEqual(['demo-hospital', 'measurement']);
    expect(names('laboratory')).toEqual(['demo-hospital', 'measurement']);
    expect(names('laboratory', rowId('demo-hospital', 'measurement'))).toHaveLength(4);
  });

  test('counts siblings for a screen reader', () => {
    const rows = visible('', rowId('demo-hospital'));
    expect(rows[2]).toMatchObject({ level: 2, position: 2, siblings: 2, parent: rows[0].id });
  });
});

describe('keys', () => {
  const open = [rowId('demo-hospital'), rowId('demo-hospital', 'person')];
  const rows = new TreeIndex([STUDY]).rows('', new Set(open));
  const [study, person, firstColumn] = [0, 1, 2].map(index => rows.at(index) as IRow);
  const last = rows.at(rows.length - 1) as IRow;
  expect(rows.at(rows.length)).toBeUndefined();

  test.each([
    ['ArrowDown', study, { do: 'focus', id: person.id }],
    ['ArrowUp', person, { do: 'focus', id: study.id }],
    ['ArrowRight', person, { do: 'focus', id: firstColumn.id }],
    ['ArrowRight', last, { do: 'toggle', id: last.id }],
    ['ArrowLeft', person, { do: 'toggle', id: person.id }],
    ['ArrowLeft', firstColumn, { do: 'focus', id: person.id }],
    ['Home', last, { do: 'focus', id: study.id }],
    ['End', study, { do: 'focus', id: last.id }],
    [' ', last, { do: 'toggle', id: last.id }],
    ['Enter', firstColumn, { do: 'insert', row: firstColumn }],
    ['PageDown', study, { do: 'focus', id: last.id }],
    ['PageUp', last, { do: 'focus', id: study.id }],
    ['ArrowRight', firstColumn, undefined],
    [' ', firstColumn, undefined],
    ['ArrowUp', study, undefined],
    ['ArrowDown', last, undefined],
    ['a', study, undefined]
  ])('%s', (key, row, step) => expect(onKey(key, rows, row.id)).toEqual(step));
});

describe('a release', () => {
  test('is checked before it is shown', () => {
    expect(parseRelease({ statement: STATEMENT })).toBe(STATEMENT);
    for (const payload of [null, {}, 'text', { statement: {} }, { statement: { ...STATEMENT, route: 'x' } }]) {
      expect(parseRelease(payload)).toBeNull();
    }
    expect(parseRelease({ statement: { ...STATEMENT, rows: ['x'] } })).toBeNull();
  });

  test('is regrouped by the roles of its columns', () => {
    const table = toTable(STATEMENT);
    expect(table.keys.map(key => key.name)).toEqual(['hospital']);
    expect(table.rows[0]).toEqual({
      keys: ['North'],
      codes: [null],
      values: [{ value: 5.4321, error: 0.25, low: null, high: null, masked: '' }]
    });
    expect(table.rows[2].values[0]).toMatchObject({ value: null, masked: 'fewer than 10 patients' });
  });

  test('shows the digits that its error leaves', () => {
    expect(formatValue(5.4321, 0.25)).toBe('5.43');
    expect(formatValue(1234.5678, 12.3)).toBe('1,235');
    expect(formatValue(20000, 3.2)).toBe('20,000');
    expect(formatValue(0.123456789, null)).toBe('0.123457');
    expect(formatError(0.2468)).toBe('0.25');
    expect(formatValue('text', null)).toBe('text');
  });

  test('has a chart when there is something to compare', () => {
    expect(hasChart(toTable(STATEMENT))).toBe(true);
    expect(hasChart(toTable({ ...STATEMENT, rows: STATEMENT.rows.slice(0, 1) }))).toBe(false);
    expect(hasChart(toTable({ ...STATEMENT, columns: STATEMENT.columns.slice(1) }))).toBe(false);
    const masked = [STATEMENT.rows[2], STATEMENT.rows[2]];
    expect(hasChart(toTable({ ...STATEMENT, rows: masked }))).toBe(false);
  });

  test('keeps zero and every error bar inside its chart', () => {
    const { bars, zero } = layout(toTable(STATEMENT), 0);
    for (const bar of bars) {
      for (const x of [bar.x, bar.x + bar.width, bar.low, bar.high, zero]) {
        expect(x).toBeGreaterThanOrEqual(-1e-9);
        expect(x).toBeLessThanOrEqual(100 + 1e-9);
      }
    }
    expect(bars[0].x).toBeCloseTo(zero);
    expect(bars[1].x + bars[1].width).toBeCloseTo(zero);
    expect(bars[1].low).toBeCloseTo(0);
    expect(bars[2].value).toBeNull();
  });
});

describe('fetched', () => {
  test('asks once for requests at the same time, and tells', async () => {
    const fetch = jest.fn().mockResolvedValue(1);
    const fetched = new Fetched<number>(fetch);
    const seen = jest.fn();
    fetched.changed.connect(seen);
    await Promise.all([fetched.refresh(), fetched.refresh()]);
    expect(fetch).toHaveBeenCalledTimes(1);
    expect(seen).toHaveBeenCalledTimes(1);
    await fetched.refresh();
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  test('keeps the last answer beside an error', async () => {
    const fetch = jest.fn().mockResolvedValueOnce(1).mockRejectedValueOnce({ code: 'c', message: 'm', hint: 'h' });
    const fetched = new Fetched<number>(fetch);
    await fetched.refresh();
    await fetched.refresh();
    expect(fetched.value).toBe(1);
    expect(fetched.error).toEqual({ code: 'c', message: 'm', hint: 'h' });
  });
});

describe('the level', () => {
  const status: IStatus = {
    version: VERSION,
    vault: { state: 'up', synthetic_only: false },
    guard: { level: 'G4' }
  };
  const down = { ...status, vault: { state: 'down' as const, synthetic_only: false } };
  const mock = { ...status, vault: { state: 'up' as const, synthetic_only: true } };

  test.each([
    [status, 'kernel-guard', 'Guarded G4', false],
    [status, null, 'Guarded G4', false],
    [status, 'python3', 'Not guarded', true],
    [down, 'kernel-guard', 'Vault down', true],
    [mock, 'kernel-guard', 'Guarded G4 · synthetic data only', false],
    [{ ...status, guard: { level: 'G0' } }, null, 'Guarded G0', true]
  ])('case %#', (value, kernel, text, warning) => {
    expect(describeLevel(value, undefined, kernel, trans)).toMatchObject({ text, warning });
  });

  test('a server without a guard is said to be one', () => {
    const error = { code: 'not_guarded', message: 'No guard.', hint: '' };
    expect(describeLevel(undefined, error, null, trans)).toMatchObject({ text: 'Not guarded', warning: true });
  });
});
