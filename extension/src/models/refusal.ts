/**
 * The ways out of a refused question, read off the error that its cell shows.
 *
 * - The kernel's words are shown as text; the code that a click inserts is this page's own and holds a number alone.
 */
import type { IOutputLike } from './provenance';

export interface IWayOut {
  text: string;
  code: string;
}

const MOST = 3;
const LISTED = /error\.repairs\[(\d)\]\.apply\(\): ([^;]*)/g;

/** At most three; none where no cell output is a refusal with repairs. */
export function waysOut(outputs: readonly IOutputLike[]): IWayOut[] {
  const refused = outputs.find(({ output_type }) => output_type === 'error') as { evalue?: unknown } | undefined;
  const found = [...String(refused?.evalue ?? '').matchAll(LISTED)].slice(0, MOST);
  return found.map(([, index, text]) => ({
    text: text.trim(),
    code: `import sys\n\nsys.last_value.repairs[${index}].apply()`
  }));
}
