/**
 * What vault and server say, in the reader's language.
 *
 * - A text is known by its template; what fills the blanks is kept as it is. A text that is not known stays English.
 * - The longest template that fits wins: it says most.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import { SERVER_TEXTS } from './serverTexts';

interface ITemplate {
  text: string;
  pattern: RegExp;
}

const EXACT = new Set(SERVER_TEXTS);
const WITH_BLANKS: ITemplate[] = SERVER_TEXTS.filter(text => text.includes('%1'))
  .sort((a, b) => b.length - a.length)
  .map(text => ({ text, pattern: new RegExp(`^${escaped(text).replace(/%\d/g, '(.+?)')}$`, 's') }));

export function localText(text: string, trans: TranslationBundle): string {
  if (EXACT.has(text)) {
    return fill(trans, text, []);
  }
  for (const { text: template, pattern } of WITH_BLANKS) {
    const found = pattern.exec(text);
    if (found) {
      return fill(trans, template, found.slice(1));
    }
  }
  return text;
}

/** Why a cell is masked, without the word itself, which the place says already. */
export function maskedReason(masked: string, trans: TranslationBundle): string {
  return localText(masked, trans).replace(/^(masked: |[^：]+：)/, '');
}

/** The one place where a message is no literal: the list of templates is the literal, and a test walks it. */
function fill(trans: TranslationBundle, template: string, blanks: string[]): string {
  const translate = trans.__.bind(trans);
  return translate(template, ...blanks);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
