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
      {findingsOf(error).map((finding, index) => (
        <p key={index}>{finding}</p>
      ))}
      {error.hint && <p className="jp-KernelGuard-quiet">{error.hint}</p>}
      {onRetry && (
        <button className="jp-mod-styled jp-mod-minimal" onClick={onRetry}>
          {trans.__('Try again')}
        </button>
      )}
    </div>
  );
}

/** What a refused request says item by item, in the vault's words. */
function findingsOf(error: IGuardError): string[] {
  const { findings } = ((error as { details?: unknown }).details ?? {}) as { findings?: unknown };
  const list = Array.isArray(findings) ? (findings as { message?: unknown; hint?: unknown }[]) : [];
  return list.map(({ message, hint }) => [message, hint].filter(part => typeof part === 'string').join(' '));
}
