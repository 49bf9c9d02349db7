/** One row of the catalogue: twisty, icon, name, marks and an insert button; a column's details when open. */
import { caretDownIcon, caretRightIcon, type LabIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { iconFor, insertIcon } from '../icons';
import type { IRow } from '../models/tree';

import { ColumnDetails } from './ColumnDetails';

export interface ICatalogueRowProps {
  row: IRow;
  focused: boolean;
  trans: TranslationBundle;
  onToggle: (row: IRow) => void;
  onInsert: (row: IRow) => void;
}

export function CatalogueRow(props: ICatalogueRowProps): React.ReactElement {
  const { row, focused, trans, onToggle, onInsert } = props;
  const blocked = row.column?.blocked ?? false;
  const Twisty: LabIcon = row.expanded ? caretDownIcon : caretRightIcon;
  return (
    <li
      role="treeitem"
      className={`jp-KernelGuard-item${blocked ? ' jp-mod-blocked' : ''}`}
      data-row={row.id}
      aria-level={row.level}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      aria-expanded={row.expanded}
      aria-label={label(row, trans)}
      aria-disabled={blocked}
      tabIndex={focused ? 0 : -1}
    >
      <div className="jp-KernelGuard-row" title={title(row)}>
        <span className="jp-KernelGuard-twisty" aria-hidden="true" onClick={() => onToggle(row)}>
          <Twisty.react tag="span" />
        </span>
        {React.createElement(iconFor(row.table, row.column).react, { tag: 'span' })}
        <span className="jp-KernelGuard-name" onClick={() => (row.column ? onInsert : onToggle)(row)}>
          {row.column?.name ?? row.table?.name ?? (row.study.title || row.study.name)}
        </span>
        <Marks row={row} trans={trans} />
        {!blocked && (
          <button
            className="jp-KernelGuard-insert jp-mod-minimal"
            tabIndex={-1}
            title={trans.__('Insert into the active cell')}
            aria-label={trans.__('Insert %1 into the active cell', name(row))}
            onClick={() => onInsert(row)}
          >
            <insertIcon.react tag="span" />
          </button>
        )}
      </div>
      {row.column && row.expanded && <ColumnDetails column={row.column} trans={trans} />}
    </li>
  );
}

function Marks({ row, trans }: { row: IRow; trans: TranslationBundle }): React.ReactElement {
  return (
    <>
      {row.level === 1 && row.study.synthetic && (
        <span className="jp-KernelGuard-mark">{trans.__('synthetic')}</span>
      )}
      {row.table && !row.column && (
        <span className="jp-KernelGuard-quiet">{trans._n('%1 column', '%1 columns', row.table.columns.length)}</span>
      )}
      {row.column?.blocked && <span className="jp-KernelGuard-mark">{trans.__('blocked')}</span>}
      {row.column && !row.column.blocked && (
        <span className="jp-KernelGuard-quiet">{row.column.unit || row.column.type}</span>
      )}
    </>
  );
}

function name(row: IRow): string {
  return row.column?.name ?? row.table?.name ?? row.study.name;
}

function title(row: IRow): string {
  return (row.column ?? row.table ?? row.study).description || name(row);
}

function label(row: IRow, trans: TranslationBundle): string {
  if (row.column) {
    return row.column.blocked
      ? trans.__('%1, column, blocked', row.column.name)
      : trans.__('%1, column of type %2', row.column.name, row.column.type);
  }
  if (row.table) {
    return trans.__('%1, table of kind %2', row.table.name, row.table.kind);
  }
  return row.study.synthetic
    ? trans.__('%1, synthetic study', row.study.title || row.study.name)
    : trans.__('%1, study', row.study.title || row.study.name);
}
