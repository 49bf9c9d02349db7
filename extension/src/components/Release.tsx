/** A sealed release in a notebook: badge, the numbers as table and chart, what was asked, and what to do with it. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { type ChartKind, chartKinds } from '../models/chart';
import { localWords } from '../models/localWords';
import { type IReleaseTable, parseRelease, toTable, toTsv } from '../models/release';
import { outputActions } from '../outputActions';
import type { IStatement } from '../tokens';

import { ReleaseBadge } from './ReleaseBadge';
import { ReleaseChart } from './ReleaseChart';
import { ReleaseDetails } from './ReleaseDetails';
import { ReleaseTable } from './ReleaseTable';
import { useLabels } from './useLabels';

export interface IPayloadProps {
  payload: unknown;
  trans: TranslationBundle;
}

type View = 'table' | ChartKind;

export function Release({ payload, trans }: IPayloadProps): React.ReactElement {
  const statement = parseRelease(payload);
  if (!statement) {
    return <p className="jp-KernelGuard-quiet">{trans.__('This output is not a release that can be shown.')}</p>;
  }
  const { envelope } = payload as { envelope?: unknown };
  return <Shown statement={statement} envelope={envelope} trans={trans} />;
}

interface IShownProps {
  statement: IStatement;
  envelope: unknown;
  trans: TranslationBundle;
}

function Shown({ statement, envelope, trans }: IShownProps): React.ReactElement {
  const labels = useLabels(statement.study);
  const table = React.useMemo(() => toTable(statement, labels), [statement, labels]);
  const kinds = React.useMemo(() => chartKinds(table), [table]);
  const [view, setView] = React.useState<View | undefined>();
  const chart = view === undefined ? kinds[0] : view === 'table' ? undefined : view;
  // Few rows leave room for both side by side; a choice of the reader shows that one alone.
  const both = view === undefined && table.rows.length <= 30;
  return (
    <section className="jp-KernelGuard-release" aria-label={trans.__('Release: %1', localWords(statement.words, trans))}>
      <ReleaseBadge statement={statement} trans={trans} />
      <Toolbar {...{ statement, table, kinds, trans, onView: setView }} view={view ?? (both ? undefined : 'table')} />
      <div className="jp-KernelGuard-numbers">
        {(both || view === 'table' || view === undefined || !chart) && (
          <div className="jp-KernelGuard-tableBox">
            <ReleaseTable table={table} trans={trans} />
          </div>
        )}
        {chart && (both || view !== undefined) && <ReleaseChart table={table} kind={chart} trans={trans} />}
      </div>
      <ReleaseDetails statement={statement} envelope={envelope} trans={trans} />
    </section>
  );
}

interface IToolbarProps {
  statement: IStatement;
  table: IReleaseTable;
  kinds: ChartKind[];
  view: View | undefined;
  trans: TranslationBundle;
  onView: (view: View) => void;
}

function Toolbar({ statement, table, kinds, view, trans, onView }: IToolbarProps): React.ReactElement {
  const [said, setSaid] = React.useState('');
  const copy = () =>
    navigator.clipboard.writeText(toTsv(table)).then(
      () => setSaid(trans.__('Copied')),
      () => setSaid(trans.__('The browser did not allow copying'))
    );
  const { askForExport } = outputActions;
  const views: View[] = kinds.length > 0 ? ['table', ...kinds] : [];
  return (
    <div className="jp-KernelGuard-toolbar" role="toolbar" aria-label={trans.__('This release')}>
      {views.map(one => (
        <button key={one} className="jp-KernelGuard-toggle" aria-pressed={one === view} onClick={() => onView(one)}>
          {viewName(one, trans)}
        </button>
      ))}
      <button className="jp-KernelGuard-toggle" onClick={() => void copy()}>
        {trans.__('Copy')}
      </button>
      {askForExport && (
        <button className="jp-KernelGuard-toggle" onClick={() => askForExport(statement)}>
          {trans.__('Ask for export')}
        </button>
      )}
      <span className="jp-KernelGuard-quiet" role="status">
        {said}
      </span>
    </div>
  );
}

function viewName(view: View, trans: TranslationBundle): string {
  switch (view) {
    case 'table':
      return trans.__('Table');
    case 'bar':
      return trans.__('Bars');
    case 'histogram':
      return trans.__('Histogram');
    case 'line':
      return trans.__('Line');
    case 'survival':
      return trans.__('Survival curve');
    case 'heatmap':
      return trans.__('Heat map');
    default:
      return trans.__('Forest plot');
  }
}
