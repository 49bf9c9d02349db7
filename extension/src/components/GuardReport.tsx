/** The guard's report: the level in words, what was tried for real, what is closed here and what to do instead. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IDoctor, IRung } from '../models/doctor';
import { forbidden, TOPICS } from '../models/forbidden';
import { levelMeaning } from '../models/level';
import type { IFetched, IGuardStatus } from '../tokens';

import { Problem } from './Problem';
import { useFetched } from './useFetched';

export interface IGuardReportProps {
  status: IGuardStatus;
  doctor: IFetched<IDoctor>;
  trans: TranslationBundle;
}

export function GuardReport({ status, doctor, trans }: IGuardReportProps): React.ReactElement {
  const { value: known } = useFetched(status);
  const { value: report, error } = useFetched(doctor);
  const level = report?.level ?? known?.guard.level ?? 'unknown';
  return (
    <article className="jp-KernelGuard-card" tabIndex={0} aria-label={trans.__('Guard report')}>
      <header>
        <h1>{trans.__('What guards this notebook')}</h1>
        <span className="jp-KernelGuard-badge">{level}</span>
      </header>
      <p>{levelMeaning(level, trans)}</p>
      {known && (
        <p>
          {known.vault.state === 'up' ? trans.__('The vault answers.') : trans.__('The vault does not answer.')}{' '}
          {known.vault.synthetic_only && trans.__('The vault serves synthetic data only.')}
        </p>
      )}
      {known?.vault.error && <Problem error={known.vault.error} trans={trans} onRetry={() => void status.refresh()} />}
      <h2>{trans.__('Closed here, and what to do instead')}</h2>
      <Closed trans={trans} />
      <h2>{trans.__('Tried for real on this machine')}</h2>
      {error && <Problem error={error} trans={trans} onRetry={() => void doctor.refresh()} />}
      {!report && !error && (
        <p className="jp-KernelGuard-quiet" role="status">
          {trans.__('The doctor is trying the forbidden things; this takes some seconds…')}
        </p>
      )}
      {report && <Tried report={report} trans={trans} />}
    </article>
  );
}

function Closed({ trans }: { trans: TranslationBundle }): React.ReactElement {
  return (
    <table className="jp-KernelGuard-table">
      <thead>
        <tr>
          <th scope="col">{trans.__('What')}</th>
          <th scope="col">{trans.__('Why')}</th>
          <th scope="col">{trans.__('Instead')}</th>
        </tr>
      </thead>
      <tbody>
        {TOPICS.map(topic => {
          const { name, why, instead } = forbidden(topic, trans);
          return (
            <tr key={topic}>
              <th scope="row">{name}</th>
              <td>{why}</td>
              <td>{instead}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Tried({ report, trans }: { report: IDoctor; trans: TranslationBundle }): React.ReactElement {
  return (
    <>
      <p className="jp-KernelGuard-quiet">
        {Object.entries(report.host)
          .map(([name, value]) => `${name} ${String(value)}`)
          .join(' · ')}
      </p>
      {report.rungs.map(rung => (
        <Rung key={rung.tier} rung={rung} trans={trans} />
      ))}
      {report.hazards.map(({ what, advice }) => (
        <div key={what} className="jp-KernelGuard-notice" data-level="warning" role="note">
          <div>
            <strong>{what}</strong>
            <p>{advice}</p>
          </div>
        </div>
      ))}
    </>
  );
}

function Rung({ rung, trans }: { rung: IRung; trans: TranslationBundle }): React.ReactElement {
  const attempts = rung.attempts ?? [];
  const held = attempts.filter(attempt => attempt.held).length;
  return (
    <details>
      <summary>
        {rung.problem ? '–' : rung.holds ? '✓' : '✗'} {rung.tier} ({rung.promised}):{' '}
        {rung.problem || trans.__('%1 of %2 forbidden things failed, as they must', held, attempts.length)}
      </summary>
      {rung.advice && <p>{rung.advice}</p>}
      <ul>
        {attempts.map(({ group, what, held: stopped }, index) => (
          <li key={index}>
            {stopped ? '✓' : '✗'} {what} <span className="jp-KernelGuard-quiet">{group}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
