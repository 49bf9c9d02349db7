/**
 * What of a notebook can be asked to leave: releases, sealed tables, figures and models, text, the code.
 *
 * - A table, figure or model is offered with its numbers and the label that the guard signed; without both it is shown
 *   with the reason why it cannot be chosen.
 * - Nothing is decided here: the vault checks every seal again.
 */
import type { INewItem } from './client';

/** Where the kernel puts the numbers of what it shows. */
export const NUMBERS = 'application/vnd.kernel-numbers+json';
const RELEASE = 'application/vnd.kernel-guard.release+json';
const MOCK = 'MOCK rows, made from the schema alone';
const DERIVED = ['table', 'figure', 'model'] as const;
const LONGEST_NAME = 80;

export type Kind = 'release' | (typeof DERIVED)[number] | 'text' | 'output';

export interface ICellLike {
  cell_type: string;
  source: string | string[];
  outputs?: { output_type: string; data?: Record<string, unknown>; metadata?: Record<string, unknown> }[];
}

export interface ICandidate {
  key: string;
  /** The place of its cell among all cells. */
  cell: number;
  kind: Kind;
  name: string;
  project?: string;
  /** How many releases are behind it, at most. */
  releases: number;
  item?: INewItem;
  why?: 'mock' | 'unsealed' | 'no_numbers';
}

interface ILabel {
  zone?: unknown;
  releases?: unknown[];
  numbers_sha256?: unknown;
  signature?: unknown;
}

/** Everything that could be chosen: results in the order of the notebook, then its text. */
export function candidatesOf(cells: readonly ICellLike[]): ICandidate[] {
  const counts: Record<string, number> = {};
  const results = cells.flatMap((cell, index) => (cell.cell_type === 'code' ? outputsOf(cell, index, counts) : []));
  return [...results, ...cells.flatMap((cell, index) => textOf(cell, index))];
}

/** The notebook's code as one item; each cell names the chosen items that it showed. */
export function codeItem(name: string, language: string, cells: readonly ICellLike[], made: ReadonlyMap<number, string[]>): INewItem {
  const shown = cells
    .map((cell, index) => ({ cell, outputs: made.get(index) ?? [] }))
    .filter(({ cell }) => cell.cell_type === 'code' && text(cell.source).trim())
    .map(({ cell, outputs }) => ({ source: text(cell.source), outputs }));
  return { kind: 'code', name, content: { language, cells: shown } };
}

function outputsOf(cell: ICellLike, index: number, counts: Record<string, number>): ICandidate[] {
  return (cell.outputs ?? []).flatMap((output, place) => {
    const key = `${index}.${place}`;
    const data = output.data ?? {};
    const label = (output.metadata?.kernel_guard ?? {}) as ILabel;
    if (label.zone === 'release' && data[RELEASE]) {
      return [releaseOf(data[RELEASE], key, index)];
    }
    const shown = output.output_type === 'display_data' || output.output_type === 'execute_result';
    return shown && (label.zone === 'open' || label.zone === undefined) ? derivedOf(data, label, key, index, counts) : [];
  });
}

function releaseOf(shown: unknown, key: string, cell: number): ICandidate {
  const { id, words, project } = (shown as { statement: { id: string; words: string; project: string } }).statement;
  const item = { kind: 'release', name: line(words), content: { release: id } };
  return { key, cell, kind: 'release', name: item.name, project, releases: 1, item };
}

function derivedOf(data: Record<string, unknown>, label: ILabel, key: string, cell: number, counts: Record<string, number>): ICandidate[] {
  const numbers = data[NUMBERS] as { kind?: string; content?: Record<string, unknown> } | undefined;
  const kind = DERIVED.find(one => one === numbers?.kind);
  const releases = Array.isArray(label.releases) ? label.releases.length : 0;
  if (!kind || !numbers?.content) {
    // Text alone is how most cells end; only what looks like a result is worth a word.
    const looks = data['text/html'] !== undefined || data['image/png'] !== undefined;
    const why = text(data['text/plain']).startsWith(MOCK) ? 'mock' : 'no_numbers';
    return looks ? [{ key, cell, kind: 'output', name: line(text(data['text/plain'])), releases, why }] : [];
  }
  counts[kind] = (counts[kind] ?? 0) + 1;
  const name = line(String(numbers.content.title ?? '')) || `${kind[0].toUpperCase()}${kind.slice(1)} ${counts[kind]}`;
  const sealed = typeof label.numbers_sha256 === 'string' && typeof label.signature === 'string';
  const item = { kind, name, content: numbers.content, seal: label as Record<string, unknown> };
  return [{ key, cell, kind, name, releases, ...(sealed ? { item } : { why: 'unsealed' as const }) }];
}

function textOf(cell: ICellLike, index: number): ICandidate[] {
  const words = text(cell.source).trim();
  if (cell.cell_type !== 'markdown' || !words) {
    return [];
  }
  const name = line(words.split('\n')[0].replace(/^[#>*\s-]+/, '')) || line(words);
  return [{ key: `${index}`, cell: index, kind: 'text', name, releases: 0, item: { kind: 'text', name, content: { text: words } } }];
}

function text(value: unknown): string {
  return Array.isArray(value) ? value.join('') : String(value ?? '');
}

/** One printable line, as a name must be. */
function line(value: string): string {
  return value.replace(/[\s\p{C}]+/gu, ' ').trim().slice(0, LONGEST_NAME);
}
