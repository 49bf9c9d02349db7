/** The form of the answer on mock data, with the error that the release would have. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { ICurve } from '../models/planner';
import { formatError, formatValue } from '../models/release';

export interface IExpectedTableProps {
  mock: ICurve['mock'];
  measure: string;
  error: number;
  trans: TranslationBundle;
}

export function ExpectedTable({ mock, measure, error, trans }: IExpectedTableProps): React.ReactElement {
  return (
    <div className="jp-KernelGuard-scroll" tabIndex={0} role="region" aria-label={trans.__('Expected table, mock numbers')}>
      <p>
        <span className="jp-KernelGuard-badge" data-zone="mock">
          {trans.__('MOCK')}
        </span>{' '}
        <span className="jp-KernelGuard-quiet">{trans.__('Made-up numbers in the form of the answer.')}</span>
      </p>
      <table className="jp-KernelGuard-table">
        <thead>
          <tr>
            {mock.columns.map(name => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {mock.rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, column) => (
                <td key={column}>
                  {typeof cell === 'number' && mock.columns[column] !== measure ? String(cell) : formatValue(cell, error)}
                  {mock.columns[column] === measure && (
                    <span className="jp-KernelGuard-error"> ± {formatError(error)}</span>
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
