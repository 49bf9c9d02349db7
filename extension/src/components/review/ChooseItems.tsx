/** What to ask for, chosen from the notebook: results ticked one by one, context and controls said once for all. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { ICandidate } from '../../review/candidates';
import { itemKindName } from '../../review/names';

export interface IChoice {
  title: string;
  context: string;
  controls: string;
  /** Candidate → the name it shall have. */
  chosen: ReadonlyMap<string, string>;
  code: boolean;
}

export interface IChooseItemsProps {
  candidates: ICandidate[];
  title: string;
  trans: TranslationBundle;
  /** Told of every change; the dialog reads the last one. */
  onChange: (choice: IChoice) => void;
}

export function ChooseItems({ candidates, title, trans, onChange }: IChooseItemsProps): React.ReactElement {
  const [choice, setChoice] = React.useState<IChoice>(() => firstChoice(candidates, title));
  const change = (more: Partial<IChoice>) => {
    const next = { ...choice, ...more };
    setChoice(next);
    onChange(next);
  };
  React.useEffect(() => void onChange(choice), []);
  const tick = ({ key, name }: ICandidate) => {
    const chosen = new Map(choice.chosen);
    chosen.has(key) ? chosen.delete(key) : chosen.set(key, name);
    change({ chosen });
  };
  return (
    <div className="jp-KernelGuard-choose">
      <label>
        {trans.__('Title')}
        <input className="jp-mod-styled" value={choice.title} maxLength={200} onChange={event => change({ title: event.target.value })} />
      </label>
      <label>
        {trans.__('What do these items show, and why are they needed?')}
        <textarea className="jp-mod-styled" value={choice.context} onChange={event => change({ context: event.target.value })} />
      </label>
      <label>
        {trans.__('How did you control disclosure?')}
        <textarea className="jp-mod-styled" value={choice.controls} onChange={event => change({ controls: event.target.value })} />
      </label>
      <fieldset>
        <legend>{trans._n('%1 chosen', '%1 chosen', choice.chosen.size)}</legend>
        {candidates.length === 0 && (
          <p className="jp-KernelGuard-quiet">{trans.__('This notebook shows nothing yet that could leave. Run it first.')}</p>
        )}
        <ul>
          {candidates.map(candidate => (
            <Line
              key={candidate.key}
              candidate={candidate}
              name={choice.chosen.get(candidate.key)}
              trans={trans}
              onTick={() => tick(candidate)}
              onName={name => change({ chosen: new Map(choice.chosen).set(candidate.key, name) })}
            />
          ))}
        </ul>
        <label>
          <input type="checkbox" checked={choice.code} onChange={() => change({ code: !choice.code })} />{' '}
          {trans.__('The notebook’s code, so that checkers see how it was made')}
        </label>
      </fieldset>
      <p className="jp-KernelGuard-quiet">
        {trans.__('Study, data version, purpose, releases and cost are filled in by the vault. Nothing is submitted yet.')}
      </p>
    </div>
  );
}

interface ILineProps {
  candidate: ICandidate;
  /** Its name where it is chosen. */
  name: string | undefined;
  trans: TranslationBundle;
  onTick: () => void;
  onName: (name: string) => void;
}

function Line({ candidate, name, trans, onTick, onName }: ILineProps): React.ReactElement {
  const { kind, why, item, cell, releases } = candidate;
  const about = [
    trans.__('cell %1', cell + 1),
    ...(kind === 'output' ? [] : [itemKindName(kind, trans)]),
    ...(releases > 0 && kind !== 'release' ? [trans._n('from at most %1 release', 'from at most %1 releases', releases)] : []),
    ...(why ? [whyText(why, trans)] : [])
  ].join(' · ');
  return (
    <li>
      <input type="checkbox" aria-label={candidate.name} checked={name !== undefined} disabled={!item} onChange={onTick} />
      {name === undefined ? (
        <span>{candidate.name}</span>
      ) : (
        <input className="jp-mod-styled" aria-label={trans.__('Name of %1', candidate.name)} value={name} maxLength={300} onChange={event => onName(event.target.value)} />
      )}
      <span className="jp-KernelGuard-quiet">{about}</span>
    </li>
  );
}

/** Results are ticked; text is left for the author to choose. */
function firstChoice(candidates: ICandidate[], title: string): IChoice {
  const chosen = new Map(candidates.filter(({ item, kind }) => item && kind !== 'text').map(({ key, name }) => [key, name]));
  return { title, context: '', controls: '', chosen, code: true };
}

function whyText(why: NonNullable<ICandidate['why']>, trans: TranslationBundle): string {
  switch (why) {
    case 'mock':
      return trans.__('mock rows do not leave');
    case 'unsealed':
      return trans.__('not sealed by the guard: run the cell again');
    default:
      return trans.__('no numbers under it that a checker could judge');
  }
}
