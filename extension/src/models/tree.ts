/**
 * The catalogue as a flat list of visible rows: what a keyboard walks over and a screen reader counts.
 *
 * - A search shows what matches with its ancestors: a table by name with all its columns, closed; else the
 *   columns that match, open; else a table whose description matches.
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

export function rowId(...path: string[]): string {
  return JSON.stringify(path);
}

/** The rows to show for a search text and a set of expanded ids. */
export function visibleRows(studies: IStudy[], query: string, expanded: ReadonlySet<string>): IRow[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const searching = words.length > 0;
  const shown = studies
    .map(study => ({ study, tables: matchingTables(study, words) }))
    .filter(({ study, tables }) => !searching || tables.length > 0 || matches(words, study.name, study.title));
  return shown.flatMap(({ study, tables }, index) => {
    const id = rowId(study.name);
    const open = searching || expanded.has(id);
    const row: IRow = {
      id,
      parent: null,
      level: 1,
      place: { study: study.name },
      study,
      expanded: open,
      position: index + 1,
      siblings: shown.length
    };
    return open ? [row, ...tableRows(row, tables, searching, expanded)] : [row];
  });
}

interface IMatch {
  table: ITable;
  columns: IColumn[];
  /** Some column matched, so the table opens to show it. */
  open: boolean;
}

function matchingTables(study: IStudy, words: string[]): IMatch[] {
  return study.tables.flatMap(table => {
    const whole = { table, columns: table.columns, open: false };
    if (matches(words, table.name)) {
      return [whole];
    }
    const columns = table.columns.filter(column =>
      matches(words, table.name, column.name, column.description, column.unit)
    );
    if (columns.length > 0) {
      return [{ table, columns, open: true }];
    }
    return matches(words, table.description) ? [whole] : [];
  });
}

function tableRows(
  parent: IRow,
  tables: IMatch[],
  searching: boolean,
  expanded: ReadonlySet<string>
): IRow[] {
  return tables.flatMap(({ table, columns, open }, index) => {
    const id = rowId(parent.study.name, table.name);
    const row: IRow = {
      id,
      parent: parent.id,
      level: 2,
      place: { study: parent.study.name, table: table.name },
      study: parent.study,
      table,
      expanded: (searching && open) || expanded.has(id),
      position: index + 1,
      siblings: tables.length
    };
    return row.expanded ? [row, ...columnRows(row, table, columns, expanded)] : [row];
  });
}

function columnRows(parent: IRow, table: ITable, columns: IColumn[], expanded: ReadonlySet<string>): IRow[] {
  return columns.map((column, index) => {
    const id = rowId(parent.study.name, table.name, column.name);
    return {
      id,
      parent: parent.id,
      level: 3,
      place: { study: parent.study.name, table: table.name, column: column.name },
      study: parent.study,
      table,
      column,
      expanded: expanded.has(id),
      position: index + 1,
      siblings: columns.length
    };
  });
}

/** Every word occurs somewhere in the texts. */
function matches(words: string[], ...texts: string[]): boolean {
  const haystack = texts.join(' ').toLowerCase();
  return words.every(word => haystack.includes(word));
}
