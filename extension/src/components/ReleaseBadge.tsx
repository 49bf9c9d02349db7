/** The badge: by which route the numbers were released and what they cost or passed. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { guardIcon } from '../icons';
import { formatAmount, toNumber } from '../models/amounts';
import type { IStatement } from '../tokens';

export interface IStatementProps {
  statement: IStatement;
  trans: TranslationBundle;
}

export function ReleaseBadge({ statement, trans }: IStatementProps): React.ReactElement {
  return (
    <div className="jp-KernelGuard-badges">
      <span className="jp-KernelGuard-badge" data-route={statement.route}>
        <guardIcon.react tag="span" />
        {routeText(statement, trans)}
      </span>
      {statement.synthetic && (
        <span className="jp-KernelGuard-mark" title={trans.__('These numbers describe invented patients.')}>
          {trans.__('synthetic')}
        </span>
      )}
      <span className="jp-KernelGuard-quiet">{statement.study}</span>
    </div>
  );
}

function routeText({ route, cost, rules }: IStatement, trans: TranslationBundle): string {
  if (route === 'dp') {
    return toNumber(cost.delta) > 0
      ? trans.__('Released · differentially private · ε %1, δ %2', formatAmount(cost.epsilon), formatAmount(cost.delta))
      : trans.__('Released · differentially private · ε %1', formatAmount(cost.epsilon));
  }
  const count = rules?.length ?? 0;
  return trans._n('Released · %1 disclosure rule checked', 'Released · %1 disclosure rules checked', count);
}
