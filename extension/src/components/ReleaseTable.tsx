/** The released numbers: keys, values with their error, and the reason where a cell is masked. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { formatError, formatValue, type IReleaseTable, type IValueCell } from '../models/release';

/** More rows than this would make the notebook slow; the kernel's result has them all. */
const MAX_ROWS = 200;

export interface IReleaseTableProps {
  table: IReleaseTable;
  trans: TranslationBundle;
}

export function ReleaseTable({ table, trans }: IReleaseTableProps): React.ReactElement {
  const more = table.rows.length - MAX_ROWS;
  return (
    <>
      <table className="jp-KernelGuard-table">
        <thead>
          <tr>
            {[...table.keys, ...table.values].map(column => (
              <th key={`${column.role} ${column.name}`} scope="col" data-role={column.role}>
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.slice(0, MAX_ROWS).map((row, index) => (
            <tr key={index}>
              {row.keys.map((key, column) => (
                <th key={column} scope="row">
                  {key === null ? '—' : String(key)}
                </th>
              ))}
              {row.values.map((cell, column) => (
                <td key={column}>
                  <Value cell={cell} trans={trans} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {more > 0 && (
        <p className="jp-KernelGuard-quiet">{trans._n('and %1 more row', 'and %1 more rows', more)}</p>
      )}
    </>
  );
}

function Value({ cell, trans }: { cell: IValueCell; trans: TranslationBundle }): React.ReactElement {
  if (cell.value === null) {
    return <span className="jp-KernelGuard-masked">{cell.masked || trans.__('no value')}</span>;
  }
  return (
    <>
      {formatValue(cell.value, cell.error)}
      {cell.error !== null && <span className="jp-KernelGuard-error"> ± {formatError(cell.error)}</span>}
    </>
  );
}
