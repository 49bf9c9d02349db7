/** Approve, or ask for changes with a reason; the own vote is shown until it is changed. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IItem } from '../../review/types';

export interface IVoteBarProps {
  item: IItem;
  /** Is the reason being asked for? */
  asking: boolean;
  onAsk: (asking: boolean) => void;
  onVote: (vote: 'approve' | 'request_changes', reason: string) => void;
  trans: TranslationBundle;
}

export function VoteBar({ item, asking, onAsk, onVote, trans }: IVoteBarProps): React.ReactElement {
  const [reason, setReason] = React.useState('');
  const mine = item.votes.find(vote => vote.mine);
  const send = (event: React.FormEvent) => {
    event.preventDefault();
    onVote('request_changes', reason);
    setReason('');
  };
  return (
    <div className="jp-KernelGuard-voteBar" role="group" aria-label={trans.__('Your vote on %1', item.name)}>
      <button className="jp-mod-styled jp-mod-accept" aria-pressed={mine?.vote === 'approve'} onClick={() => onVote('approve', '')}>
        {trans.__('Approve (A)')}
      </button>
      <button className="jp-mod-styled" aria-pressed={mine?.vote === 'request_changes'} onClick={() => onAsk(!asking)}>
        {trans.__('Ask for changes (R)')}
      </button>
      {asking && (
        <form onSubmit={send} className="jp-KernelGuard-reason">
          <label>
            {trans.__('What should change?')}
            <textarea
              className="jp-mod-styled"
              autoFocus
              value={reason}
              onChange={event => setReason(event.target.value)}
              onKeyDown={event => event.key === 'Escape' && onAsk(false)}
            />
          </label>
          <button className="jp-mod-styled jp-mod-accept" type="submit" disabled={!reason.trim()}>
            {trans.__('Send')}
          </button>
        </form>
      )}
      {mine && (
        <span className="jp-KernelGuard-quiet" role="status">
          {mine.vote === 'approve' ? trans.__('You approved this.') : trans.__('You asked for changes: %1', mine.reason)}
        </span>
      )}
    </div>
  );
}
