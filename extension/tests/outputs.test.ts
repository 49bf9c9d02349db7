import { webcrypto } from 'crypto';
import { TextDecoder, TextEncoder } from 'util';

import { atStart, chartKinds, mainColumn } from '../src/models/chart';
import { conceptCode } from '../src/models/concepts';
import { joinsOf, layoutBoxes } from '../src/models/joins';
import { labelsOf } from '../src/models/labels';
import { mockRows } from '../src/models/mockRows';
import { bandPaths, linePaths, plot, ratioTicks, ticks } from '../src/models/plot';
import { provenance } from '../src/models/provenance';
import { waysOut } from '../src/models/refusal';
import { toTable, toTsv } from '../src/models/release';
import { checkSignature, preAuthenticationEncoding, same } from '../src/models/signature';
import type { Cell, IStatement } from '../src/tokens';

import { STATEMENT, STUDY } from './lib';

Object.assign(globalThis, { TextDecoder, TextEncoder });
Object.defineProperty(globalThis, 'crypto', { value: webcrypto });

function table(keys: string[], value: string, rows: Cell[][]) {
  const columns = [
    ...keys.map(name => ({ name, type: 'string', role: 'key' })),
    { name: value, type: 'float', role: 'value' },
    { name: 'e', type: 'float', role: 'error', of: value },
    { name: 's', type: 'string', role: 'status', of: value }
  ];
  return toTable({ ...STATEMENT, columns, rows } as IStatement);
}

const years = (value = 'n') => table(['year'], value, [2019, 2020, 2021, 2022, 2023].map((year, i) => [year, i + 1, 0.5, null]));

describe('charts', () => {
  test.each([
    [years(), 'line'],
    [years('survival'), 'survival'],
    [table(['age'], 'n', [['[0, 10)', 1, 1, null], ['[10, 20)', 2, 1, null]]), 'histogram'],
    [table(['sex'], 'odds_ratio', [['F', 1, 0.1, null], ['M', 2, 0.1, null]]), 'forest'],
    [table(['sex', 'town'], 'n', [['F', 'A', 1, 1, null], ['F', 'B', 2, 1, null], ['M', 'A', 3, 1, null], ['M', 'B', 4, 1, null]]), 'heatmap'],
    [table(['sex'], 'n', [['F', 1, 1, null], ['M', 2, 1, null]]), 'bar']
  ])('case %# suits %s', (made, kind) => expect(chartKinds(made)[0]).toBe(kind));

  test('a masked point breaks the line instead of being drawn through', () => {
    const rows: Cell[][] = [[1, 5, 1, null], [2, 6, 1, null], [3, null, null, 'too few'], [4, 7, 1, null]];
    const { points } = plot(table(['t'], 'n', rows), 0, true);
    expect(points).toHaveLength(3);
    expect(linePaths(points, false)).toHaveLength(2);
    expect(bandPaths(points, true)).toHaveLength(2);
  });

  test('a survival curve is of the survival, not of the number at risk, and starts at one', () => {
    const columns = ['at_risk', 'survival'].map(name => ({ name, type: 'float', role: 'value' }));
    const rows = [[20, 599, 0.9], [40, 598, 0.5], [60, 10, 0.2]];
    const curve = toTable({ ...STATEMENT, columns: [{ name: 'time', type: 'float', role: 'key' }, ...columns], rows } as IStatement);
    const column = mainColumn(curve, 'survival');
    expect(curve.values[column].name).toBe('survival');
    const { points } = plot(curve, column, true, atStart('survival'));
    expect(points.map(({ value }) => value)).toEqual([1, 0.9, 0.5, 0.2]);
    expect(points[0].x).toBeLessThan(points[1].x);
    expect([atStart('incidence'), atStart('patients')]).toEqual([0, undefined]);
  });

  test('an axis of ratios has few round ticks, however long it is', () => {
    expect(ratioTicks(0.2, 4.5)).toEqual([0.25, 0.5, 1, 2, 4]);
    expect(ratioTicks(0.8, 2400)).toEqual([1, 10, 100, 1000]);
    expect(ratioTicks(30, 400)).toEqual([50, 100, 200]);
  });

  test('ticks are round and cover the span', () => {
    expect(ticks(0, 97)).toEqual([0, 20, 40, 60, 80]);
    expect(ticks(2019, 2023)).toEqual([2019, 2020, 2021, 2022, 2023]);
    expect(ticks(5, 5)).toEqual([5]);
  });
});

test('a copied table holds errors and reasons, and no formula', () => {
  const tsv = toTsv(table(['k'], 'n', [['=1+1', 5, 1, null], ['b', null, null, 'too few']]));
  expect(tsv.split('\n')).toEqual(['k\tn\tn ±\tn masked', "'=1+1\t5\t1\t", 'b\t\t\ttoo few']);
});

test('coded keys get their declared meaning', () => {
  const labels = labelsOf([STUDY], 'demo-hospital', 'gender');
  const columns = [{ name: 'gender', type: 'string', role: 'key' }, { name: 'n', type: 'integer', role: 'value' }];
  const shown = toTable({ ...STATEMENT, columns, rows: [['F', 1], ['X', 2]] }, () => labels);
  expect(shown.rows.map(({ keys }) => keys[0])).toEqual(['female', 'X']);
  expect(shown.rows.map(({ codes }) => codes[0])).toEqual(['F', null]);
});

describe('a signature', () => {
  const statement = { id: 'r1', rows: [[1, 2.5, 'é']], nested: { b: 1, a: 2 } };

  async function sealed(predicate: unknown) {
    const { publicKey, privateKey } = (await webcrypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair;
    const payload = new TextEncoder().encode(JSON.stringify({ predicate }));
    const type = 'application/vnd.in-toto+json';
    const sig = await webcrypto.subtle.sign('Ed25519', privateKey, preAuthenticationEncoding(type, payload));
    const text = (bytes: ArrayBuffer | Uint8Array) => Buffer.from(bytes as Uint8Array).toString('base64');
    const key = text(await webcrypto.subtle.exportKey('raw', publicKey));
    return { key, envelope: { payload: text(payload), payloadType: type, signatures: [{ sig: text(sig) }] } };
  }

  test('holds for exactly what was signed, whatever the order of keys', async () => {
    const { key, envelope } = await sealed({ nested: { a: 2, b: 1 }, rows: statement.rows, id: 'r1' });
    expect(await checkSignature(statement, envelope, key)).toBe('valid');
  });

  test.each([
    ['another number', { ...statement, rows: [[1, 2.6, 'é']] }],
    ['a further field', { ...statement, extra: 1 }],
    ['a missing field', { id: 'r1' }]
  ])('%s is not what was signed', async (_, shown) => {
    const { key, envelope } = await sealed(statement);
    expect(await checkSignature(shown, envelope, key)).toBe('invalid');
  });

  test('of another key, or over a changed payload, does not hold', async () => {
    const one = await sealed(statement);
    const other = await sealed(statement);
    expect(await checkSignature(statement, one.envelope, other.key)).toBe('invalid');
    expect(await checkSignature(statement, { ...one.envelope, payloadType: 'x' }, one.key)).toBe('invalid');
  });

  test('without an envelope nothing is claimed', async () => {
    expect(await checkSignature(statement, undefined, 'AAAA')).toBe('unknown');
    expect(same([1], { 0: 1 })).toBe(false);
  });
});

describe('provenance', () => {
  const OWN = 'application/vnd.kernel-guard.';
  const output = (zone: string | null, data: Record<string, unknown> = {}, releases: string[] = []) => ({
    output_type: 'display_data',
    data,
    metadata: zone ? { kernel_guard: { zone, releases } } : {}
  });
  const release = output('release', { [`${OWN}release+json`]: {} }, ['r1']);

  test.each([
    [[], 'none'],
    [[release], 'released'],
    [[release, output('open', {}, ['r1', 'r2'])], 'open'],
    [[{ output_type: 'stream' }], 'open'],
    [[output('open', { 'text/plain': 'MOCK rows, made from the schema alone\n 1' })], 'mock'],
    [[release, output(null)], 'unlabelled'],
    [[release, output('withheld', { [`${OWN}withheld+json`]: {} })], 'withheld'],
    [[output('notice', { [`${OWN}notice+json`]: {} })], 'none'],
    [[output('open', { [`${OWN}release+json`]: {} })], 'unlabelled']
  ])('case %#', (outputs, zone) => expect(provenance(outputs).zone).toBe(zone));

  test('names each release once', () => {
    expect(provenance([release, output('open', {}, ['r1', 'r2'])]).releases).toEqual(['r1', 'r2']);
  });
});

test('a refusal’s ways out insert this page’s own code, whatever the kernel says', () => {
  const evalue = 'Too close.\n→ error.repairs[0].apply(): Ask with DP; error.repairs[1].apply(): evil(); x';
  expect(waysOut([{ output_type: 'error', evalue } as never])).toEqual([
    { text: 'Ask with DP', code: 'import sys\n\nsys.last_value.repairs[0].apply()' },
    { text: 'evil()', code: 'import sys\n\nsys.last_value.repairs[1].apply()' }
  ]);
  expect(waysOut([{ output_type: 'stream' }])).toEqual([]);
});

describe('the schema', () => {
  test('joins on the patient key, and by columns that another table names', () => {
    expect(joinsOf(STUDY)).toEqual([{ from: 'measurement', to: 'person', on: 'person_id', patient: true }]);
    const boxes = layoutBoxes(joinsOf(STUDY), 12);
    expect(new Set(boxes.map(({ x, y }) => `${x},${y}`)).size).toBe(boxes.length);
  });

  test('makes the same mock rows of the same seed, within what was declared', () => {
    const [person] = STUDY.tables;
    const { columns, rows } = mockRows(person, 50, 7);
    expect(columns.map(({ name }) => name)).not.toContain('name');
    expect(rows).toEqual(mockRows(person, 50, 7).rows);
    const year = columns.findIndex(({ name }) => name === 'year_of_birth');
    for (const row of rows.filter(cells => cells[year] !== null)) {
      expect(row[year]).toBeGreaterThanOrEqual(1900);
      expect(row[year]).toBeLessThanOrEqual(2025);
    }
  });

  test('a code’s name cannot leave its comment', () => {
    const concept = { concept_id: 1, concept_name: 'a\nimport os', domain_id: '', vocabulary_id: '', concept_code: '', descendants: 0 };
    expect(conceptCode([concept])).toBe('1  # a import os');
    expect(conceptCode([concept, concept]).split('\n')).toHaveLength(4);
  });
});
