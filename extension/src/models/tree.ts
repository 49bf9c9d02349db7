/**
 * The catalogue as a list of visible rows, each made only when it is looked at: 500 tables with thousands of
 * columns open and filter within a keystroke.
 *
 * - A search shows what matches with its ancestors: a table by name with all its columns, closed; else the
 *   columns that match, open; else a table whose description matches.
 * - Texts are put in lower case once per catalogue, not once per keystroke.
 * - Identifiers are paths; names may hold any character, so they are joined as JSON.
 */
import type { IColumn, IStudy, ITable } from '../tokens';

import type { IPlace } from './snippet';

export interface IRow {
  id: string;
  parent: string | null;
  level: 1 | 2 | 3;
  place: IPlace;
  study: IStudy;
  table?: ITable;
  column?: IColumn;
  expanded: boolean;
  /** Position among its siblings, from 1, and their number. */
  position: number;
  siblings: number;
}

export interface IRows {
  readonly length: number;
  /** The row at a position; undefined outside. */
  at(index: number): IRow | undefined;
  /** Where a row is, by its id; -1 where it is not visible. */
  indexOf(id: string): number;
}

interface IIndexedTable {
  table: ITable;
  name: string;
  description: string;
  columns: string[];
}

interface IMatch {
  table: ITable;
  columns: IColumn[];
  /** Some column matched, so the table opens to show it. */
  open: boolean;
}

/** A run of rows: one study, or one table followed by its columns when it is open. */
interface IRun {
  start: number;
  study: IStudy;
  match?: IMatch;
  expanded: boolean;
  position: number;
  siblings: number;
}

export function rowId(...path: string[]): string {
  return JSON.stringify(path);
}

/** A catalogue with its texts prepared for searching. */
export class TreeIndex {
  constructor(readonly studies: IStudy[]) {
    this._tables = studies.map(study => study.tables.map(prepare));
  }

  /** The rows to show for a search text and a set of expanded ids. */
  rows(query: string, expanded: ReadonlySet<string>): IRows {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    const searching = words.length > 0;
    const shown = this.studies
      .map((study, index) => ({ study, tables: searching ? this._search(index, words) : everything(study) }))
      .filter(({ study, tables }) => !searching || tables.length > 0 || matches(words, lower(study.name, study.title)));
    const list = new RunList();
    shown.forEach(({ study, tables }, index) => {
      const open = searching || expanded.has(rowId(study.name));
      list.add({ study, expanded: open, position: index + 1, siblings: shown.length }, 1);
      for (let place = 0; open && place < tables.length; place++) {
        const match = tables[place];
        const unfolded = (searching && match.open) || expanded.has(rowId(study.name, match.table.name));
        const run = { study, match, expanded: unfolded, position: place + 1, siblings: tables.length };
        list.add(run, unfolded ? 1 + match.columns.length : 1);
      }
    });
    return list;
  }

  private _search(study: number, words: string[]): IMatch[] {
    const found: IMatch[] = [];
    for (const { table, name, description, columns } of this._tables[study]) {
      const whole = { table, columns: table.columns, open: false };
      // A word that the table's name holds need not be in the column too.
      const rest = words.filter(word => !name.includes(word));
      if (rest.length === 0) {
        found.push(whole);
        continue;
      }
      const matching = table.columns.filter(pick(columns, rest));
      if (matching.length > 0) {
        found.push({ table, columns: matching, open: true });
      } else if (matches(words, description)) {
        found.push(whole);
      }
    }
    return found;
  }

  private readonly _tables: IIndexedTable[][];
}

class RunList implements IRows {
  length = 0;

  add(run: Omit<IRun, 'start'>, rows: number): void {
    this._runs.push({ ...run, start: this.length });
    this.length += rows;
  }

  at(index: number): IRow | undefined {
    if (index < 0 || index >= this.length) {
      return undefined;
    }
    const run = this._runAt(index);
    return index === run.start ? headOf(run) : columnOf(run, index - run.start - 1);
  }

  indexOf(id: string): number {
    const [study, table, column] = path(id);
    const run = this._runs.find(one => one.study.name === study && one.match?.table.name === table);
    if (!run || column === undefined) {
      return run?.start ?? -1;
    }
    const place = run.expanded ? (run.match?.columns.findIndex(({ name }) => name === column) ?? -1) : -1;
    return place < 0 ? -1 : run.start + 1 + place;
  }

  private _runAt(index: number): IRun {
    let low = 0;
    let high = this._runs.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this._runs[middle].start <= index) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return this._runs[low];
  }

  private readonly _runs: IRun[] = [];
}

function headOf({ study, match, expanded, position, siblings }: IRun): IRow {
  const common = { study, expanded, position, siblings };
  if (!match) {
    return { ...common, id: rowId(study.name), parent: null, level: 1, place: { study: study.name } };
  }
  const { table } = match;
  const place = { study: study.name, table: table.name };
  return { ...common, id: rowId(study.name, table.name), parent: rowId(study.name), level: 2, place, table };
}

function columnOf({ study, match }: IRun, index: number): IRow | undefined {
  if (!match) {
    return undefined;
  }
  const { table, columns } = match;
  const column = columns[index];
  return {
    id: rowId(study.name, table.name, column.name),
    parent: rowId(study.name, table.name),
    level: 3,
    place: { study: study.name, table: table.name, column: column.name },
    study,
    table,
    column,
    expanded: false,
    position: index + 1,
    siblings: columns.length
  };
}

function prepare(table: ITable): IIndexedTable {
  return {
    table,
    name: lower(table.name),
    description: lower(table.description),
    columns: table.columns.map(({ name, description, unit }) => lower(name, description, unit))
  };
}

function everything(study: IStudy): IMatch[] {
  return study.tables.map(table => ({ table, columns: table.columns, open: false }));
}

function lower(...texts: string[]): string {
  return texts.join(' ').toLowerCase();
}

/** A filter by position that looks for the longest word first: it is the one that most texts lack. */
function pick(texts: string[], words: string[]): (item: unknown, index: number) => boolean {
  const [first, ...others] = [...words].sort((a, b) => b.length - a.length);
  return (_, index) => texts[index].includes(first) && (others.length === 0 || matches(others, texts[index]));
}

/** Every word occurs somewhere in the text. */
function matches(words: string[], text: string): boolean {
  return words.every(word => text.includes(word));
}

function path(id: string): string[] {
  try {
    return JSON.parse(id) as string[];
  } catch {
    return [];
  }
}
