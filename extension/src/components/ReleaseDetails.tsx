/** What a release is, folded away: the question in words, cost, accuracy, rules, ids. */
import * as React from 'react';

import { formatAmount, toNumber } from '../models/amounts';

import type { IStatementProps } from './ReleaseBadge';

export function ReleaseDetails({ statement, trans }: IStatementProps): React.ReactElement {
  const { cost, confidence, rules } = statement;
  const costText =
    toNumber(cost.delta) > 0
      ? trans.__('ε %1, δ %2', formatAmount(cost.epsilon), formatAmount(cost.delta))
      : trans.__('ε %1', formatAmount(cost.epsilon));
  return (
    <details className="jp-KernelGuard-statement">
      <summary>{trans.__('What was released')}</summary>
      <dl>
        <Entry name={trans.__('Question')}>{statement.words}</Entry>
        <Entry name={trans.__('Privacy cost')}>{costText}</Entry>
        {statement.route === 'dp' && confidence !== null && (
          <Entry name={trans.__('Error bars')}>
            {trans.__('the value is within ± with %1 % confidence', Math.round(confidence * 100))}
          </Entry>
        )}
        <Entry name={trans.__('Study and data version')}>
          {statement.study} <code>{statement.data_version}</code>
          {statement.synthetic && ` (${trans.__('synthetic')})`}
        </Entry>
        <Entry name={trans.__('Project')}>{statement.project}</Entry>
        <Entry name={trans.__('Release')}>
          <code>{statement.id}</code>
        </Entry>
        <Entry name={trans.__('Released on')}>{dateText(statement.created)}</Entry>
      </dl>
      {rules?.length > 0 && (
        <ul>
          {rules.map(({ rule, verdict, detail }) => (
            <li key={rule}>
              <strong>{rule}</strong>: {verdict}
              {detail && ` (${detail})`}
            </li>
          ))}
        </ul>
      )}
    </details>
  );
}

function Entry({ name, children }: React.PropsWithChildren<{ name: string }>): React.ReactElement {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function dateText(created: string): string {
  const date = new Date(created);
  return Number.isNaN(date.getTime()) ? String(created) : date.toLocaleString();
}
