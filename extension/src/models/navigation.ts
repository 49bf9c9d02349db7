/**
 * Keyboard navigation of a tree, after the WAI-ARIA tree view pattern: from a key to what happens.
 */
import type { IRow, IRows } from './tree';

export type Step =
  | { do: 'focus'; id: string }
  | { do: 'toggle'; id: string }
  | { do: 'insert'; row: IRow };

/** How far PageUp and PageDown go. */
const PAGE = 10;

/** What a key does on the focused row; undefined leaves the key to the browser. */
export function onKey(key: string, rows: IRows, focused: string): Step | undefined {
  const index = Math.max(0, rows.indexOf(focused));
  const row = rows.at(index);
  if (!row) {
    return undefined;
  }
  switch (key) {
    case 'ArrowDown':
      return focus(rows.at(index + 1));
    case 'ArrowUp':
      return focus(rows.at(index - 1));
    case 'PageDown':
      return focus(rows.at(Math.min(rows.length - 1, index + PAGE)));
    case 'PageUp':
      return focus(rows.at(Math.max(0, index - PAGE)));
    case 'Home':
      return focus(rows.at(0));
    case 'End':
      return focus(rows.at(rows.length - 1));
    case 'ArrowRight':
      return openOrEnter(rows, row, index);
    case 'ArrowLeft':
      return row.expanded ? { do: 'toggle', id: row.id } : focus(row.parent === null ? undefined : named(rows, row.parent));
    case ' ':
      return row.column ? undefined : { do: 'toggle', id: row.id };
    case 'Enter':
      return { do: 'insert', row };
    default:
      return undefined;
  }
}

function openOrEnter(rows: IRows, row: IRow, index: number): Step | undefined {
  if (row.column) {
    return undefined;
  }
  const next = rows.at(index + 1);
  return row.expanded ? focus(next?.parent === row.id ? next : undefined) : { do: 'toggle', id: row.id };
}

function named(rows: IRows, id: string): IRow | undefined {
  return rows.at(rows.indexOf(id));
}

function focus(row: IRow | undefined): Step | undefined {
  return row && { do: 'focus', id: row.id };
}
