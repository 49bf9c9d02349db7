/** What the vault says about an item: patients behind it in bands, rules with their margins, differencing, cost, code. */
import * as React from 'react';

import { formatAmount } from '../../models/amounts';
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
          <summary>{trans._n('Made from %1 release', 'Made from %1 releases', (evidence.releases ?? []).length)}</summary>
          <ul>
            {(evidence.releases ?? []).map(({ id, words, user, created }) => (
              <li key={id}>
                {words} <code>{id}</code> · {user} · {dateText(created)}
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
