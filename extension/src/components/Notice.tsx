/** What the guard says in place of an output: withheld, or a notice. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { guardIcon, lockIcon } from '../icons';

import type { IPayloadProps } from './Release';

/** Something was withheld: what, why, and what to do. */
export function Withheld({ payload, trans }: IPayloadProps): React.ReactElement {
  const { what, reason, hint } = texts(payload);
  return (
    <div className="jp-KernelGuard-notice" data-level="withheld" role="note">
      <lockIcon.react tag="span" />
      <div>
        <strong>{what ? trans.__('Withheld: %1', what) : trans.__('An output was withheld')}</strong>
        {reason && <p>{reason}</p>}
        {hint && <p className="jp-KernelGuard-quiet">{hint}</p>}
      </div>
    </div>
  );
}

/** A notice of the guard, for example about its isolation. */
export function Notice({ payload, trans }: IPayloadProps): React.ReactElement {
  const { level, title, text } = texts(payload);
  const warning = level === 'warning';
  return (
    <div className="jp-KernelGuard-notice" data-level={warning ? 'warning' : 'info'} role="note">
      <guardIcon.react tag="span" />
      <div>
        <strong>{heading(title, warning, trans)}</strong>
        {text && <p>{text}</p>}
      </div>
    </div>
  );
}

function heading(title: string, warning: boolean, trans: TranslationBundle): string {
  const known = title || trans.__('Kernel Guard');
  return warning ? trans.__('Warning: %1', known) : known;
}

/** The payload's texts; whatever is no text is left out. */
function texts(payload: unknown): Record<'what' | 'reason' | 'hint' | 'level' | 'title' | 'text', string> {
  const fields = (payload ?? {}) as Record<string, unknown>;
  const text = (name: string) => (typeof fields[name] === 'string' ? (fields[name] as string) : '');
  return {
    what: text('what'),
    reason: text('reason'),
    hint: text('hint'),
    level: text('level'),
    title: text('title'),
    text: text('text')
  };
}
