/** Ratios with their intervals on a logarithmic axis, one a line, and the line of no effect. */
import * as React from 'react';

import { formatValue, interval, keyText } from '../models/release';
import { tickText } from '../models/plot';

import type { IPlotProps } from './LineChart';

const ROW = 24;
const LABEL = 160;
const WIDTH = 480;

export function ForestPlot({ table, column, trans }: IPlotProps): React.ReactElement {
  const lines = table.rows.map(row => ({ label: keyText(row.keys), cell: row.values[column], ends: interval(row.values[column]) }));
  const all = lines.flatMap(({ cell, ends }) => [cell.value, ...(ends ?? [])]).filter(isPositive);
  const low = Math.log(Math.min(1, ...all) / 1.2);
  const high = Math.log(Math.max(1, ...all) * 1.2);
  const x = (value: number) => LABEL + ((Math.log(value) - low) / (high - low)) * (WIDTH - LABEL - 12);
  const height = lines.length * ROW + 28;
  const marks = [0.1, 0.25, 0.5, 1, 2, 4, 10].filter(value => Math.log(value) >= low && Math.log(value) <= high);
  return (
    <svg
      className="jp-KernelGuard-plot"
      viewBox={`0 0 ${WIDTH} ${height}`}
      role="img"
      aria-label={trans.__('Forest plot of %1, the same numbers as the table', table.values[column].name)}
    >
      <line className="jp-KernelGuard-axis" x1={x(1)} x2={x(1)} y1={0} y2={height - 24} />
      {marks.map(value => (
        <text key={value} x={x(value)} y={height - 8} textAnchor="middle">
          {tickText(value)}
        </text>
      ))}
      {lines.map(({ label, cell, ends }, index) => {
        const y = index * ROW + ROW / 2;
        return (
          <g key={index}>
            <text x={LABEL - 8} y={y + 4} textAnchor="end">
              {label}
            </text>
            {ends && isPositive(ends[0]) && isPositive(ends[1]) && (
              <line className="jp-KernelGuard-whisker" x1={x(ends[0])} x2={x(ends[1])} y1={y} y2={y} />
            )}
            {isPositive(cell.value) ? (
              <rect className="jp-KernelGuard-bar" x={x(cell.value) - 4} y={y - 4} width="8" height="8">
                <title>{`${label}: ${formatValue(cell.value, cell.error)}`}</title>
              </rect>
            ) : (
              <text className="jp-KernelGuard-masked" x={LABEL + 4} y={y + 4}>
                {cell.masked || trans.__('no value')}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}

function isPositive(value: unknown): value is number {
  return typeof value === 'number' && value > 0;
}
