/** The account behind the status bar item: granted, spent, reserved and left, per study. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { formatAmount, isLow, shareLeft, toNumber } from '../models/amounts';
import type { IAmount, IGuardBudget, IStudyBudget } from '../tokens';

import { Problem } from './Problem';
import { useFetched } from './useFetched';

export interface IBudgetPopupProps {
  budget: IGuardBudget;
  trans: TranslationBundle;
}

export function BudgetPopup({ budget, trans }: IBudgetPopupProps): React.ReactElement {
  const { value, error } = useFetched(budget);
  return (
    <div className="jp-KernelGuard-popup" role="dialog" aria-label={trans.__('Privacy budget')}>
      {error && <Problem error={error} trans={trans} onRetry={() => void budget.refresh()} />}
      {value?.map(study => <Account key={`${study.study}/${study.project}`} account={study} trans={trans} />)}
      {value?.length === 0 && <p>{trans.__('No budget granted')}</p>}
    </div>
  );
}

function Account({ account, trans }: { account: IStudyBudget; trans: TranslationBundle }): React.ReactElement {
  const { epsilon, delta } = account;
  const left = Math.round(shareLeft(epsilon) * 100);
  return (
    <section>
      <h3>{account.study}</h3>
      <p className="jp-KernelGuard-quiet">{trans.__('Project %1', account.project)}</p>
      <div
        className={`jp-KernelGuard-meter${isLow(epsilon) ? ' jp-mod-low' : ''}`}
        role="meter"
        aria-label={trans.__('Share of ε left in %1', account.study)}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={left}
        aria-valuetext={trans.__('%1 per cent left', left)}
      >
        <div style={{ width: `${left}%` }} />
      </div>
      <table>
        <thead>
          <tr>
            <td />
            <th scope="col">{trans.__('granted')}</th>
            <th scope="col">{trans.__('spent')}</th>
            <th scope="col">{trans.__('reserved')}</th>
            <th scope="col">{trans.__('left')}</th>
          </tr>
        </thead>
        <tbody>
          <Amounts name="ε" amount={epsilon} />
          {toNumber(delta.granted) > 0 && <Amounts name="δ" amount={delta} />}
        </tbody>
      </table>
      <p className="jp-KernelGuard-quiet">
        {account.routes.includes('sdc')
          ? trans.__('Exact, disclosure-checked answers are allowed too.')
          : trans.__('Only differentially private answers are allowed.')}
        {account.expires && ' '}
        {account.expires && trans.__('The grant ends on %1.', account.expires.slice(0, 10))}
      </p>
    </section>
  );
}

function Amounts({ name, amount }: { name: string; amount: IAmount }): React.ReactElement {
  return (
    <tr>
      <th scope="row">{name}</th>
      {[amount.granted, amount.spent, amount.reserved, amount.left].map((text, index) => (
        <td key={index} title={text}>
          {formatAmount(text)}
        </td>
      ))}
    </tr>
  );
}
