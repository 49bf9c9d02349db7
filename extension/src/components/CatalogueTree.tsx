/**
 * The tree of the catalogue, walked by keyboard.
 *
 * - The tree has the focus and names the active row: rows out of view do not exist, so none could hold it.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { onKey } from '../models/navigation';
import type { IPlace } from '../models/snippet';
import type { IRow, IRows } from '../models/tree';

import { CatalogueRow } from './CatalogueRow';
import { VirtualList } from './VirtualList';

export const ROW_HEIGHT = 24;

export interface ICatalogueTreeProps {
  rows: IRows;
  focused: string | undefined;
  trans: TranslationBundle;
  snippetOf: (place: IPlace) => string;
  onFocus: (row: IRow | undefined) => void;
  onToggle: (id: string) => void;
  onInsert: (row: IRow) => void;
}

export function CatalogueTree(props: ICatalogueTreeProps): React.ReactElement {
  const { rows, focused, trans, snippetOf, onFocus, onToggle, onInsert } = props;
  const prefix = React.useId();
  const found = focused === undefined ? -1 : rows.indexOf(focused);
  const current = Math.max(0, found);
  const currentId = rows.at(current)?.id ?? '';

  const onKeyDown = (event: React.KeyboardEvent) => {
    const step = onKey(event.key, rows, currentId);
    if (!step || event.target !== event.currentTarget) {
      return;
    }
    event.preventDefault();
    if (step.do === 'focus') {
      onFocus(rows.at(rows.indexOf(step.id)));
    } else if (step.do === 'toggle') {
      onFocus(rows.at(current));
      onToggle(step.id);
    } else {
      onInsert(step.row);
    }
  };

  return (
    <VirtualList
      role="tree"
      className="jp-KernelGuard-tree"
      tabIndex={0}
      aria-label={trans.__('Studies, tables and columns')}
      aria-activedescendant={`${prefix}-${current}`}
      count={rows.length}
      rowHeight={ROW_HEIGHT}
      shown={found < 0 ? undefined : found}
      onKeyDown={onKeyDown}
      renderRow={index => {
        const row = rows.at(index);
        return (
          row && (
            <CatalogueRow
              key={row.id}
              domId={`${prefix}-${index}`}
              row={row}
              focused={index === current}
              trans={trans}
              code={snippetOf(row.place)}
              onChoose={onFocus}
              onToggle={onToggle}
              onInsert={onInsert}
            />
          )
        );
      }}
    />
  );
}
