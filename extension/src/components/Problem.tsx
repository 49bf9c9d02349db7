/** An error of the guard in words: what, and what to do now. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IGuardError } from '../tokens';

export interface IProblemProps {
  error: IGuardError;
  trans: TranslationBundle;
  onRetry?: () => void;
}

export function Problem({ error, trans, onRetry }: IProblemProps): React.ReactElement {
  return (
    <div className="jp-KernelGuard-problem" role="alert">
      <p>{error.message}</p>
      {error.hint && <p className="jp-KernelGuard-quiet">{error.hint}</p>}
      {onRetry && (
        <button className="jp-mod-styled jp-mod-minimal" onClick={onRetry}>
          {trans.__('Try again')}
        </button>
      )}
    </div>
  );
}
