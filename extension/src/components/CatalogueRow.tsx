/** One row of the catalogue: twisty, icon, name, marks and an insert button; it can be dragged into a cell. */
import { caretDownIcon, caretRightIcon, type LabIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { iconFor, insertIcon } from '../icons';
import { kindName, typeName } from '../models/names';
import type { IRow } from '../models/tree';

export interface ICatalogueRowProps {
  domId: string;
  row: IRow;
  focused: boolean;
  /** What a drag drops and the button inserts. */
  code: string;
  trans: TranslationBundle;
  onChoose: (row: IRow) => void;
  onToggle: (id: string) => void;
  onInsert: (row: IRow) => void;
}

export function CatalogueRow(props: ICatalogueRowProps): React.ReactElement {
  const { domId, row, focused, code, trans, onChoose, onToggle, onInsert } = props;
  const blocked = row.column?.blocked ?? false;
  const Twisty: LabIcon = row.expanded ? caretDownIcon : caretRightIcon;
  return (
    <div
      role="treeitem"
      id={domId}
      className={`jp-KernelGuard-item${blocked ? ' jp-mod-blocked' : ''}${focused ? ' jp-mod-focused' : ''}`}
      aria-level={row.level}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      aria-expanded={row.column ? undefined : row.expanded}
      aria-selected={focused}
      aria-label={label(row, trans)}
      aria-disabled={blocked}
      title={title(row)}
      draggable={!blocked}
      onDragStart={event => event.dataTransfer.setData('text/plain', code)}
      onClick={() => onChoose(row)}
      onDoubleClick={() => onInsert(row)}
    >
      <span className="jp-KernelGuard-twisty" aria-hidden="true" onClick={() => !row.column && onToggle(row.id)}>
        {!row.column && <Twisty.react tag="span" />}
      </span>
      {React.createElement(iconFor(row.table, row.column).react, { tag: 'span' })}
      <span className="jp-KernelGuard-name" onClick={() => !row.column && onToggle(row.id)}>
        {row.column?.name ?? row.table?.name ?? (row.study.title || row.study.name)}
      </span>
      <Marks row={row} trans={trans} />
      {!blocked && (
        <span
          className="jp-KernelGuard-insert"
          aria-hidden="true"
          title={trans.__('Insert into the active cell (Enter)')}
          onClick={event => {
            event.stopPropagation();
            onInsert(row);
          }}
        >
          <insertIcon.react tag="span" />
        </span>
      )}
    </div>
  );
}

function Marks({ row, trans }: { row: IRow; trans: TranslationBundle }): React.ReactElement {
  return (
    <>
      {row.level === 1 && row.study.synthetic && (
        <span className="jp-KernelGuard-mark">{trans.__('synthetic')}</span>
      )}
      {row.table && !row.column && (
        <span
          className="jp-KernelGuard-quiet"
          title={trans._n('%1 column', '%1 columns', row.table.columns.length)}
        >
          {row.table.columns.length}
        </span>
      )}
      {row.column?.blocked && <span className="jp-KernelGuard-mark">{trans.__('blocked')}</span>}
      {row.column && !row.column.blocked && (
        <span className="jp-KernelGuard-quiet">{row.column.unit || typeName(row.column.type, trans)}</span>
      )}
    </>
  );
}

function title(row: IRow): string {
  return (row.column ?? row.table ?? row.study).description || nameOf(row);
}

function nameOf(row: IRow): string {
  return row.column?.name ?? row.table?.name ?? row.study.name;
}

function label(row: IRow, trans: TranslationBundle): string {
  if (row.column) {
    return row.column.blocked
      ? trans.__('%1, column, blocked', row.column.name)
      : trans.__('%1, column of type %2', row.column.name, typeName(row.column.type, trans));
  }
  if (row.table) {
    return trans.__('%1, table, %2', row.table.name, kindName(row.table.kind, trans));
  }
  return row.study.synthetic
    ? trans.__('%1, synthetic study', row.study.title || row.study.name)
    : trans.__('%1, study', row.study.title || row.study.name);
}
