/**
 * A scrolled list of which only the visible rows exist in the page.
 *
 * - All rows have one height. The element that scrolls is given by the caller's props, with its role.
 */
import * as React from 'react';

import { scrolledTo, windowOf } from '../models/virtual';

/** Used until the browser has told the real height. */
const FIRST_HEIGHT = 600;

export interface IVirtualListProps extends Omit<React.HTMLAttributes<HTMLDivElement>, 'children'> {
  count: number;
  rowHeight: number;
  /** The row that must be in view. */
  shown?: number;
  /** Drawn above the rows and kept in view, inside the scrolled element. */
  head?: React.ReactNode;
  renderRow: (index: number) => React.ReactNode;
}

export function VirtualList(props: IVirtualListProps): React.ReactElement {
  const { count, rowHeight, shown, head, renderRow, ...rest } = props;
  const element = React.useRef<HTMLDivElement>(null);
  const [scrollTop, setScrollTop] = React.useState(0);
  const height = useHeight(element);
  React.useLayoutEffect(() => {
    const node = element.current;
    if (node && shown !== undefined && shown >= 0) {
      node.scrollTop = scrolledTo(shown, node.scrollTop, height, rowHeight);
    }
  }, [shown, height, rowHeight]);
  const { first, end } = windowOf(scrollTop, height, rowHeight, count);
  const rows = Array.from({ length: Math.max(0, end - first) }, (_, index) => renderRow(first + index));
  return (
    <div ref={element} {...rest} onScroll={event => setScrollTop(event.currentTarget.scrollTop)}>
      {head}
      <div role="presentation" style={{ height: count * rowHeight, position: 'relative' }}>
        <div role="presentation" style={{ position: 'absolute', insetInline: 0, top: first * rowHeight }}>
          {rows}
        </div>
      </div>
    </div>
  );
}

function useHeight(element: React.RefObject<HTMLElement>): number {
  const [height, setHeight] = React.useState(FIRST_HEIGHT);
  React.useLayoutEffect(() => {
    const node = element.current;
    if (!node || typeof ResizeObserver === 'undefined') {
      return;
    }
    const observer = new ResizeObserver(() => setHeight(node.clientHeight || FIRST_HEIGHT));
    observer.observe(node);
    return () => observer.disconnect();
  }, [element]);
  return height;
}
