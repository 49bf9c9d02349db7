/** One account: granted, spent, reserved and left, and how many questions that is. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { formatAmount, isLow, shareLeft, toNumber } from '../models/amounts';
import { usual } from '../models/usual';
import type { IAmount, ISpending, IStudyBudget } from '../tokens';

export interface IAccountProps {
  account: IStudyBudget;
  spending: ISpending[];
  trans: TranslationBundle;
}

export function Account({ account, spending, trans }: IAccountProps): React.ReactElement {
  const { epsilon, delta } = account;
  const left = Math.round(shareLeft(epsilon) * 100);
  return (
    <section className="jp-KernelGuard-account">
      <h3>{account.study}</h3>
      <p className="jp-KernelGuard-quiet">
        {trans.__('Project %1', account.project)}
        {account.purpose && ` · ${account.purpose}`}
      </p>
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
      <p className="jp-KernelGuard-questions">{questionsText(account, spending, trans)}</p>
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

function questionsText(account: IStudyBudget, spending: ISpending[], trans: TranslationBundle): string {
  const found = usual(account, spending);
  if (!found) {
    return trans.__('Nothing spent yet. The planner below shows what a question would cost.');
  }
  const epsilon = formatAmount(String(found.epsilon));
  return trans._n(
    '%1 more question at your usual error (ε %2)',
    '%1 more questions at your usual error (ε %2)',
    found.questions,
    epsilon
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
