/** The released numbers: keys, values with their error, and the reason where a cell is masked. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { localText } from '../models/localText';
import { formatError, formatValue, type IReleaseRow, type IReleaseTable, type IValueCell } from '../models/release';

import { Coded } from './Coded';
import { GridTable } from './GridTable';

/** From here on only the visible rows are in the page. */
const MANY_ROWS = 60;

export interface IReleaseTableProps {
  table: IReleaseTable;
  trans: TranslationBundle;
}

export function ReleaseTable({ table, trans }: IReleaseTableProps): React.ReactElement {
  const { keys, values, rows } = table;
  const columns = [...keys, ...values];
  if (rows.length > MANY_ROWS) {
    return (
      <GridTable
        label={trans.__('Released numbers')}
        heads={columns.map(({ name }) => name)}
        rowHeads={keys.length}
        count={rows.length}
        cell={(row, column) =>
          column < keys.length ? <Key row={rows[row]} column={column} /> : <Value cell={rows[row].values[column - keys.length]} trans={trans} />
        }
      />
    );
  }
  return (
    <table className="jp-KernelGuard-table">
      <thead>
        <tr>
          {columns.map(column => (
            <th key={`${column.role} ${column.name}`} scope="col" data-role={column.role}>
              {column.name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, index) => (
          <tr key={index}>
            {row.keys.map((_, column) => (
              <th key={column} scope="row">
                <Key row={row} column={column} />
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
  );
}

function Key({ row, column }: { row: IReleaseRow; column: number }): React.ReactElement {
  const code = row.codes[column];
  const shown = row.keys[column];
  return code === null ? <Coded value={shown} meaning={undefined} /> : <Coded value={code} meaning={String(shown)} />;
}

function Value({ cell, trans }: { cell: IValueCell; trans: TranslationBundle }): React.ReactElement {
  if (cell.value === null) {
    return <span className="jp-KernelGuard-masked">{localText(cell.masked, trans) || trans.__('no value')}</span>;
  }
  return (
    <>
      {formatValue(cell.value, cell.error)}
      {cell.error !== null && <span className="jp-KernelGuard-error"> ± {formatError(cell.error)}</span>}
      {cell.low !== null && cell.high !== null && (
        <span className="jp-KernelGuard-error">
          {' '}
          {trans.__('(%1 to %2)', formatValue(cell.low, null), formatValue(cell.high, null))}
        </span>
      )}
    </>
  );
}
