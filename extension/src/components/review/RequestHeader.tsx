/** Title, state, version, whose move it is, and what I may do now; a reason where one is needed. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { localText } from '../../models/localText';
import { apiUrl } from '../../request';
import { actionName, riskName, stateName } from '../../review/names';
import type { IRequest } from '../../review/types';
import { dateText } from '../ReleaseDetails';

/** Actions of the whole request; votes and comments have places of their own. */
const BUTTONS = ['submit', 'approve', 'release', 'return', 'reject', 'withdraw'];
const NEEDS_REASON = ['return', 'reject'];

export interface IRequestHeaderProps {
  request: IRequest;
  trans: TranslationBundle;
  onAct: (action: string, reason: string) => void;
  onRename: (title: string) => void;
}

export function RequestHeader({ request, trans, onAct, onRename }: IRequestHeaderProps): React.ReactElement {
  const [asked, setAsked] = React.useState('');
  const [reason, setReason] = React.useState('');
  const click = (action: string) => (NEEDS_REASON.includes(action) ? setAsked(action) : onAct(action, ''));
  const send = (event: React.FormEvent) => {
    event.preventDefault();
    onAct(asked, reason);
    setAsked('');
    setReason('');
  };
  return (
    <>
      <header>
        <h1>{trans.__('#%1 %2', request.number, request.title)}</h1>
        {request.actions.includes('edit') && <Rename key={request.title} title={request.title} trans={trans} onRename={onRename} />}
        <span className="jp-KernelGuard-mark">{stateName(request.state, trans)}</span>
        <span className="jp-KernelGuard-mark" data-risk={request.risk}>
          {riskName(request.risk, trans)}
        </span>
        {BUTTONS.filter(action => request.actions.includes(action)).map(action => (
          <button key={action} className="jp-mod-styled" onClick={() => click(action)}>
            {actionName(action, trans)}
          </button>
        ))}
        {request.actions.includes('download') && (
          <a className="jp-KernelGuard-link" href={apiUrl(`review/requests/${encodeURIComponent(request.id)}/bundle`)} download>
            {trans.__('Download the signed bundle')}
          </a>
        )}
      </header>
      <p className="jp-KernelGuard-quiet">
        {[
          request.project,
          request.study,
          trans.__('version %1', request.version),
          trans.__('by %1', request.authors.join(', ')),
          ...(request.submitted ? [trans.__('submitted %1', dateText(request.submitted))] : []),
          ...(request.expires ? [trans.__('expires %1', dateText(request.expires))] : []),
          phaseText(request, trans)
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
      {reasonsOf(request, trans).map(why => (
        <p key={why} className="jp-KernelGuard-quiet">
          {why}
        </p>
      ))}
      {asked && (
        <form onSubmit={send} className="jp-KernelGuard-reason">
          <label>
            {trans.__('Why? The authors read this.')}
            <textarea className="jp-mod-styled" autoFocus value={reason} onChange={event => setReason(event.target.value)} />
          </label>
          <button className="jp-mod-styled jp-mod-accept" type="submit" disabled={!reason.trim()}>
            {actionName(asked, trans)}
          </button>
          <button className="jp-mod-styled" type="button" onClick={() => setAsked('')}>
            {trans.__('Cancel')}
          </button>
        </form>
      )}
      <Versions request={request} trans={trans} />
    </>
  );
}

/** The decisions that a state waits for: why one of them cannot be made by this person is worth a line, no other. */
const NEXT: Partial<Record<IRequest['state'], string[]>> = {
  submitted: ['vote', 'approve'],
  in_review: ['vote', 'approve'],
  approved: ['release']
};

function reasonsOf({ state, why_not }: IRequest, trans: TranslationBundle): string[] {
  const reasons = (NEXT[state] ?? []).map(action => why_not[action]).filter(Boolean);
  return [...new Set(reasons)].map(why => localText(why, trans));
}

interface IRenameProps {
  title: string;
  trans: TranslationBundle;
  onRename: (title: string) => void;
}

/** A draft's title, changed in its place. */
function Rename({ title, trans, onRename }: IRenameProps): React.ReactElement {
  const [open, setOpen] = React.useState(false);
  const [text, setText] = React.useState(title);
  const send = (event: React.FormEvent) => {
    event.preventDefault();
    setOpen(false);
    text.trim() !== title && onRename(text);
  };
  if (!open) {
    return (
      <button className="jp-KernelGuard-link" onClick={() => setOpen(true)}>
        {trans.__('Rename')}
      </button>
    );
  }
  return (
    <form onSubmit={send}>
      <input
        className="jp-mod-styled"
        aria-label={trans.__('Title')}
        autoFocus
        maxLength={200}
        value={text}
        onChange={event => setText(event.target.value)}
        onKeyDown={event => event.key === 'Escape' && setOpen(false)}
      />
      <button className="jp-mod-styled" type="submit">
        {trans.__('Save')}
      </button>
    </form>
  );
}

function phaseText({ phase, votes_in, checkers_needed }: IRequest, trans: TranslationBundle): string {
  switch (phase) {
    case 'independent':
      return trans.__('independent votes: each checker sees only the own (%1 of %2 in)', votes_in, checkers_needed);
    case 'joint':
      return trans.__('joint phase: all votes are visible');
    default:
      return trans._n('%1 checker needed', '%1 checkers needed', checkers_needed);
  }
}

function Versions({ request, trans }: { request: IRequest; trans: TranslationBundle }): React.ReactElement | null {
  if (request.history.length === 0) {
    return null;
  }
  return (
    <details>
      <summary>{trans._n('History, %1 version', 'History, %1 versions', request.versions.length)}</summary>
      <ul>
        {request.versions.map(({ version, submitted, by, digest }) => (
          <li key={version}>
            {trans.__('Version %1 by %2, %3', version, by, dateText(submitted))} <code>{digest.slice(0, 16)}</code>
          </li>
        ))}
        {request.history.map(({ time, by, action, reason }, index) => (
          <li key={index}>
            {dateText(time)} · {by} · {actionName(action, trans)}
            {reason && ` · ${reason}`}
          </li>
        ))}
      </ul>
    </details>
  );
}
