/** Below a chart: how many of its values are masked, and why; each reason once. */
import * as React from 'react';

import { maskedReason } from '../models/localText';

import type { IPlotProps } from './LineChart';

export function MaskedNote({ table, column, trans }: IPlotProps): React.ReactElement | null {
  const masked = table.rows.map(({ values }) => values[column]).filter(({ value }) => typeof value !== 'number');
  const reasons = [...new Set(masked.map(cell => maskedReason(cell.masked, trans)))].filter(Boolean);
  if (masked.length === 0) {
    return null;
  }
  const count = trans._n('%1 value is masked', '%1 values are masked', masked.length);
  return <p className="jp-KernelGuard-quiet">{reasons.length > 0 ? trans.__('%1: %2', count, reasons.join('; ')) : count}</p>;
}
