/** Below the tree: what is known about the chosen study, table or column, and what can be done with it. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { kindName } from '../models/names';
import type { IPlace } from '../models/snippet';
import type { IRow } from '../models/tree';
import type { IGuardBudget, IStudy } from '../tokens';

import { ColumnDetails, Fact } from './ColumnDetails';
import { useFetched } from './useFetched';

export interface IPlaceDetailsProps {
  row: IRow;
  budget: IGuardBudget | null;
  trans: TranslationBundle;
  onInsert: () => void;
  onOpenCard: (place: IPlace) => void;
}

export function PlaceDetails(props: IPlaceDetailsProps): React.ReactElement {
  const { row, budget, trans, onInsert, onOpenCard } = props;
  const { study, table, column, place } = row;
  const name = column?.name ?? table?.name ?? study.name;
  return (
    <section className="jp-KernelGuard-details" aria-label={trans.__('Details of %1', name)} tabIndex={0}>
      <h3>{name}</h3>
      {table && column && <ColumnDetails table={table} column={column} trans={trans} />}
      {table && !column && (
        <>
          {table.description && <p>{table.description}</p>}
          <dl>
            <Fact name={trans.__('Kind')} text={kindName(table.kind, trans)} />
            <Fact name={trans.__('Patient key')} text={table.patient_key ?? ''} />
            <Fact name={trans.__('Columns')} text={String(table.columns.length)} />
          </dl>
        </>
      )}
      {!table && <StudyDetails study={study} budget={budget} trans={trans} />}
      <p className="jp-KernelGuard-actions">
        {!column?.blocked && (
          <button className="jp-mod-styled jp-mod-minimal" onClick={onInsert}>
            {trans.__('Insert into cell')}
          </button>
        )}
        {table && (
          <button className="jp-mod-styled jp-mod-minimal" onClick={() => onOpenCard(place)}>
            {trans.__('Open schema card')}
          </button>
        )}
      </p>
    </section>
  );
}

interface IStudyDetailsProps {
  study: IStudy;
  budget: IGuardBudget | null;
  trans: TranslationBundle;
}

function StudyDetails({ study, budget, trans }: IStudyDetailsProps): React.ReactElement {
  return (
    <>
      {study.description && <p>{study.description}</p>}
      <dl>
        <Fact name={trans.__('Data')} text={study.synthetic ? trans.__('synthetic') : trans.__('protected')} />
        <Fact name={trans.__('Data version')} text={study.version} />
        <Fact name={trans.__('Tables')} text={String(study.tables.length)} />
      </dl>
      {budget && <GrantOf study={study.name} budget={budget} trans={trans} />}
    </>
  );
}

/** The grant through which this study is seen: project, purpose, end. */
export function GrantOf(props: { study: string; budget: IGuardBudget; trans: TranslationBundle }): React.ReactElement {
  const { study, budget, trans } = props;
  const { value } = useFetched(budget);
  const grants = value?.filter(grant => grant.study === study) ?? [];
  return (
    <>
      {grants.map(({ project, purpose, expires, routes }) => (
        <dl key={project}>
          <Fact name={trans.__('Project')} text={project} />
          <Fact name={trans.__('Purpose')} text={purpose} />
          <Fact name={trans.__('Access ends')} text={expires.slice(0, 10)} />
          <Fact
            name={trans.__('Answers')}
            text={routes.includes('sdc') ? trans.__('private, or exact and checked') : trans.__('private only')}
          />
        </dl>
      ))}
    </>
  );
}
