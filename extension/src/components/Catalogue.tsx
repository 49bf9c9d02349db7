/** The catalogue: a search box, a tree of studies, tables and columns, and the details of what is chosen in it. */
import { refreshIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IPlace } from '../models/snippet';
import { type IRow, rowId, TreeIndex } from '../models/tree';
import type { IFetched, IGuardBudget, IStudy } from '../tokens';

import { CatalogueTree } from './CatalogueTree';
import { ConceptSearch, type SearchConcepts } from './ConceptSearch';
import { PlaceDetails } from './PlaceDetails';
import { Problem } from './Problem';
import { useFetched } from './useFetched';

export interface ICatalogueProps {
  catalogue: IFetched<IStudy[]>;
  budget: IGuardBudget | null;
  trans: TranslationBundle;
  searchConcepts: SearchConcepts;
  snippetOf: (place: IPlace) => string;
  onInsert: (code: string) => void;
  onOpenCard: (place: IPlace) => void;
}

export function Catalogue(props: ICatalogueProps): React.ReactElement {
  const { catalogue, trans } = props;
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
          className="jp-KernelGuard-iconButton"
          title={trans.__('Refresh the catalogue')}
          aria-label={trans.__('Refresh the catalogue')}
          onClick={refresh}
        >
          <refreshIcon.react tag="span" />
        </button>
      </div>
      {error && <Problem error={error} trans={trans} onRetry={refresh} />}
      {!studies && !error && <p className="jp-KernelGuard-quiet">{trans.__('Loading…')}</p>}
      {studies && <Browser key={studies.map(({ name }) => name).join('\n')} {...props} studies={studies} query={query} />}
    </div>
  );
}

function Browser(props: ICatalogueProps & { studies: IStudy[]; query: string }): React.ReactElement {
  const { studies, query, budget, trans, snippetOf, onInsert, onOpenCard, searchConcepts } = props;
  const index = React.useMemo(() => new TreeIndex(studies), [studies]);
  // A single study opens by itself: a tree of one closed row tells nothing.
  const [expanded, setExpanded] = React.useState<ReadonlySet<string>>(
    () => new Set(studies.length === 1 ? [rowId(studies[0].name)] : [])
  );
  const [chosen, setChosen] = React.useState<IRow | undefined>();
  const rows = React.useMemo(() => index.rows(query, expanded), [index, query, expanded]);
  const toggle = (id: string) => {
    const next = new Set(expanded);
    if (!next.delete(id)) {
      next.add(id);
    }
    setExpanded(next);
  };
  const insert = ({ column, place }: IRow) => {
    if (!column?.blocked) {
      onInsert(snippetOf(place));
    }
  };
  return (
    <>
      {rows.length === 0 ? (
        <p className="jp-KernelGuard-quiet">{emptyText(query, trans)}</p>
      ) : (
        <CatalogueTree
          rows={rows}
          focused={chosen?.id}
          trans={trans}
          snippetOf={snippetOf}
          onFocus={setChosen}
          onToggle={toggle}
          onInsert={insert}
        />
      )}
      {chosen && (
        <PlaceDetails row={chosen} budget={budget} trans={trans} onInsert={() => insert(chosen)} onOpenCard={onOpenCard} />
      )}
      <ConceptSearch studies={studies} search={searchConcepts} trans={trans} onInsert={onInsert} />
    </>
  );
}

function emptyText(query: string, trans: TranslationBundle): string {
  return query
    ? trans.__('Nothing in the catalogue matches “%1”.', query)
    : trans.__('Your grant covers no study yet. Ask the data steward for access to one.');
}
