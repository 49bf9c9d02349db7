/** Runs changing calls one at a time and keeps the newest state that the server gave. */
import * as React from 'react';

import type { IRequest } from '../../review/types';
import type { IFetched, IGuardError } from '../../tokens';

export interface IActions {
  shown: IRequest;
  error: IGuardError | undefined;
  run: (call: () => Promise<IRequest>) => Promise<void>;
}

/** `fresh` is what was fetched; an answer to a call is newer where its revision is higher. */
export function useActions(fresh: IRequest, source: IFetched<IRequest>, onChanged: () => void): IActions {
  const [answer, setAnswer] = React.useState<IRequest | undefined>();
  const [error, setError] = React.useState<IGuardError | undefined>();
  const busy = React.useRef(false);
  const shown = answer && answer.revision >= fresh.revision ? answer : fresh;
  const run = async (call: () => Promise<IRequest>) => {
    if (busy.current) {
      return;
    }
    busy.current = true;
    try {
      setAnswer(await call());
      setError(undefined);
      onChanged();
    } catch (reason) {
      setError(reason as IGuardError);
      // Someone else was quicker, or the page is old: show what is there now. The next click need not wait for it.
      void source.refresh();
    } finally {
      busy.current = false;
    }
  };
  return { shown, error, run };
}
