/**
 * One request in the main area: items riskiest first, the one in front with its evidence, votes by keyboard.
 *
 * - Everything that a researcher wrote is shown as text; nothing of it is rendered or run.
 * - Only the actions that the server names are drawn; a conflict shows the newer state and asks again.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { ReviewClient } from '../../review/client';
import { cleanOnes, onReviewKey } from '../../review/keys';
import type { IRequest } from '../../review/types';
import type { IFetched } from '../../tokens';
import { Problem } from '../Problem';
import { useFetched } from '../useFetched';

import { Comments } from './Comments';
import { Context } from './Context';
import { Evidence } from './Evidence';
import { ItemContent } from './ItemContent';
import { ItemList } from './ItemList';
import { Justify } from './Justify';
import { RequestHeader } from './RequestHeader';
import { useActions } from './useActions';
import { VoteBar } from './VoteBar';

export interface IRequestPageProps {
  request: IFetched<IRequest>;
  client: ReviewClient;
  trans: TranslationBundle;
  /** The lists elsewhere show the change too. */
  onChanged: () => void;
}

export function RequestPage(props: IRequestPageProps): React.ReactElement {
  const { request, trans } = props;
  const { value, error } = useFetched(request);
  if (!value) {
    return error ? (
      <Problem error={error} trans={trans} onRetry={() => void request.refresh()} />
    ) : (
      <p className="jp-KernelGuard-quiet">{trans.__('Loading…')}</p>
    );
  }
  return <Loaded {...props} fresh={value} />;
}

function Loaded({ request, fresh, client, trans, onChanged }: IRequestPageProps & { fresh: IRequest }): React.ReactElement {
  const { shown, error, run } = useActions(fresh, request, onChanged);
  const [at, setAt] = React.useState(0);
  const [asking, setAsking] = React.useState(false);
  const page = React.useRef<HTMLElement>(null);
  const comment = React.useRef<HTMLTextAreaElement>(null);
  const item = shown.items[Math.min(at, shown.items.length - 1)];
  const mayVote = shown.actions.includes('vote');
  const seen = React.useRef(new Set<string>());
  React.useEffect(() => {
    if (item) {
      seen.current.add(item.id);
    }
  }, [item?.id]);
  const approveClean = () => {
    const votes = cleanOnes(shown.items, seen.current).map(({ id }) => ({ item: id, vote: 'approve' as const, reason: '' }));
    if (votes.length > 0) {
      void run(() => client.vote(shown, votes));
    }
  };
  const go = (index: number) => {
    setAt(index);
    setAsking(false);
  };
  const vote = (verdict: 'approve' | 'request_changes', reason: string) => {
    setAsking(false);
    void run(() => client.vote(shown, [{ item: item.id, vote: verdict, reason }]));
    page.current?.focus();
  };

  const onKeyDown = (event: React.KeyboardEvent) => {
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test((event.target as HTMLElement).tagName);
    const held = event.ctrlKey || event.metaKey || event.altKey;
    const step = typing || held ? undefined : onReviewKey(event.key, Math.min(at, shown.items.length - 1), shown.items);
    if (!step) {
      return;
    }
    event.preventDefault();
    if (step.do === 'go') {
      go(step.index);
    } else if (step.do === 'comment') {
      comment.current?.focus();
    } else if (step.do === 'approve_clean') {
      mayVote && approveClean();
    } else if (mayVote && item) {
      step.do === 'approve' ? vote('approve', '') : setAsking(step.do === 'changes');
    }
  };

  return (
    <article
      ref={page}
      className="jp-KernelGuard-card jp-KernelGuard-review"
      tabIndex={0}
      data-lm-suppress-shortcuts="true"
      aria-label={trans.__('Request #%1: %2', shown.number, shown.title)}
      onKeyDown={onKeyDown}
    >
      <RequestHeader
        request={shown}
        trans={trans}
        onRename={title => void run(() => client.rename(shown, title))}
        onAct={(action, reason) => void run(() => client.act(shown, action, reason ? { reason } : {}))}
      />
      {error && <Problem error={error} trans={trans} />}
      <Context request={shown} trans={trans} onSave={groups => void run(() => client.describe(shown, groups))} />
      <div className="jp-KernelGuard-columns">
        <ItemList
          items={shown.items}
          at={at}
          trans={trans}
          onGo={go}
          onRemove={shown.actions.includes('edit') ? id => void run(() => client.removeItem(shown, id)) : undefined}
        />
        {item ? (
          <div className="jp-KernelGuard-item-shown">
            <ItemContent item={item} study={shown.study} trans={trans} />
            {shown.actions.includes('edit') && (
              <Justify key={item.id} item={item} trans={trans} onJustify={words => void run(() => client.justify(shown, item.id, words))} />
            )}
            {mayVote && <VoteBar item={item} asking={asking} onAsk={setAsking} onVote={vote} trans={trans} />}
            <Evidence item={item} trans={trans} />
          </div>
        ) : (
          <p className="jp-KernelGuard-quiet">
            {trans.__('This request is empty. Click “Ask for export” on a release, or choose from a notebook.')}
          </p>
        )}
      </div>
      <Comments
        ref={comment}
        request={shown}
        item={item?.id ?? null}
        trans={trans}
        onComment={(text, visibility, about) => void run(() => client.comment(shown, text, visibility, about))}
      />
    </article>
  );
}
