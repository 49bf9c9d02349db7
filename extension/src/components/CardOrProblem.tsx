/** The schema card once the catalogue is there; until then, or when the table is gone, what is the matter. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IGuardBudget, IGuardCatalogue } from '../tokens';

import { Problem } from './Problem';
import { SchemaCard } from './SchemaCard';
import { useFetched } from './useFetched';

export interface ICardOrProblemProps {
  catalogue: IGuardCatalogue;
  budget: IGuardBudget | null;
  study: string;
  table: string;
  trans: TranslationBundle;
  onOpen: (table: string) => void;
  onInsert: (column?: string) => void;
}

export function CardOrProblem(props: ICardOrProblemProps): React.ReactElement {
  const { catalogue, budget, trans, onOpen, onInsert } = props;
  const { value: studies, error } = useFetched(catalogue);
  const study = studies?.find(({ name }) => name === props.study);
  const table = study?.tables.find(({ name }) => name === props.table);
  if (study && table) {
    return <SchemaCard {...{ study, table, budget, trans, onOpen, onInsert }} />;
  }
  if (error) {
    return <Problem error={error} trans={trans} onRetry={() => void catalogue.refresh()} />;
  }
  return (
    <p className="jp-KernelGuard-quiet">
      {studies
        ? trans.__('The table %1 is no longer in your catalogue.', props.table)
        : trans.__('Loading…')}
    </p>
  );
}
