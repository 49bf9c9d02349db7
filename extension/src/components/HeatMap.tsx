/** Two keys against each other: the darker a cell, the larger its value; each cell says its number or its reason. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { localText } from '../models/localText';
import { codeText, formatError, formatValue, type IReleaseTable, type IValueCell } from '../models/release';

import type { IPlotProps } from './LineChart';
import { MaskedNote } from './MaskedNote';

export function HeatMap({ table, column, trans }: IPlotProps): React.ReactElement {
  const { rows, columns, cells, most } = React.useMemo(() => grid(table, column), [table, column]);
  return (
    <>
      <table className="jp-KernelGuard-heatmap">
        <caption>{trans.__('%1 by %2 and %3', table.values[column].name, table.keys[0].name, table.keys[1].name)}</caption>
        <thead>
          <tr>
            <td />
            {columns.map(({ text, code }) => (
              <th key={text} scope="col" title={code}>
                {text}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ text, code }) => (
            <tr key={text}>
              <th scope="row" title={code}>
                {text}
              </th>
              {columns.map(({ text: name }) => {
                const cell = cells.get(JSON.stringify([text, name]));
                const share = typeof cell?.value === 'number' && most > 0 ? Math.abs(cell.value) / most : 0;
                return (
                  <td key={name} title={title(cell, trans)}>
                    <span className="jp-KernelGuard-heat" style={{ opacity: share * 0.55 }} aria-hidden="true" />
                    <span className={typeof cell?.value === 'number' ? undefined : 'jp-KernelGuard-masked'}>
                      {typeof cell?.value === 'number' ? formatValue(cell.value, cell.error) : cell ? trans.__('masked') : '—'}
                    </span>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      <MaskedNote table={table} column={column} trans={trans} />
    </>
  );
}

function title(cell: IValueCell | undefined, trans: TranslationBundle): string {
  return (cell && localText(cell.masked, trans)) || (cell && cell.error !== null ? `± ${formatError(cell.error)}` : '');
}

function grid({ rows }: IReleaseTable, column: number) {
  const text = (key: unknown) => (key === null ? '—' : String(key));
  const cells = new Map(rows.map(({ keys, values }) => [JSON.stringify(keys.map(text)), values[column]]));
  const distinct = (place: number) => {
    const codes = new Map(rows.map(({ keys, codes: all }) => [text(keys[place]), codeText([all[place]])]));
    return [...codes].map(([name, code]) => ({ text: name, code }));
  };
  const numbers = [...cells.values()].flatMap(({ value }) => (typeof value === 'number' ? [Math.abs(value)] : []));
  return { rows: distinct(0), columns: distinct(1), cells, most: Math.max(0, ...numbers) };
}
