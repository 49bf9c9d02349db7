/**
 * Geometry of the bar chart: numbers in, positions in per cent out.
 *
 * - Zero is always on the axis, and the axis is as long as the longest error bar.
 */
import { IReleaseTable, keyText } from './release';

/** More bars than this are a page to scroll, not a chart to read. */
export const MAX_BARS = 30;

export interface IBar {
  label: string;
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

/** Is there something to compare: at least one key, not too many rows, and a number. */
export function hasChart(table: IReleaseTable): boolean {
  const { keys, rows, values } = table;
  const some = values.some((_, index) => rows.some(row => typeof row.values[index].value === 'number'));
  return keys.length > 0 && rows.length > 1 && rows.length <= MAX_BARS && some;
}

/** Bars of one value column. */
export function layout(table: IReleaseTable, column: number): IChart {
  const cells = table.rows.map(row => row.values[column]);
  const spans = cells.flatMap(({ value, error }) =>
    typeof value === 'number' ? [value - (error ?? 0), value + (error ?? 0)] : []
  );
  const low = Math.min(0, ...spans);
  const high = Math.max(0, ...spans);
  const scale = (x: number) => (high === low ? 0 : ((x - low) / (high - low)) * 100);
  const bars = table.rows.map(({ keys }, index) => {
    const { value, error, masked } = cells[index];
    const at = typeof value === 'number' ? value : 0;
    return {
      label: keyText(keys),
      value: typeof value === 'number' ? value : null,
      error,
      masked,
      x: scale(Math.min(0, at)),
      width: scale(Math.max(0, at)) - scale(Math.min(0, at)),
      low: scale(at - (error ?? 0)),
      high: scale(at + (error ?? 0))
    };
  });
  return { bars, zero: scale(0) };
}
