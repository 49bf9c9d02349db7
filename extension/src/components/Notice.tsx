/** What the guard says in place of an output: withheld with its repairs, or a notice. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { guardIcon, lockIcon } from '../icons';
import { explain, type IRepair } from '../models/withheld';
import { outputActions } from '../outputActions';

import type { IPayloadProps } from './Release';

/** Something was withheld: what, why, and what to do. */
export function Withheld({ payload, trans }: IPayloadProps): React.ReactElement {
  const { what, reason, hint } = texts(payload);
  const known = explain(reason, trans);
  const said = known?.what ?? what;
  return (
    <div className="jp-KernelGuard-notice" data-level="withheld" role="note">
      <lockIcon.react tag="span" />
      <div>
        <strong>{said ? trans.__('Withheld: %1', said) : trans.__('An output was withheld')}</strong>
        <p>{known?.hint ?? hint}</p>
        {known && <Repairs repairs={known.repairs} trans={trans} />}
      </div>
    </div>
  );
}

function Repairs({ repairs, trans }: { repairs: IRepair[]; trans: TranslationBundle }): React.ReactElement | null {
  const { insertBelow, runAgain } = outputActions;
  const offered = repairs.filter(({ code }) => (code === undefined ? runAgain : insertBelow));
  if (offered.length === 0) {
    return null;
  }
  return (
    <p className="jp-KernelGuard-actions">
      {offered.map(({ label, code }) => (
        <button
          key={label}
          className="jp-mod-styled jp-mod-minimal"
          title={code === undefined ? label : trans.__('Puts the code into a new cell; nothing runs yet')}
          onClick={() => (code === undefined ? runAgain?.() : insertBelow?.(code))}
        >
          {label}
        </button>
      ))}
    </p>
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
