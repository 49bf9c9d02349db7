/** One value column of a release as the chart that was chosen. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { type ChartKind, mainColumn } from '../models/chart';
import type { IReleaseTable } from '../models/release';

import { BarChart } from './BarChart';
import { ForestPlot } from './ForestPlot';
import { HeatMap } from './HeatMap';
import { LineChart } from './LineChart';

export interface IReleaseChartProps {
  table: IReleaseTable;
  kind: ChartKind;
  trans: TranslationBundle;
}

export function ReleaseChart({ table, kind, trans }: IReleaseChartProps): React.ReactElement {
  const [chosen, setChosen] = React.useState<number | undefined>();
  const column = chosen ?? mainColumn(table, kind);
  return (
    <figure className="jp-KernelGuard-chart">
      <figcaption>
        {table.values.length === 1 ? (
          table.values[0].name
        ) : (
          <select
            className="jp-mod-styled"
            value={column}
            aria-label={trans.__('Value shown in the chart')}
            onChange={event => setChosen(Number(event.target.value))}
          >
            {table.values.map((value, index) => (
              <option key={value.name} value={index}>
                {value.name}
              </option>
            ))}
          </select>
        )}
      </figcaption>
      <Chart table={table} column={column} kind={kind} trans={trans} />
    </figure>
  );
}

function Chart({ kind, ...rest }: IReleaseChartProps & { column: number }): React.ReactElement {
  switch (kind) {
    case 'line':
      return <LineChart {...rest} />;
    case 'survival':
      return <LineChart {...rest} steps />;
    case 'heatmap':
      return <HeatMap {...rest} />;
    case 'forest':
      return <ForestPlot {...rest} />;
    case 'histogram':
      return <BarChart {...rest} joined />;
    default:
      return <BarChart {...rest} />;
  }
}
