/** A React hook that follows something fetched from the server. */
import { useEffect, useReducer } from 'react';

import type { IFetched } from '../tokens';

/** Re-render whenever `fetched` changes. */
export function useFetched<T>(fetched: IFetched<T>): IFetched<T> {
  const [, update] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const onChanged = () => update();
    fetched.changed.connect(onChanged);
    return () => {
      fetched.changed.disconnect(onChanged);
    };
  }, [fetched]);
  return fetched;
}
