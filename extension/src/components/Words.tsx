/** A question in the reader's words, with the vault's own sentence, which is the signed one, on hover. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { localWords } from '../models/localWords';

export function Words({ words, trans }: { words: string; trans: TranslationBundle }): React.ReactElement {
  const local = localWords(words, trans);
  return local === words ? <>{words}</> : <span title={words}>{local}</span>;
}
