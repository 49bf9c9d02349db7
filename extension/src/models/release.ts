/**
 * A release as the page shows it: columns by role, cells with their error and their reason to be masked.
 *
 * - The payload may come from a saved file, so its shape is checked before anything is shown.
 * - A column whose role is not known here is left out of table and chart; the statement's own rows keep it.
 */
import type { Cell, IConceptLabels, IReleaseColumn, IStatement } from '../tokens';

export interface IValueCell {
  value: Cell;
  error: number | null;
  /** Both ends of an interval that is given as such. */
  low: number | null;
  high: number | null;
  /** Why there is no value; empty when there is one. */
  masked: string;
}

export interface IReleaseRow {
  /** Keys as people read them: a coded one by its declared meaning. */
  keys: Cell[];
  /** The code behind a key that is shown by its meaning; null where the key is shown as it is. */
  codes: Cell[];
  values: IValueCell[];
}

export interface IReleaseTable {
  keys: IReleaseColumn[];
  values: IReleaseColumn[];
  rows: IReleaseRow[];
}

/** The statement of a payload, or null when it is not one. */
export function parseRelease(payload: unknown): IStatement | null {
  const statement = (payload as { statement?: Partial<IStatement> } | null)?.statement;
  const isRelease =
    typeof statement?.id === 'string' &&
    (statement.route === 'dp' || statement.route === 'sdc') &&
    Array.isArray(statement.columns) &&
    Array.isArray(statement.rows) &&
    statement.rows.every(row => Array.isArray(row));
  return isRelease ? (statement as IStatement) : null;
}

export type Labels = (column: string) => IConceptLabels | undefined;

/** Rows regrouped by the roles of their columns; coded keys get their declared meaning where `labels` knows it. */
export function toTable(statement: IStatement, labels: Labels = () => undefined): IReleaseTable {
  const { columns } = statement;
  const keys = columns.filter(column => column.role === 'key');
  const values = columns.filter(column => column.role === 'value');
  const meanings = keys.map(({ name }) => labels(name));
  const at = keys.map(column => columns.indexOf(column));
  const cells = values.map(column => companions(columns, column));
  const rows = statement.rows.map(row => {
    const raw = at.map(place => row[place] ?? null);
    const found = raw.map((key, index) => meaning(key, meanings[index]));
    return {
      keys: raw.map((key, index) => found[index] ?? key),
      codes: raw.map((key, index) => (found[index] === undefined ? null : key)),
      values: cells.map(read => read(row))
    };
  });
  return { keys, values, rows };
}

function companions(columns: IReleaseColumn[], column: IReleaseColumn): (row: Cell[]) => IValueCell {
  const place = columns.indexOf(column);
  const of = (role: string) => columns.findIndex(other => other.role === role && other.of === column.name);
  const [error, low, high, status] = [of('error'), of('low'), of('high'), of('status')];
  return row => ({
    value: row[place] ?? null,
    error: asNumber(row[error]),
    low: asNumber(row[low]),
    high: asNumber(row[high]),
    masked: asText((row[place] ?? null) === null ? row[status] : null)
  });
}

/** What a coded value means, as declared; undefined where nothing is declared for it. */
export function meaning(key: Cell | undefined, labels: IConceptLabels | undefined): string | undefined {
  return key === null || key === undefined ? undefined : labels?.get(String(key));
}

function asNumber(cell: Cell | undefined): number | null {
  return typeof cell === 'number' && Number.isFinite(cell) ? cell : null;
}

function asText(cell: Cell | undefined): string {
  return cell === null || cell === undefined ? '' : String(cell);
}

/** Both ends of a cell's error bar; null where it has none. */
export function interval({ value, error, low, high }: IValueCell): [number, number] | null {
  if (low !== null && high !== null) {
    return [low, high];
  }
  return typeof value === 'number' && error !== null ? [value - error, value + error] : null;
}

/** A key in words: several are joined, a missing one is a dash. */
export function keyText(keys: Cell[]): string {
  return keys.map(key => (key === null ? '—' : String(key))).join(' · ');
}

/** What stands behind a row's meanings, for a hover; undefined where every key is shown as it is. */
export function codeText(codes: Cell[]): string | undefined {
  const known = codes.filter(code => code !== null);
  return known.length > 0 ? known.map(String).join(' · ') : undefined;
}

/** A number with the digits that its error leaves meaningful. */
export function formatValue(cell: Cell, error: number | null): string {
  if (typeof cell !== 'number') {
    return cell === null ? '' : String(cell);
  }
  return cell.toLocaleString(undefined, digits(cell, error));
}

/** An error with two significant digits. */
export function formatError(error: number): string {
  return error.toLocaleString(undefined, { maximumSignificantDigits: 2 });
}

function digits(value: number, error: number | null): Intl.NumberFormatOptions {
  if (Number.isInteger(value)) {
    return {};
  }
  if (!error) {
    return { maximumSignificantDigits: 6 };
  }
  const places = Math.min(8, Math.max(0, 1 - Math.floor(Math.log10(Math.abs(error)))));
  return { minimumFractionDigits: places, maximumFractionDigits: places };
}

/** The table as text for a spreadsheet: tabs between cells, errors and reasons in cells of their own. */
export function toTsv({ keys, values, rows }: IReleaseTable): string {
  const head = [...keys.map(key => key.name), ...values.flatMap(({ name }) => [name, `${name} ±`, `${name} masked`])];
  const lines = rows.map(row => [
    ...row.keys,
    ...row.values.flatMap(({ value, error, masked }) => [value, error, masked])
  ]);
  return [head, ...lines].map(line => line.map(cellText).join('\t')).join('\n');
}

/** A spreadsheet would run a text that begins like a formula. */
function cellText(cell: Cell): string {
  const text = cell === null ? '' : String(cell).replace(/[\t\r\n]+/g, ' ');
  return typeof cell === 'string' && /^[=+\-@]/.test(text) ? `'${text}` : text;
}
