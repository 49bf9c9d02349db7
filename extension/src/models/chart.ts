/**
 * Which charts suit a release, and the geometry of its bars: numbers in, positions in per cent out.
 *
 * - For bars zero is always on the axis, and the axis is as long as the longest error bar.
 */
import { codeText, interval, type IReleaseTable, keyText } from './release';

export type ChartKind = 'bar' | 'histogram' | 'line' | 'survival' | 'heatmap' | 'forest';

/** More bars than this are a page to scroll, not a chart to read. */
export const MAX_BARS = 30;
const MAX_POINTS = 2000;
const MAX_CELLS = 900;
const INTERVAL = /^\s*[[(<≥≤]?\s*-?[\d.]+\s*(,|–|to|-|\+)?/;
const RATIO = /(^|_)(or|rr|hr|irr|ratio)(_|$)|odds_ratio|risk_ratio|hazard/i;
const SURVIVAL = /surviv|kaplan|^incidence|event_free/i;

export interface IBar {
  label: string;
  /** The codes behind the label, where it is a meaning. */
  code: string | undefined;
  value: number | null;
  error: number | null;
  masked: string;
  /** Left edge and width of the bar, and both ends of its error bar, in per cent. */
  x: number;
  width: number;
  low: number;
  high: number;
}

export interface IChart {
  bars: IBar[];
  zero: number;
}

/** Is there something to compare: at least one key, more than one row, and a number. */
export function hasChart(table: IReleaseTable): boolean {
  return chartKinds(table).length > 0;
}

/** The charts that suit a table, the most telling one first. */
export function chartKinds(table: IReleaseTable): ChartKind[] {
  const { keys, rows, values } = table;
  const some = values.some((_, index) => rows.some(row => typeof row.values[index].value === 'number'));
  if (keys.length === 0 || rows.length < 2 || !some) {
    return [];
  }
  const kinds: ChartKind[] = [];
  const ordered = keys.length === 1 && isOrdered(table);
  const ranged = ordered && rows.every(({ keys: [key] }) => typeof key === 'string' && INTERVAL.test(key));
  const few = rows.length <= MAX_BARS;
  const add = (kind: ChartKind, suits: boolean) => suits && kinds.push(kind);
  add('survival', ordered && values.some(({ name }) => SURVIVAL.test(name)));
  add('forest', few && values.some(({ name }) => RATIO.test(name)));
  add('histogram', ranged && few);
  add('line', ordered && !ranged && rows.length > 3 && rows.length <= MAX_POINTS);
  add('heatmap', keys.length === 2 && rows.length > 3 && rows.length <= MAX_CELLS);
  add('bar', few);
  add('line', ordered && rows.length <= MAX_POINTS && !kinds.includes('line'));
  return kinds;
}

/** The value column that a chart is about: a survival curve's is not the number at risk beside it. */
export function mainColumn({ values }: IReleaseTable, kind: ChartKind): number {
  const wanted = kind === 'survival' ? SURVIVAL : kind === 'forest' ? RATIO : undefined;
  return Math.max(0, wanted ? values.findIndex(({ name }) => wanted.test(name)) : 0);
}

/** What a curve in steps is at time zero, by its definition; undefined for other numbers over time. */
export function atStart(name: string): number | undefined {
  return SURVIVAL.test(name) ? (/incidence/i.test(name) ? 0 : 1) : undefined;
}

/** Numbers, dates and ranges stand in an order; names do not. */
function isOrdered({ rows }: IReleaseTable): boolean {
  return rows.every(({ keys: [key] }) => typeof key === 'number' || (typeof key === 'string' && /^[[(<≥≤]?\s*-?\d/.test(key)));
}

/** Bars of one value column. */
export function layout(table: IReleaseTable, column: number): IChart {
  const cells = table.rows.map(row => row.values[column]);
  const spans = cells.flatMap(cell => (typeof cell.value === 'number' ? (interval(cell) ?? [cell.value, cell.value]) : []));
  const low = Math.min(0, ...spans);
  const high = Math.max(0, ...spans);
  const scale = (x: number) => (high === low ? 0 : ((x - low) / (high - low)) * 100);
  const bars = table.rows.map(({ keys, codes }, index) => {
    const { value, error, masked } = cells[index];
    const at = typeof value === 'number' ? value : 0;
    const ends = interval(cells[index]) ?? [at, at];
    return {
      label: keyText(keys),
      code: codeText(codes),
      value: typeof value === 'number' ? value : null,
      error: error ?? (ends[1] > ends[0] ? (ends[1] - ends[0]) / 2 : null),
      masked,
      x: scale(Math.min(0, at)),
      width: scale(Math.max(0, at)) - scale(Math.min(0, at)),
      low: scale(ends[0]),
      high: scale(ends[1])
    };
  });
  return { bars, zero: scale(0) };
}
