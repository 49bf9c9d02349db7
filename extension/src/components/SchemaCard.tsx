/** A table in the main area: meaning, joins, every column as declared, and mock rows on request. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { iconFor } from '../icons';
import { kindName, typeName } from '../models/names';
import type { IColumn, IGuardBudget, IStudy, ITable } from '../tokens';

import { boundsText } from './ColumnDetails';
import { EntityDiagram } from './EntityDiagram';
import { MockTable } from './MockTable';
import { GrantOf } from './PlaceDetails';

/** A page of columns: some tables have thousands. */
const PAGE = 100;

export interface ISchemaCardProps {
  study: IStudy;
  table: ITable;
  budget: IGuardBudget | null;
  trans: TranslationBundle;
  onOpen: (table: string) => void;
  onInsert: (column?: string) => void;
}

export function SchemaCard({ study, table, budget, trans, onOpen, onInsert }: ISchemaCardProps): React.ReactElement {
  const [shown, setShown] = React.useState(PAGE);
  const more = table.columns.length - shown;
  return (
    <article className="jp-KernelGuard-card" tabIndex={0} aria-label={trans.__('Schema of %1', table.name)}>
      <header>
        <h1>{table.name}</h1>
        <span className="jp-KernelGuard-mark">{kindName(table.kind, trans)}</span>
        {study.synthetic && <span className="jp-KernelGuard-mark">{trans.__('synthetic')}</span>}
        <button className="jp-mod-styled" onClick={() => onInsert()}>
          {trans.__('Insert into cell')}
        </button>
      </header>
      {table.description && <p>{table.description}</p>}
      <p className="jp-KernelGuard-quiet">
        {trans.__('From what the data steward declared. Nothing here is computed from patients.')}
      </p>
      {budget && <GrantOf study={study.name} budget={budget} trans={trans} />}
      <h2>{trans.__('Joins')}</h2>
      <EntityDiagram study={study} table={table} trans={trans} onOpen={onOpen} />
      <h2>{trans._n('%1 column', '%1 columns', table.columns.length)}</h2>
      <table className="jp-KernelGuard-table">
        <thead>
          <tr>
            {heads(trans).map(head => (
              <th key={head} scope="col" data-role="key">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.columns.slice(0, shown).map(column => (
            <ColumnLine key={column.name} table={table} column={column} trans={trans} onInsert={onInsert} />
          ))}
        </tbody>
      </table>
      {more > 0 && (
        <button className="jp-mod-styled jp-mod-minimal" onClick={() => setShown(shown + PAGE)}>
          {trans._n('Show %1 more', 'Show %1 more', Math.min(more, PAGE))}
        </button>
      )}
      <h2>{trans.__('Mock rows')}</h2>
      <MockTable table={table} trans={trans} />
    </article>
  );
}

function heads(trans: TranslationBundle): string[] {
  return [
    trans.__('Column'),
    trans.__('Type'),
    trans.__('Meaning'),
    trans.__('Unit'),
    trans.__('Values'),
    trans.__('Missing codes'),
    trans.__('Sensitivity'),
    trans.__('Standard')
  ];
}

interface IColumnLineProps {
  table: ITable;
  column: IColumn;
  trans: TranslationBundle;
  onInsert: (column: string) => void;
}

function ColumnLine({ table, column, trans, onInsert }: IColumnLineProps): React.ReactElement {
  const Icon = iconFor(table, column);
  return (
    <tr className={column.blocked ? 'jp-mod-blocked' : undefined}>
      <th scope="row">
        <Icon.react tag="span" />{' '}
        {column.blocked ? (
          column.name
        ) : (
          <button
            className="jp-KernelGuard-link"
            title={trans.__('Insert %1 into the active cell', column.name)}
            onClick={() => onInsert(column.name)}
          >
            {column.name}
          </button>
        )}
      </th>
      <td>{typeName(column.type, trans)}</td>
      <td>{column.description}</td>
      <td>{column.unit}</td>
      <td>{valuesText(column, trans)}</td>
      <td>{column.missing_codes.map(String).join(', ')}</td>
      <td>{column.sensitivity}</td>
      <td>{column.code}</td>
    </tr>
  );
}

function valuesText(column: IColumn, trans: TranslationBundle): string {
  if (column.blocked) {
    return trans.__('Blocked: %1', column.blocked_reason);
  }
  if (!column.categories) {
    return boundsText(column, trans);
  }
  const shown = column.categories.slice(0, 6).map(({ value, label }) => `${value} ${label}`.trim());
  return shown.join(', ') + (column.categories.length > 6 ? ' …' : '');
}
