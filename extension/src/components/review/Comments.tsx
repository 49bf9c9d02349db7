/** Comments on the request and its items, public or for checkers alone. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { visibilityName } from '../../review/names';
import type { IRequest } from '../../review/types';
import { dateText } from '../ReleaseDetails';

export interface ICommentsProps {
  request: IRequest;
  /** The item in front; a new comment is about it. */
  item: string | null;
  trans: TranslationBundle;
  onComment: (text: string, visibility: string, item: string | null) => void;
}

export const Comments = React.forwardRef<HTMLTextAreaElement, ICommentsProps>(function Comments(props, field) {
  const { request, item, trans, onComment } = props;
  const [text, setText] = React.useState('');
  const [visibility, setVisibility] = React.useState('public');
  const names = new Map(request.items.map(({ id, name }) => [id, name]));
  const send = (event: React.FormEvent) => {
    event.preventDefault();
    onComment(text, visibility, item);
    setText('');
  };
  return (
    <section aria-label={trans.__('Comments')}>
      <h2>{trans._n('%1 comment', '%1 comments', request.comments.length)}</h2>
      <ul>
        {request.comments.map(comment => (
          <li key={comment.id}>
            {comment.text}
            <div className="jp-KernelGuard-quiet">
              {[
                comment.by,
                dateText(comment.time),
                visibilityName(comment.visibility, trans),
                ...(comment.item ? [names.get(comment.item) ?? ''] : [])
              ].join(' · ')}
            </div>
          </li>
        ))}
      </ul>
      {request.actions.includes('comment') && (
        <form onSubmit={send} className="jp-KernelGuard-reason">
          <label>
            {trans.__('Comment on the item in front')}
            <textarea ref={field} className="jp-mod-styled" value={text} onChange={event => setText(event.target.value)} />
          </label>
          {request.actions.includes('vote') && (
            <select
              className="jp-mod-styled"
              value={visibility}
              aria-label={trans.__('Who reads the comment')}
              onChange={event => setVisibility(event.target.value)}
            >
              {['public', 'checkers'].map(one => (
                <option key={one} value={one}>
                  {visibilityName(one, trans)}
                </option>
              ))}
            </select>
          )}
          <button className="jp-mod-styled" type="submit" disabled={!text.trim()}>
            {trans.__('Comment')}
          </button>
        </form>
      )}
    </section>
  );
});
