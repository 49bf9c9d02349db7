/** What the author answers to a finding that would send the item back: why it may leave as it is. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IItem } from '../../review/types';

export interface IJustifyProps {
  item: IItem;
  trans: TranslationBundle;
  onJustify: (words: string) => void;
}

export function Justify({ item, trans, onJustify }: IJustifyProps): React.ReactElement | null {
  const [words, setWords] = React.useState(item.justification);
  if (!item.findings.some(({ severity }) => severity === 'stop')) {
    return null;
  }
  const send = (event: React.FormEvent) => {
    event.preventDefault();
    onJustify(words);
  };
  return (
    <form onSubmit={send} className="jp-KernelGuard-reason">
      <label>
        {trans.__('Mend it in the notebook, or say why it may leave as it is')}
        <textarea className="jp-mod-styled" value={words} onChange={event => setWords(event.target.value)} />
      </label>
      <button className="jp-mod-styled" type="submit" disabled={words === item.justification}>
        {trans.__('Justify')}
      </button>
    </form>
  );
}
