/** What the vault says about an item: patients behind it in bands, rules with their margins, differencing, cost, code. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { formatAmount } from '../../models/amounts';
import type { IItem, INeighbour } from '../../review/types';
import { Fact } from '../ColumnDetails';
import { dateText } from '../ReleaseDetails';

import type { IItemProps } from './ItemContent';

export function Evidence({ item, trans }: IItemProps): React.ReactElement {
  const { evidence, votes, votes_in, votes_hidden } = item;
  const bands = [...new Set((evidence.patients ?? []).map(({ band }) => band))];
  return (
    <section aria-label={trans.__('Evidence')}>
      <h2>{trans.__('Evidence by the vault')}</h2>
      <dl>
        <Fact name={trans.__('Question')} text={evidence.words ?? ''} />
        <Fact name={trans.__('Cohort')} text={evidence.cohort ?? ''} />
        <Fact name={trans.__('Patients behind cells')} text={bands.join(', ')} />
        <Fact
          name={trans.__('Degrees of freedom')}
          text={(evidence.degrees_of_freedom ?? []).map(({ column, at_least }) => `${column} ≥ ${at_least}`).join(', ')}
        />
        <Fact
          name={trans.__('Earlier releases')}
          text={
            evidence.differencing
              ? trans.__('%1 compared: %2 %3', evidence.differencing.compared, evidence.differencing.verdict, evidence.differencing.detail)
              : ''
          }
        />
        <Fact name={trans.__('Nearest releases')} text={(evidence.differencing?.nearest ?? []).map(near => neighbour(near, trans)).join('; ')} />
        <Fact name={trans.__('Provenance')} text={sealText(item, trans)} />
        <Fact
          name={trans.__('Privacy cost')}
          text={evidence.budget ? trans.__('ε %1', formatAmount(evidence.budget.epsilon)) : ''}
        />
        <Fact
          name={trans.__('Same cohort by others')}
          text={(evidence.others ?? []).map(({ user, project, words }) => `${user} (${project}): ${words}`).join('; ')}
        />
        <Fact
          name={trans.__('Votes')}
          text={[
            ...votes.map(vote => `${vote.by}: ${vote.vote === 'approve' ? trans.__('approved') : trans.__('asks for changes')}${vote.reason && ` (${vote.reason})`}`),
            ...(votes_hidden === null ? [trans.__('others are hidden until all independent votes are in')] : []),
            trans.__('%1 of %2 in', votes_in, item.checkers)
          ].join('; ')}
        />
      </dl>
      {(evidence.rules ?? []).length > 0 && (
        <ul>
          {(evidence.rules ?? []).map(({ rule, verdict, detail, margin }, index) => (
            <li key={index}>
              <strong>{rule}</strong>: {verdict}
              {detail && ` (${detail})`}
              {margin && ` · ${margin}`}
            </li>
          ))}
        </ul>
      )}
      {(evidence.releases ?? []).length > 0 && (
        <details>
          <summary>
            {trans._n('Made from %1 release', 'Made from %1 releases', evidence.releases_in_all ?? (evidence.releases ?? []).length)}
          </summary>
          <ul>
            {(evidence.releases ?? []).map(({ id, words, user, created, least }) => (
              <li key={id}>
                {words} <code>{id}</code> · {user} · {dateText(created)}
                {least && ` · ${trans.__('%1 patients', least)}`}
              </li>
            ))}
          </ul>
        </details>
      )}
      {evidence.code?.since_approved && (
        <details>
          <summary>{trans.__('Code changed since the approved version')}</summary>
          <pre className="jp-KernelGuard-text">{evidence.code.since_approved}</pre>
        </details>
      )}
    </section>
  );
}

function neighbour({ relation, apart, words, user, project }: INeighbour, trans: TranslationBundle): string {
  const what = `${words ?? ''} (${user ?? ''}, ${project ?? ''})`;
  switch (relation) {
    case 'same':
      return trans.__('the same patients: %1', what);
    case 'within':
      return trans.__('part of: %1, %2 patients apart', what, apart);
    case 'contains':
      return trans.__('contains: %1, %2 patients apart', what, apart);
    default:
      return trans.__('overlaps: %1, %2 patients apart', what, apart);
  }
}

/** Where the item comes from, and whether the submitted code is the code that ran. */
function sealText({ seal, evidence, kind }: IItem, trans: TranslationBundle): string {
  const matches = evidence.code?.matches;
  return [
    ...(seal?.time ? [trans.__('shown by a guarded kernel, %1', dateText(seal.time))] : []),
    ...(kind === 'release' ? [trans.__('signed by the vault')] : []),
    ...(matches === true ? [trans.__('the submitted code is the code that ran')] : []),
    ...(matches === false ? [trans.__('THE SUBMITTED CODE IS NOT THE CODE THAT RAN')] : [])
  ].join(' · ');
}
