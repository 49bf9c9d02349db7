/** A long table of which only the visible rows exist: 10,000 cells scroll as ten do. */
import * as React from 'react';

import { VirtualList } from './VirtualList';

const ROW_HEIGHT = 26;
/** A short table takes no more room than it needs; a long one scrolls. */
const MOST_HEIGHT = 420;

export interface IGridTableProps {
  label: string;
  heads: string[];
  /** How many of the first columns name the row. */
  rowHeads: number;
  count: number;
  cell: (row: number, column: number) => React.ReactNode;
  /** A further class of a cell, for example to point it out. */
  cellClass?: (row: number, column: number) => string | undefined;
  /** What a cell says when it is pointed at. */
  cellTitle?: (row: number, column: number) => string | undefined;
}

export function GridTable(props: IGridTableProps): React.ReactElement {
  const { label, heads, rowHeads, count, cell, cellClass, cellTitle } = props;
  const style = { gridTemplateColumns: `repeat(${heads.length}, minmax(90px, 1fr))`, height: ROW_HEIGHT };
  return (
    <VirtualList
      role="table"
      className="jp-KernelGuard-gridTable"
      tabIndex={0}
      style={{ height: Math.min(MOST_HEIGHT, (count + 1) * ROW_HEIGHT + 18) }}
      aria-label={label}
      aria-rowcount={count + 1}
      aria-colcount={heads.length}
      count={count}
      rowHeight={ROW_HEIGHT}
      head={
        <div role="row" aria-rowindex={1} className="jp-KernelGuard-gridHead" style={style}>
          {heads.map((head, column) => (
            <div key={column} role="columnheader">
              {head}
            </div>
          ))}
        </div>
      }
      renderRow={row => (
        <div key={row} role="row" aria-rowindex={row + 2} className="jp-KernelGuard-gridRow" style={style}>
          {heads.map((_, column) => (
            <div key={column} role={column < rowHeads ? 'rowheader' : 'cell'} className={cellClass?.(row, column)} title={cellTitle?.(row, column)}>
              {cell(row, column)}
            </div>
          ))}
        </div>
      )}
    />
  );
}
