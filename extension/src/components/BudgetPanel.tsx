/** The right sidebar: what is left, who spent what on what, and the planner of the next question. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IFetched, IGuardBudget, ISpending } from '../tokens';

import { Account } from './Account';
import { Planner, type IPlannerActions } from './Planner';
import { Problem } from './Problem';
import { SpendingList } from './SpendingList';
import { useFetched } from './useFetched';

export interface IBudgetPanelProps {
  budget: IGuardBudget;
  spending: IFetched<ISpending[]>;
  planner: IPlannerActions;
  trans: TranslationBundle;
}

export function BudgetPanel({ budget, spending, planner, trans }: IBudgetPanelProps): React.ReactElement {
  const { value: accounts, error } = useFetched(budget);
  const { value: spent } = useFetched(spending);
  return (
    <div className="jp-KernelGuard-budgetPanel" tabIndex={0} role="group" aria-label={trans.__('Privacy budget')}>
      {error && <Problem error={error} trans={trans} onRetry={() => void budget.refresh()} />}
      {accounts?.map(account => (
        <Account key={`${account.study}/${account.project}`} account={account} spending={spent ?? []} trans={trans} />
      ))}
      {accounts?.length === 0 && (
        <p className="jp-KernelGuard-quiet">
          {trans.__('No budget is granted yet. Ask the data steward for access to a study.')}
        </p>
      )}
      <Planner actions={planner} trans={trans} />
      <SpendingList spending={spent} trans={trans} />
    </div>
  );
}
