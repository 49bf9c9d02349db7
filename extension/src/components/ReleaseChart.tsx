/**
 * Bars with error bars, one value column at a time.
 *
 * - A list, not a picture: a screen reader reads each bar as "key: value plus or minus error".
 * - Masked cells keep their place and say why; they have no bar, which would be read as zero.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { type IBar, layout } from '../models/chart';
import { formatError, formatValue, type IReleaseTable } from '../models/release';

export interface IReleaseChartProps {
  table: IReleaseTable;
  trans: TranslationBundle;
}

export function ReleaseChart({ table, trans }: IReleaseChartProps): React.ReactElement {
  const [column, setColumn] = React.useState(0);
  const name = table.values[column].name;
  const { bars, zero } = layout(table, column);
  return (
    <figure className="jp-KernelGuard-chart">
      <figcaption>
        {table.values.length === 1 ? (
          name
        ) : (
          <select
            className="jp-mod-styled"
            value={column}
            aria-label={trans.__('Value shown in the chart')}
            onChange={event => setColumn(Number(event.target.value))}
          >
            {table.values.map((value, index) => (
              <option key={value.name} value={index}>
                {value.name}
              </option>
            ))}
          </select>
        )}
      </figcaption>
      <ul aria-label={trans.__('Bar chart of %1', name)}>
        {bars.map((bar, index) => (
          <li key={index} aria-label={barText(bar, trans)}>
            <span className="jp-KernelGuard-barLabel" title={bar.label} aria-hidden="true">
              {bar.label}
            </span>
            {bar.value === null ? (
              <span className="jp-KernelGuard-masked" aria-hidden="true">
                {bar.masked || trans.__('no value')}
              </span>
            ) : (
              <Bar bar={bar} zero={zero} />
            )}
          </li>
        ))}
      </ul>
    </figure>
  );
}

function Bar({ bar, zero }: { bar: IBar; zero: number }): React.ReactElement {
  const percent = (x: number) => `${x}%`;
  return (
    <svg width="100%" height="20" aria-hidden="true" focusable="false">
      <rect className="jp-KernelGuard-bar" x={percent(bar.x)} y="3" width={percent(bar.width)} height="14" />
      <line className="jp-KernelGuard-axis" x1={percent(zero)} x2={percent(zero)} y1="0" y2="20" />
      {bar.error !== null && (
        <g className="jp-KernelGuard-whisker">
          <line x1={percent(bar.low)} x2={percent(bar.high)} y1="10" y2="10" />
          <line x1={percent(bar.low)} x2={percent(bar.low)} y1="6" y2="14" />
          <line x1={percent(bar.high)} x2={percent(bar.high)} y1="6" y2="14" />
        </g>
      )}
    </svg>
  );
}

function barText({ label, value, error, masked }: IBar, trans: TranslationBundle): string {
  if (value === null) {
    return trans.__('%1: masked, %2', label, masked || trans.__('no value'));
  }
  const number = formatValue(value, error);
  return error === null
    ? trans.__('%1: %2', label, number)
    : trans.__('%1: %2 plus or minus %3', label, number, formatError(error));
}
