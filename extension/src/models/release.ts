/**
 * A release as the page shows it: columns by role, cells with their error and their reason to be masked.
 *
 * - The payload may come from a saved file, so its shape is checked before anything is shown.
 */
import type { Cell, IReleaseColumn, IStatement } from '../tokens';

export interface IValueCell {
  value: Cell;
  error: number | null;
  /** Why there is no value; empty when there is one. */
  masked: string;
}

export interface IReleaseRow {
  keys: Cell[];
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

/** Rows regrouped by the roles of their columns. */
export function toTable(statement: IStatement): IReleaseTable {
  const { columns } = statement;
  const keys = columns.filter(column => column.role === 'key');
  const values = columns.filter(column => column.role === 'value');
  const companion = (name: string, role: string) =>
    columns.findIndex(column => column.role === role && column.of === name);
  const rows = statement.rows.map(row => ({
    keys: keys.map(column => row[columns.indexOf(column)] ?? null),
    values: values.map(column => ({
      value: row[columns.indexOf(column)] ?? null,
      error: asNumber(row[companion(column.name, 'error')]),
      masked: asText(row[columns.indexOf(column)] === null ? row[companion(column.name, 'status')] : null)
    }))
  }));
  return { keys, values, rows };
}

function asNumber(cell: Cell | undefined): number | null {
  return typeof cell === 'number' && Number.isFinite(cell) ? cell : null;
}

function asText(cell: Cell | undefined): string {
  return cell === null || cell === undefined ? '' : String(cell);
}

/** A key in words: several are joined, a missing one is a dash. */
export function keyText(keys: Cell[]): string {
  return keys.map(key => (key === null ? '—' : String(key))).join(' · ');
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
