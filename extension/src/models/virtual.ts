/** Which rows of a long list are on screen: fixed heights, so that it is arithmetic and no measuring. */

export interface IWindow {
  /** The first row to draw and the first one not to draw. */
  first: number;
  end: number;
}

/** Rows drawn beyond each edge, so that scrolling a little shows no gap. */
const OVERSCAN = 8;

export function windowOf(scrollTop: number, height: number, rowHeight: number, count: number): IWindow {
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - OVERSCAN);
  const end = Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + OVERSCAN);
  return { first: Math.min(first, Math.max(0, end)), end };
}

/** The scroll position that brings a row into view, moving as little as possible. */
export function scrolledTo(index: number, scrollTop: number, height: number, rowHeight: number): number {
  const top = index * rowHeight;
  if (top < scrollTop) {
    return top;
  }
  return top + rowHeight > scrollTop + height ? top + rowHeight - height : scrollTop;
}
