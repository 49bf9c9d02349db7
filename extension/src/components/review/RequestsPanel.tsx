/** The left sidebar of requests: who one is, the basket and own requests, and for checkers the queue, riskiest first. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { riskName, stateName } from '../../review/names';
import type { IRequestList, ISession, ISummary } from '../../review/types';
import type { IFetched } from '../../tokens';
import { Problem } from '../Problem';
import { useFetched } from '../useFetched';

import { SignIn, type ISignInActions } from './SignIn';

export interface IRequestsPanelProps {
  session: IFetched<ISession>;
  mine: IFetched<IRequestList>;
  queue: IFetched<IRequestList>;
  signIn: ISignInActions;
  onOpen: (request: ISummary) => void;
  onOpenAudit: () => void;
  /** Choose results of the notebook in front; absent where there are no notebooks. */
  onChoose?: () => void;
  trans: TranslationBundle;
}

export function RequestsPanel(props: IRequestsPanelProps): React.ReactElement {
  const { session, mine, queue, signIn, onOpen, onOpenAudit, onChoose, trans } = props;
  const { value: who, error } = useFetched(session);
  const has = (...roles: string[]) => who?.rights.some(({ role }) => roles.includes(role)) ?? false;
  return (
    <div className="jp-KernelGuard-budgetPanel" tabIndex={0} role="group" aria-label={trans.__('Requests')}>
      {error && <Problem error={error} trans={trans} onRetry={() => void session.refresh()} />}
      {who && <SignIn session={who} actions={signIn} trans={trans} />}
      {has('checker', 'steward') && (
        <section>
          <h3>{trans.__('Waiting for you')}</h3>
          <List list={queue} empty={trans.__('Nothing waits for your check.')} onOpen={onOpen} trans={trans} />
        </section>
      )}
      {!error && (
        <section>
          <h3>{trans.__('Your requests')}</h3>
          {onChoose && has('researcher') && (
            <button className="jp-mod-styled" onClick={onChoose}>
              {trans.__('Choose from the notebook…')}
            </button>
          )}
          <List
            list={mine}
            empty={trans.__('Nothing yet. Click “Ask for export” on a release: it lands in a new request here.')}
            onOpen={onOpen}
            trans={trans}
          />
        </section>
      )}
      {has('auditor', 'steward') && (
        <section>
          <button className="jp-mod-styled" onClick={onOpenAudit}>
            {trans.__('Open the audit log')}
          </button>
        </section>
      )}
    </div>
  );
}

interface IListProps {
  list: IFetched<IRequestList>;
  empty: string;
  onOpen: (request: ISummary) => void;
  trans: TranslationBundle;
}

function List({ list, empty, onOpen, trans }: IListProps): React.ReactElement {
  const { value, error } = useFetched(list);
  if (error) {
    return <Problem error={error} trans={trans} onRetry={() => void list.refresh()} />;
  }
  if (!value) {
    return <p className="jp-KernelGuard-quiet">{trans.__('Loading…')}</p>;
  }
  if (value.requests.length === 0) {
    return <p className="jp-KernelGuard-quiet">{empty}</p>;
  }
  return (
    <ul>
      {value.requests.map(request => (
        <li key={request.id} className="jp-KernelGuard-request">
          <button className="jp-KernelGuard-link" onClick={() => onOpen(request)}>
            {trans.__('#%1 %2', request.number, request.title)}
          </button>
          <span className="jp-KernelGuard-mark" data-risk={request.risk}>
            {request.state === 'in_review' || request.state === 'submitted'
              ? riskName(request.risk, trans)
              : stateName(request.state, trans)}
          </span>
          <span className="jp-KernelGuard-quiet">{line(request, trans)}</span>
        </li>
      ))}
    </ul>
  );
}

function line(request: ISummary, trans: TranslationBundle): string {
  const parts = [
    request.project,
    trans._n('%1 item', '%1 items', request.items),
    stateName(request.state, trans),
    ...(request.findings.stop > 0 ? [trans._n('%1 must change', '%1 must change', request.findings.stop)] : []),
    ...(request.findings.look > 0 ? [trans._n('%1 to look at', '%1 to look at', request.findings.look)] : [])
  ];
  return parts.join(' · ');
}
