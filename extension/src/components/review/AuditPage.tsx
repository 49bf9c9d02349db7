/** The auditor's view of the log: filters, the newest first, export, and whether the chain is whole. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { apiUrl } from '../../request';
import type { ReviewClient } from '../../review/client';
import type { IAuditPage, IAuditRecord } from '../../review/types';
import type { IGuardError } from '../../tokens';
import { GridTable } from '../GridTable';
import { Problem } from '../Problem';
import { dateText } from '../ReleaseDetails';

const FIELDS = ['actor', 'project', 'study', 'subject', 'since', 'until'] as const;

export interface IAuditProps {
  client: ReviewClient;
  trans: TranslationBundle;
}

export function AuditPage({ client, trans }: IAuditProps): React.ReactElement {
  const [filters, setFilters] = React.useState<Record<string, string>>({});
  const [records, setRecords] = React.useState<IAuditRecord[]>([]);
  const [page, setPage] = React.useState<IAuditPage | undefined>();
  const [error, setError] = React.useState<IGuardError | undefined>();
  const [verdict, setVerdict] = React.useState('');
  const ask = React.useCallback(
    async (wanted: Record<string, string>, before?: number) => {
      try {
        const found = await client.audit(wanted, before);
        setRecords(known => (before === undefined ? found.records : [...known, ...found.records]));
        setPage(found);
        setError(undefined);
      } catch (reason) {
        setError(reason as IGuardError);
      }
    },
    [client]
  );
  React.useEffect(() => void ask({}), [ask]);
  const verify = () =>
    client.verifyAudit().then(
      ({ intact, rows, first_bad, reason }) =>
        setVerdict(
          intact
            ? trans._n('The log is whole: %1 record.', 'The log is whole: %1 records.', rows)
            : trans.__('The log was changed at record %1: %2', String(first_bad), reason)
        ),
      reason => setError(reason as IGuardError)
    );
  return (
    <article className="jp-KernelGuard-card" tabIndex={0} aria-label={trans.__('Audit log')}>
      <header>
        <h1>{trans.__('Audit log')}</h1>
        <button className="jp-mod-styled" onClick={() => void verify()}>
          {trans.__('Check that nothing was changed')}
        </button>
        {(['jsonl', 'csv'] as const).map(format => (
          <a key={format} className="jp-KernelGuard-link" href={apiUrl('review/audit/export', { ...filters, format })} download>
            {trans.__('Export as %1', format.toUpperCase())}
          </a>
        ))}
        <span role="status">{verdict}</span>
      </header>
      <form
        className="jp-KernelGuard-filters"
        onSubmit={event => {
          event.preventDefault();
          void ask(filters);
        }}
      >
        <select
          className="jp-mod-styled"
          value={filters.kind ?? ''}
          aria-label={trans.__('Kind of record')}
          onChange={event => setFilters({ ...filters, kind: event.target.value })}
        >
          <option value="">{trans.__('every kind')}</option>
          {page?.kinds.map(kind => <option key={kind}>{kind}</option>)}
        </select>
        {FIELDS.map(field => (
          <input
            key={field}
            className="jp-mod-styled"
            value={filters[field] ?? ''}
            placeholder={fieldName(field, trans)}
            aria-label={fieldName(field, trans)}
            onChange={event => setFilters({ ...filters, [field]: event.target.value })}
          />
        ))}
        <button className="jp-mod-styled" type="submit">
          {trans.__('Filter')}
        </button>
      </form>
      {error && <Problem error={error} trans={trans} onRetry={() => void ask(filters)} />}
      <GridTable
        label={trans.__('Records, newest first')}
        heads={[trans.__('No.'), trans.__('Time'), trans.__('Kind'), trans.__('Actor'), trans.__('Project'), trans.__('Study'), trans.__('Subject'), trans.__('Details')]}
        rowHeads={1}
        count={records.length}
        cell={(row, column) => cells(records[row])[column]}
      />
      {page?.next != null && (
        <button className="jp-mod-styled" onClick={() => void ask(filters, page.next ?? undefined)}>
          {trans.__('Show older records')}
        </button>
      )}
    </article>
  );
}

function cells(record: IAuditRecord): string[] {
  const { seq, time, kind, actor, project, study, subject, details } = record;
  return [String(seq), dateText(time), kind, actor, project, study, subject, JSON.stringify(details)];
}

function fieldName(field: (typeof FIELDS)[number], trans: TranslationBundle): string {
  switch (field) {
    case 'actor':
      return trans.__('Actor');
    case 'project':
      return trans.__('Project');
    case 'study':
      return trans.__('Study');
    case 'subject':
      return trans.__('Subject');
    case 'since':
      return trans.__('From (2026-01-31)');
    default:
      return trans.__('Until (2026-01-31)');
  }
}
