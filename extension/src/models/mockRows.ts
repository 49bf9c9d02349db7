/**
 * Mock rows for the schema card: made from declarations and a seed, as the client's `frame.mock()` does.
 *
 * - No request is made for them: they cannot have seen a patient.
 */
import type { IColumn, ITable } from '../tokens';

export type MockValue = string | number | boolean | null;

const MISSING_RATE = 0.08;
const DAY_MS = 86_400_000;
const FIRST_DAY = Date.UTC(2010, 0, 1);
const DAYS = 5478;

/** Rows of the columns that are not blocked. */
export function mockRows(table: ITable, count: number, seed = 1): { columns: IColumn[]; rows: MockValue[][] } {
  const random = generator(seed);
  const columns = table.columns.filter(({ blocked }) => !blocked);
  const rows = Array.from({ length: count }, (_, row) =>
    columns.map(column => (column.name === table.patient_key ? row + 1 : value(column, random)))
  );
  return { columns, rows };
}

function value(column: IColumn, random: () => number): MockValue {
  if (column.nullable && random() < MISSING_RATE) {
    return null;
  }
  if (column.categories && column.categories.length > 0) {
    return column.categories[Math.floor(random() * column.categories.length)].value;
  }
  switch (column.type) {
    case 'boolean':
      return random() < 0.5;
    case 'date':
    case 'datetime':
      return day(column, random);
    case 'string':
      return `text ${Math.floor(random() * 100)}`;
    default:
      return number(column, random);
  }
}

function number({ type, lower, upper }: IColumn, random: () => number): number {
  const low = typeof lower === 'number' ? lower : 0;
  const high = typeof upper === 'number' ? upper : low + 100;
  const drawn = low + random() * (high - low);
  return type === 'integer' ? Math.round(drawn) : Number(drawn.toPrecision(4));
}

function day({ type, lower, upper }: IColumn, random: () => number): string {
  const first = Date.parse(String(lower ?? '')) || FIRST_DAY;
  const last = Date.parse(String(upper ?? '')) || FIRST_DAY + DAYS * DAY_MS;
  const drawn = new Date(first + random() * (last - first)).toISOString();
  return type === 'date' ? drawn.slice(0, 10) : drawn.slice(0, 19);
}

/** Mulberry32: small, seeded, and no secret is drawn from it. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
