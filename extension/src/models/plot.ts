/**
 * Geometry of charts on two axes: points with error bars in a box of fixed size, and ticks that people read.
 *
 * - A masked point is left out and breaks the line: a line through it would say what was withheld.
 */
import { interval, type IReleaseRow, type IReleaseTable, keyText } from './release';

export const BOX = { width: 480, height: 260, left: 56, right: 12, top: 10, bottom: 34 };

/** About what a letter of a tick takes. */
const LETTER = 6.5;

export interface ITick {
  at: number;
  text: string;
}

export interface IPoint {
  x: number;
  y: number;
  low: number | null;
  high: number | null;
  label: string;
  value: number;
  /** Index of its run: points of one run are joined. */
  run: number;
}

export interface IPlot {
  points: IPoint[];
  xTicks: ITick[];
  yTicks: ITick[];
}

/** Points of one value column over its only key; `start` is what the value is at zero, where that is known without asking. */
export function plot(table: IReleaseTable, column: number, fromZero: boolean, start?: number): IPlot {
  const first = table.rows[0]?.keys[0];
  const rows = start !== undefined && typeof first === 'number' && first > 0 ? [known(start, table, column), ...table.rows] : table.rows;
  const keys = rows.map(({ keys: [key] }) => key);
  const numeric = keys.every(key => typeof key === 'number');
  const xs = keys.map((key, index) => (numeric ? (key as number) : index));
  const cells = rows.map(row => row.values[column]);
  const spans = cells.flatMap(cell => (typeof cell.value === 'number' ? (interval(cell) ?? [cell.value]) : []));
  const yScale = scaleOf(fromZero ? [0, ...spans] : spans, BOX.height - BOX.bottom, BOX.top);
  const xScale = scaleOf(xs, BOX.left + 8, BOX.width - BOX.right);
  let run = 0;
  const points: IPoint[] = [];
  cells.forEach((cell, index) => {
    if (typeof cell.value !== 'number') {
      run += 1;
      return;
    }
    const ends = interval(cell);
    const x = xScale(xs[index]);
    const label = keyText(rows[index].keys);
    const [low, high] = ends ? ends.map(yScale) : [null, null];
    points.push({ x, y: yScale(cell.value), low, high, label, value: cell.value, run });
  });
  const xTicks = numeric
    ? ticks(Math.min(...xs), Math.max(...xs)).map(value => ({ at: xScale(value), text: tickText(value) }))
    : spaced(keys.length, Math.max(...keys.map(key => String(key).length))).map(index => ({ at: xScale(index), text: String(keys[index]) }));
  const [low, high] = [Math.min(fromZero ? 0 : Infinity, ...spans), Math.max(fromZero ? 0 : -Infinity, ...spans)];
  return { points, xTicks, yTicks: ticks(low, high).map(value => ({ at: yScale(value), text: tickText(value) })) };
}

/** A row at zero that holds one value, exactly. */
function known(value: number, { values }: IReleaseTable, column: number): IReleaseRow {
  const empty = { value: null, error: null, low: null, high: null, masked: '' };
  return { keys: [0], codes: [null], values: values.map((_, index) => (index === column ? { ...empty, value, error: 0 } : empty)) };
}

function scaleOf(values: number[], from: number, to: number): (value: number) => number {
  const low = Math.min(...values);
  const span = Math.max(...values) - low;
  return value => (span > 0 ? from + ((value - low) / span) * (to - from) : (from + to) / 2);
}

/** Places out of `count`, evenly spread, the first and the last among them: at most six, fewer for long labels. */
function spaced(count: number, letters: number): number[] {
  const room = Math.floor((BOX.width - BOX.left) / (letters * LETTER + 2 * LETTER));
  const shown = Math.min(6, Math.max(2, room), count);
  return Array.from({ length: shown }, (_, index) => (shown < 2 ? 0 : Math.round((index * (count - 1)) / (shown - 1))));
}

/** Round numbers between two ends, four to nine of them. */
export function ticks(low: number, high: number): number[] {
  if (!(high > low)) {
    return Number.isFinite(low) ? [low] : [];
  }
  const raw = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map(times => times * power).find(one => one >= raw) ?? raw;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

export function tickText(value: number): string {
  const size = Math.abs(value);
  return value.toLocaleString(undefined, size >= 10_000 ? { notation: 'compact' } : { maximumSignificantDigits: 4 });
}

/** The lines through the points, one per run; `steps` keeps the value until the next point. */
export function linePaths(points: IPoint[], steps: boolean): string[] {
  const runs = new Map<number, IPoint[]>();
  points.forEach(point => runs.set(point.run, [...(runs.get(point.run) ?? []), point]));
  return [...runs.values()].map(run =>
    run.map(({ x, y }, index) => (index === 0 ? `M${x} ${y}` : steps ? `H${x}V${y}` : `L${x} ${y}`)).join('')
  );
}

/** The band between the error bars, one per run that has them. */
export function bandPaths(points: IPoint[], steps: boolean): string[] {
  const runs = new Map<number, IPoint[]>();
  points.filter(({ low }) => low !== null).forEach(point => runs.set(point.run, [...(runs.get(point.run) ?? []), point]));
  return [...runs.values()].map(run => {
    const edge = (side: 'low' | 'high', back: boolean) => {
      const along = back ? [...run].reverse() : run;
      return along
        .map((point, index) => {
          const y = Number(point[side]);
          if (index === 0) {
            return `${back ? 'L' : 'M'}${point.x} ${y}`;
          }
          return !steps ? `L${point.x} ${y}` : back ? `V${y}H${point.x}` : `H${point.x}V${y}`;
        })
        .join('');
    };
    return `${edge('high', false)}${edge('low', true)}Z`;
  });
}

/** Round ratios between two positive ends: 1, 2 and 5 of each power of ten, thinned to what an axis has room for. */
export function ratioTicks(low: number, high: number): number[] {
  const powers = Array.from({ length: 19 }, (_, index) => 10 ** (index - 9));
  const fine = [0.1, 0.25, 0.5, 1, 2, 4, 10].filter(value => value >= low && value <= high);
  const round = powers.flatMap(power => [1, 2, 5].map(times => times * power)).filter(value => value >= low && value <= high);
  const tens = powers.filter(power => power >= low && power <= high);
  return low >= 0.1 && high <= 10 ? fine : round.length <= 8 ? round : tens;
}
