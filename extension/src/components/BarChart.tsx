/**
 * Bars with error bars.
 *
 * - A list, not a picture: a screen reader reads each bar as "key: value plus or minus error".
 * - Masked cells keep their place and say why; they have no bar, which would be read as zero.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { type IBar, layout } from '../models/chart';
import { localText, maskedReason } from '../models/localText';
import { formatError, formatValue } from '../models/release';

import type { IPlotProps } from './LineChart';

export function BarChart({ table, column, trans, joined = false }: IPlotProps & { joined?: boolean }): React.ReactElement {
  const { bars, zero } = layout(table, column);
  const name = table.values[column].name;
  return (
    <ul
      className={joined ? 'jp-mod-joined' : undefined}
      aria-label={joined ? trans.__('Histogram of %1', name) : trans.__('Bar chart of %1', name)}
    >
      {bars.map((bar, index) => (
        <li key={index}>
          <span className="jp-KernelGuard-barLabel" title={bar.code ? `${bar.label} (${bar.code})` : bar.label} aria-hidden="true">
            {bar.label}
          </span>
          {bar.value === null ? (
            <span className="jp-KernelGuard-masked" aria-hidden="true">
              {localText(bar.masked, trans) || trans.__('no value')}
            </span>
          ) : (
            <Bar bar={bar} zero={zero} />
          )}
          <span className="jp-KernelGuard-readOut">{barText(bar, trans)}</span>
        </li>
      ))}
    </ul>
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
    return trans.__('%1: masked, %2', label, maskedReason(masked, trans) || trans.__('no value'));
  }
  const number = formatValue(value, error);
  return error === null
    ? trans.__('%1: %2', label, number)
    : trans.__('%1: %2 plus or minus %3', label, number, formatError(error));
}
