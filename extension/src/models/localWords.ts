/**
 * A question in words, in the reader's language: the vault's sentence taken apart by its grammar and said again.
 *
 * - Names, values and expressions are code and stay as they are; so does a part that is not understood.
 * - What was signed is the vault's own sentence; a view that shows this one keeps that one beside it.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

export function localWords(words: string, trans: TranslationBundle): string {
  const [, head, source] = /^(.*?), of (.*)\.$/s.exec(words) ?? [];
  if (head === undefined) {
    return words;
  }
  const [asked, keys] = takeKeys(head[0].toLowerCase() + head.slice(1));
  const measures = takeMeasures(asked).map(one => measure(one, trans));
  const what = joined(measures, trans);
  const from = relation(source, trans);
  const said = keys ? trans.__('%1 by %2, of %3.', what, joined(keys, trans), from) : trans.__('%1, of %2.', what, from);
  return said[0].toUpperCase() + said.slice(1);
}

/** The measures, and the keys that stand last; `by patients` belongs to a measure. */
function takeKeys(head: string): [string, string[] | undefined] {
  const at = head.lastIndexOf(' by ');
  const keys = at < 0 ? '' : head.slice(at + 4);
  return keys === '' || keys === 'patients' ? [head, undefined] : [head.slice(0, at), keys.split(' and ')];
}

/** Measures are joined by `and`, as are the two columns of a covariance. */
function takeMeasures(asked: string): string[] {
  const found: string[] = [];
  for (const part of asked.split(' and ')) {
    const last = found[found.length - 1];
    if (last !== undefined && /^(correlation|covariance) of (?!.* and )/.test(last)) {
      found[found.length - 1] = `${last} and ${part}`;
    } else {
      found.push(part);
    }
  }
  return found;
}

function joined(parts: string[], trans: TranslationBundle): string {
  return parts.reduce((before, part) => trans.__('%1 and %2', before, part));
}

function measure(text: string, trans: TranslationBundle): string {
  const is = (pattern: RegExp) => pattern.exec(text)?.slice(1);
  let found: string[] | undefined;
  if (text === 'number of rows') {
    return trans.__('number of rows');
  }
  if (text === 'number of patients') {
    return trans.__('number of patients');
  }
  if ((found = is(/^number of patients with (.+)$/))) {
    return trans.__('number of patients with %1', ...found);
  }
  if ((found = is(/^number of distinct values of (.+)$/))) {
    return trans.__('number of distinct values of %1', ...found);
  }
  if ((found = is(/^the (.+) most frequent of (.+) values of (.+), by patients$/))) {
    return trans.__('the %1 most frequent of %2 values of %3, by patients', ...found);
  }
  if ((found = is(/^survival over (.+) on (.+) times from (.+) to (.+), events (.+)$/))) {
    return trans.__('survival over %1 on %2 times from %3 to %4, events %5', ...found);
  }
  if ((found = is(/^cumulative incidence over (.+) on (.+) times from (.+) to (.+), events (.+)$/))) {
    return trans.__('cumulative incidence over %1 on %2 times from %3 to %4, events %5', ...found);
  }
  if ((found = is(/^rate of (.+) per (.+)$/))) {
    return trans.__('rate of %1 per %2', ...found);
  }
  if ((found = is(/^(correlation|covariance) of (.+) and (.+)$/))) {
    const [kind, ...two] = found;
    return kind === 'correlation' ? trans.__('correlation of %1 and %2', ...two) : trans.__('covariance of %1 and %2', ...two);
  }
  return ofColumn(text, trans);
}

function ofColumn(text: string, trans: TranslationBundle): string {
  const [, kind, column] = /^(.+?) of (.+)$/.exec(text) ?? [];
  switch (kind) {
    case 'sum':
      return trans.__('sum of %1', column);
    case 'mean':
      return trans.__('mean of %1', column);
    case 'median':
      return trans.__('median of %1', column);
    case 'variance':
      return trans.__('variance of %1', column);
    case 'standard deviation':
      return trans.__('standard deviation of %1', column);
    default: {
      const [, share] = /^(.+) quantile$/.exec(kind ?? '') ?? [];
      return share ? trans.__('%1 quantile of %2', share, column) : text;
    }
  }
}

const SUFFIXES = [' merged by patient with ', ' where ', ' with '] as const;

/** Suffixes follow what they apply to, so the last one outside all brackets is taken off first. */
function relation(text: string, trans: TranslationBundle): string {
  const found = lastSuffix(text);
  if (!found) {
    const [, inner] = /^patients in \((.*)\)$/s.exec(text) ?? [];
    return inner === undefined ? text : trans.__('patients in (%1)', relation(inner, trans));
  }
  const before = relation(text.slice(0, found.at), trans);
  const after = text.slice(found.at + found.suffix.length);
  switch (found.suffix) {
    case ' where ':
      return trans.__('%1 where %2', before, after);
    case ' with ':
      return trans.__('%1 with %2', before, after);
    default:
      return trans.__('%1 merged by patient with (%2)', before, relation(after.slice(1, -1), trans));
  }
}

function lastSuffix(text: string): { at: number; suffix: (typeof SUFFIXES)[number] } | undefined {
  let found: { at: number; suffix: (typeof SUFFIXES)[number] } | undefined;
  let depth = 0;
  let next = 0;
  for (let at = 0; at < text.length; at++) {
    depth += text[at] === '(' ? 1 : text[at] === ')' ? -1 : 0;
    const suffix = depth === 0 && at >= next ? SUFFIXES.find(one => text.startsWith(one, at)) : undefined;
    if (suffix) {
      found = { at, suffix };
      next = at + suffix.length - 1;
    }
  }
  return found;
}
