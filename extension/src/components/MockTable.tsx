/** Mock rows on request, marked as what they are. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { categoryLabels } from '../models/labels';
import { mockRows } from '../models/mockRows';
import { meaning } from '../models/release';
import type { ITable } from '../tokens';

import { Coded } from './Coded';

const ROWS = 10;

export function MockTable({ table, trans }: { table: ITable; trans: TranslationBundle }): React.ReactElement {
  const [seed, setSeed] = React.useState(0);
  const { columns, rows } = React.useMemo(() => mockRows(table, seed > 0 ? ROWS : 0, seed), [table, seed]);
  const labels = columns.map(categoryLabels);
  return (
    <>
      <button className="jp-mod-styled" onClick={() => setSeed(seed + 1)}>
        {seed === 0 ? trans.__('Make mock rows') : trans.__('Make others')}
      </button>
      {seed > 0 && (
        <>
          <p>
            <span className="jp-KernelGuard-badge" data-zone="mock">
              {trans.__('MOCK')}
            </span>{' '}
            {trans.__('Made from the schema alone. No patient is behind these rows.')}
          </p>
          <div className="jp-KernelGuard-scroll" tabIndex={0} role="region" aria-label={trans.__('Mock rows')}>
            <table className="jp-KernelGuard-table">
              <thead>
                <tr>
                  {columns.map(({ name }) => (
                    <th key={name} scope="col">
                      {name}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {rows.map((row, index) => (
                  <tr key={index}>
                    {row.map((cell, column) => (
                      <td key={column}>
                        <Coded value={cell} meaning={meaning(cell, labels[column])} />
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </>
  );
}
