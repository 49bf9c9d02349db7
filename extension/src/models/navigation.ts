/**
 * Keyboard navigation of a tree, after the WAI-ARIA tree view pattern: from a key to what happens.
 */
import type { IRow } from './tree';

export type Step =
  | { do: 'focus'; id: string }
  | { do: 'toggle'; id: string }
  | { do: 'insert'; row: IRow };

/** What a key does on the focused row; undefined leaves the key to the browser. */
export function onKey(key: string, rows: IRow[], focused: string): Step | undefined {
  const index = Math.max(0, rows.findIndex(row => row.id === focused));
  const row = rows[index];
  if (!row) {
    return undefined;
  }
  switch (key) {
    case 'ArrowDown':
      return focus(rows[index + 1]);
    case 'ArrowUp':
      return focus(rows[index - 1]);
    case 'Home':
      return focus(rows[0]);
    case 'End':
      return focus(rows[rows.length - 1]);
    case 'ArrowRight':
      return row.expanded ? focus(firstChild(rows, index)) : { do: 'toggle', id: row.id };
    case 'ArrowLeft':
      return row.expanded ? { do: 'toggle', id: row.id } : focus(rows.find(other => other.id === row.parent));
    case ' ':
      return { do: 'toggle', id: row.id };
    case 'Enter':
      return { do: 'insert', row };
    default:
      return undefined;
  }
}

function focus(row: IRow | undefined): Step | undefined {
  return row && { do: 'focus', id: row.id };
}

function firstChild(rows: IRow[], index: number): IRow | undefined {
  return rows[index + 1]?.parent === rows[index].id ? rows[index + 1] : undefined;
}
