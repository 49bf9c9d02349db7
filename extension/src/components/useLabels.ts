/** The declared meanings of a study's codes, for a view that may be drawn before the catalogue has come. */
import * as React from 'react';

import type { Labels } from '../models/release';
import { outputActions } from '../outputActions';

/** A look-up by column; it is another function after the catalogue changed, so that what was made with it is made again. */
export function useLabels(study: string): Labels {
  const [version, setVersion] = React.useState(0);
  React.useEffect(() => {
    const follow = () => setVersion(before => before + 1);
    const { labelsChanged } = outputActions;
    labelsChanged?.connect(follow);
    return () => {
      labelsChanged?.disconnect(follow);
    };
  }, []);
  return React.useCallback((column: string) => outputActions.labels?.(study, column), [study, version]);
}
