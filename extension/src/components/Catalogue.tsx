/** The catalogue: a search box and a tree of studies, tables and columns that the keyboard walks. */
import { refreshIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { onKey } from '../models/navigation';
import type { IPlace } from '../models/snippet';
import { type IRow, rowId, visibleRows } from '../models/tree';
import type { IFetched, IStudy } from '../tokens';

import { CatalogueRow } from './CatalogueRow';
import { Problem } from './Problem';
import { useFetched } from './useFetched';

export interface ICatalogueProps {
  catalogue: IFetched<IStudy[]>;
  trans: TranslationBundle;
  onInsert: (place: IPlace) => void;
}

export function Catalogue({ catalogue, trans, onInsert }: ICatalogueProps): React.ReactElement {
  const { value: studies, error } = useFetched(catalogue);
  const [query, setQuery] = React.useState('');
  const refresh = () => void catalogue.refresh();
  return (
    <div className="jp-KernelGuard-catalogue">
      <div className="jp-KernelGuard-search">
        <input
          type="search"
          className="jp-mod-styled"
          value={query}
          placeholder={trans.__('Search tables and columns')}
          aria-label={trans.__('Search tables and columns')}
          onChange={event => setQuery(event.target.value)}
        />
        <button
          className="jp-mod-minimal jp-KernelGuard-insert jp-mod-shown"
          title={trans.__('Refresh the catalogue')}
          aria-label={trans.__('Refresh the catalogue')}
          onClick={refresh}
        >
          <refreshIcon.react tag="span" />
        </button>
      </div>
      {error && <Problem error={error} trans={trans} onRetry={refresh} />}
      {!studies && !error && <p className="jp-KernelGuard-quiet">{trans.__('Loading…')}</p>}
      {studies && <Tree studies={studies} query={query} trans={trans} onInsert={onInsert} />}
    </div>
  );
}

interface ITreeProps {
  studies: IStudy[];
  query: string;
  trans: TranslationBundle;
  onInsert: (place: IPlace) => void;
}

function Tree({ studies, query, trans, onInsert }: ITreeProps): React.ReactElement {
  // A single study opens by itself: a tree of one closed row tells nothing.
  const [expanded, setExpanded] = React.useState<ReadonlySet<string>>(
    () => new Set(studies.length === 1 ? [rowId(studies[0].name)] : [])
  );
  const [focused, setFocused] = React.useState('');
  const list = React.useRef<HTMLUListElement>(null);
  const rows = visibleRows(studies, query, expanded);
  const current = rows.find(row => row.id === focused)?.id ?? rows[0]?.id ?? '';

  const focusRow = (id: string) => {
    setFocused(id);
    const items = Array.from(list.current?.querySelectorAll<HTMLElement>('[data-row]') ?? []);
    items.find(item => item.dataset.row === id)?.focus();
  };
  const toggle = (id: string) => {
    const next = new Set(expanded);
    if (!next.delete(id)) {
      next.add(id);
    }
    setExpanded(next);
  };
  const insert = (row: IRow) => {
    if (!row.column?.blocked) {
      onInsert(row.place);
    }
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    // Keys of the buttons inside a row are theirs.
    const step = (event.target as HTMLElement).dataset.row && onKey(event.key, rows, current);
    if (!step) {
      return;
    }
    event.preventDefault();
    if (step.do === 'focus') {
      focusRow(step.id);
    } else if (step.do === 'toggle') {
      toggle(step.id);
    } else {
      insert(step.row);
    }
  };

  if (rows.length === 0) {
    return <p className="jp-KernelGuard-quiet">{emptyText(query, trans)}</p>;
  }
  return (
    <ul role="tree" aria-label={trans.__('Studies, tables and columns')} ref={list} onKeyDown={onKeyDown}>
      {rows.map(row => (
        <CatalogueRow
          key={row.id}
          row={row}
          focused={row.id === current}
          trans={trans}
          onToggle={({ id }) => {
            setFocused(id);
            toggle(id);
          }}
          onInsert={insert}
        />
      ))}
    </ul>
  );
}

function emptyText(query: string, trans: TranslationBundle): string {
  return query
    ? trans.__('Nothing in the catalogue matches “%1”.', query)
    : trans.__('Your grant covers no study yet.');
}
