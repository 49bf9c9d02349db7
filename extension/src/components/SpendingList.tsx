/** Who of the project spent what on which question, newest first. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { formatAmount, toNumber } from '../models/amounts';
import type { ISpending } from '../tokens';

import { dateText } from './ReleaseDetails';
import { Words } from './Words';

const PAGE = 50;

export interface ISpendingListProps {
  spending: ISpending[] | undefined;
  trans: TranslationBundle;
}

export function SpendingList({ spending, trans }: ISpendingListProps): React.ReactElement {
  const [shown, setShown] = React.useState(PAGE);
  const more = (spending?.length ?? 0) - shown;
  return (
    <section className="jp-KernelGuard-spending">
      <h3>{trans.__('Asked so far')}</h3>
      {!spending && <p className="jp-KernelGuard-quiet">{trans.__('Loading…')}</p>}
      {spending?.length === 0 && (
        <p className="jp-KernelGuard-quiet">{trans.__('Nobody in this project has asked anything yet.')}</p>
      )}
      <ul>
        {spending?.slice(0, shown).map(one => (
          <li key={one.id}>
            <span>
              <Words words={one.words} trans={trans} />
            </span>
            <span className="jp-KernelGuard-quiet">
              {costText(one, trans)} · {one.user} · {dateText(one.created)}
            </span>
          </li>
        ))}
      </ul>
      {more > 0 && (
        <button className="jp-mod-styled jp-mod-minimal" onClick={() => setShown(shown + PAGE)}>
          {trans._n('Show %1 more', 'Show %1 more', Math.min(more, PAGE))}
        </button>
      )}
    </section>
  );
}

function costText({ route, cost }: ISpending, trans: TranslationBundle): string {
  return route === 'dp' && toNumber(cost.epsilon) > 0
    ? trans.__('ε %1', formatAmount(cost.epsilon))
    : trans.__('exact, no ε');
}
