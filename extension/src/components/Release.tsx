/** A release in a notebook: badge, chart, table, details. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { hasChart } from '../models/chart';
import { parseRelease, toTable } from '../models/release';

import { ReleaseBadge } from './ReleaseBadge';
import { ReleaseChart } from './ReleaseChart';
import { ReleaseDetails } from './ReleaseDetails';
import { ReleaseTable } from './ReleaseTable';

export interface IPayloadProps {
  payload: unknown;
  trans: TranslationBundle;
}

export function Release({ payload, trans }: IPayloadProps): React.ReactElement {
  const statement = parseRelease(payload);
  if (!statement) {
    return <p className="jp-KernelGuard-quiet">{trans.__('This output is not a release that can be shown.')}</p>;
  }
  const table = toTable(statement);
  return (
    <section className="jp-KernelGuard-release" aria-label={trans.__('Release %1', statement.id)}>
      <ReleaseBadge statement={statement} trans={trans} />
      <div className="jp-KernelGuard-numbers">
        <div>
          <ReleaseTable table={table} trans={trans} />
        </div>
        {hasChart(table) && <ReleaseChart table={table} trans={trans} />}
      </div>
      <ReleaseDetails statement={statement} trans={trans} />
    </section>
  );
}
