/**
 * Ratios with their intervals on a logarithmic axis, one a line, and the line of no effect.
 *
 * - An interval that reaches zero has no end on such an axis: it runs to the edge with an arrow. Left out, an estimate
 *   that is hardly known would look as if it were exact.
 */
import * as React from 'react';

import { localText } from '../models/localText';
import { codeText, formatValue, interval, type IReleaseTable, keyText } from '../models/release';
import { ratioTicks, tickText } from '../models/plot';

import type { IPlotProps } from './LineChart';

const ROW = 24;
const LABEL = 160;
const WIDTH = 480;
const EDGE = LABEL + 8;
const ARROW = 6;

export function ForestPlot({ table, column, trans }: IPlotProps): React.ReactElement {
  const { lines, x, ticks } = React.useMemo(() => forest(table, column), [table, column]);
  const height = lines.length * ROW + 28;
  return (
    <svg
      className="jp-KernelGuard-plot"
      viewBox={`0 0 ${WIDTH} ${height}`}
      role="img"
      aria-label={trans.__('Forest plot of %1, the same numbers as the table', table.values[column].name)}
    >
      <line className="jp-KernelGuard-axis" x1={x(1)} x2={x(1)} y1={0} y2={height - 24} />
      {ticks.map(value => (
        <text key={value} x={x(value)} y={height - 8} textAnchor="middle">
          {tickText(value)}
        </text>
      ))}
      {lines.map(({ label, code, cell, ends }, index) => {
        const y = index * ROW + ROW / 2;
        return (
          <g key={index}>
            <text x={LABEL - 8} y={y + 4} textAnchor="end">
              {label}
              {code && <title>{code}</title>}
            </text>
            {ends && isPositive(ends[1]) && <Whisker y={y} from={isPositive(ends[0]) ? x(ends[0]) : null} to={x(ends[1])} />}
            {isPositive(cell.value) ? (
              <rect className="jp-KernelGuard-bar" x={x(cell.value) - 4} y={y - 4} width="8" height="8">
                <title>{`${label}: ${formatValue(cell.value, cell.error)}`}</title>
              </rect>
            ) : (
              <text className="jp-KernelGuard-masked" x={LABEL + 4} y={y + 4}>
                {cell.value === null ? localText(cell.masked, trans) || trans.__('no value') : formatValue(cell.value, cell.error)}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}

/** An interval; one without a start runs to the edge and says so with an arrow. */
function Whisker({ y, from, to }: { y: number; from: number | null; to: number }): React.ReactElement {
  return (
    <g className="jp-KernelGuard-whisker">
      <line x1={from ?? EDGE} x2={to} y1={y} y2={y} />
      {from === null && <path d={`M${EDGE + ARROW} ${y - 4}L${EDGE} ${y}L${EDGE + ARROW} ${y + 4}`} fill="none" />}
    </g>
  );
}

function forest(table: IReleaseTable, column: number) {
  const lines = table.rows.map(({ keys, codes, values }) => ({
    label: keyText(keys),
    code: codeText(codes),
    cell: values[column],
    ends: interval(values[column])
  }));
  const all = lines.flatMap(({ cell, ends }) => [cell.value, ...(ends ?? [])]).filter(isPositive);
  const [low, high] = [Math.min(1, ...all) / 1.2, Math.max(1, ...all) * 1.2];
  const x = (value: number) => EDGE + (Math.log(value / low) / Math.log(high / low)) * (WIDTH - EDGE - 12);
  return { lines, x, ticks: ratioTicks(low, high) };
}

function isPositive(value: unknown): value is number {
  return typeof value === 'number' && value > 0;
}
