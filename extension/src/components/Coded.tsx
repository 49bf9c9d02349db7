/** A value by its declared meaning, with the code on hover and for a screen reader; without a meaning, as it is. */
import * as React from 'react';

import type { Cell } from '../tokens';

export interface ICodedProps {
  value: Cell | undefined;
  meaning: string | undefined;
}

export function Coded({ value, meaning }: ICodedProps): React.ReactElement {
  const text = value === null || value === undefined ? '—' : String(value);
  return meaning === undefined ? <>{text}</> : <abbr title={text}>{meaning}</abbr>;
}
