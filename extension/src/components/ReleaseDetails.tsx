/** What a release is, folded away: the question in words, cost, accuracy, rules, ids, and whether its signature holds. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { formatAmount, toNumber } from '../models/amounts';
import { checkSignature, type Verdict } from '../models/signature';
import { outputActions } from '../outputActions';

import type { IStatementProps } from './ReleaseBadge';
import { Words } from './Words';

export function ReleaseDetails({ statement, envelope, trans }: IStatementProps & { envelope: unknown }): React.ReactElement {
  const { cost, confidence, rules } = statement;
  const [opened, setOpened] = React.useState(false);
  const costText =
    toNumber(cost.delta) > 0
      ? trans.__('ε %1, δ %2', formatAmount(cost.epsilon), formatAmount(cost.delta))
      : trans.__('ε %1', formatAmount(cost.epsilon));
  return (
    <details className="jp-KernelGuard-statement" onToggle={event => setOpened(event.currentTarget.open)}>
      <summary>{trans.__('What was released')}</summary>
      <dl>
        <Entry name={trans.__('Question')}>
          <Words words={statement.words} trans={trans} />
        </Entry>
        <Entry name={trans.__('Privacy cost')}>{costText}</Entry>
        {statement.route === 'dp' && typeof confidence === 'number' && (
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
        <Entry name={trans.__('Signature')}>
          {opened && <Signature statement={statement} envelope={envelope} trans={trans} />}
        </Entry>
      </dl>
      {rules?.length > 0 && (
        <ul>
          {rules.map(({ rule, verdict, detail }, index) => (
            <li key={index}>
              <strong>{rule}</strong>: {verdict}
              {detail && ` (${detail})`}
            </li>
          ))}
        </ul>
      )}
    </details>
  );
}

function Signature({ statement, envelope, trans }: IStatementProps & { envelope: unknown }): React.ReactElement {
  const [verdict, setVerdict] = React.useState<Verdict | undefined>();
  React.useEffect(() => {
    let current = true;
    const check = async () => {
      const key = await outputActions.publicKey?.().catch(() => undefined);
      const found = key ? await checkSignature(statement, envelope, key).catch(() => 'unknown' as const) : 'unknown';
      if (current) {
        setVerdict(found);
      }
    };
    void check();
    return () => {
      current = false;
    };
  }, [statement, envelope]);
  return <span role="status">{verdictText(verdict, trans)}</span>;
}

function verdictText(verdict: Verdict | undefined, trans: TranslationBundle): string {
  switch (verdict) {
    case 'valid':
      return trans.__('✓ The vault signed exactly these numbers.');
    case 'invalid':
      return trans.__('✗ The signature does not fit these numbers. Do not rely on them; tell the operator.');
    case 'unknown':
      return trans.__('Not checked here. Run: kernel-guard verify on this notebook.');
    default:
      return trans.__('checking…');
  }
}

function Entry({ name, children }: React.PropsWithChildren<{ name: string }>): React.ReactElement {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** A time of the server in the reader's own way of writing it. */
export function dateText(created: string): string {
  const date = new Date(created);
  return Number.isNaN(date.getTime()) ? String(created) : date.toLocaleString();
}
