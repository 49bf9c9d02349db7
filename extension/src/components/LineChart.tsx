/** A line, or a survival curve in steps, with its error band; masked points leave a gap. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { atStart } from '../models/chart';
import { bandPaths, BOX, linePaths, plot } from '../models/plot';
import { formatValue, type IReleaseTable } from '../models/release';

import { MaskedNote } from './MaskedNote';

export interface IPlotProps {
  table: IReleaseTable;
  column: number;
  trans: TranslationBundle;
}

export function LineChart({ table, column, trans, steps = false }: IPlotProps & { steps?: boolean }): React.ReactElement {
  const name = table.values[column].name;
  const start = steps ? atStart(name) : undefined;
  const { points, xTicks, yTicks } = React.useMemo(() => plot(table, column, true, start), [table, column, start]);
  const label = steps
    ? trans.__('Curve of %1 in steps over %2, the same numbers as the table', name, table.keys[0].name)
    : trans.__('Line of %1 over %2, the same numbers as the table', name, table.keys[0].name);
  return (
    <>
      <svg className="jp-KernelGuard-plot" viewBox={`0 0 ${BOX.width} ${BOX.height}`} role="img" aria-label={label}>
        {yTicks.map(({ at, text }) => (
          <g key={`y${at}`}>
            <line className="jp-KernelGuard-grid" x1={BOX.left} x2={BOX.width - BOX.right} y1={at} y2={at} />
            <text x={BOX.left - 6} y={at + 4} textAnchor="end">
              {text}
            </text>
          </g>
        ))}
        {xTicks.map(({ at, text }, index) => (
          <text key={`x${index}`} x={at} y={BOX.height - BOX.bottom + 18} textAnchor="middle">
            {text}
          </text>
        ))}
        {bandPaths(points, steps).map(path => (
          <path key={path} className="jp-KernelGuard-band" d={path} />
        ))}
        {linePaths(points, steps).map(path => (
          <path key={path} className="jp-KernelGuard-line" d={path} />
        ))}
        {points.length <= 60 &&
          points.map((point, index) => (
            <circle key={index} className="jp-KernelGuard-point" cx={point.x} cy={point.y} r="3">
              <title>{`${point.label}: ${formatValue(point.value, null)}`}</title>
            </circle>
          ))}
      </svg>
      <MaskedNote table={table} column={column} trans={trans} />
    </>
  );
}
