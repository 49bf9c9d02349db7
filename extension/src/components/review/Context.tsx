/** What the author tells the checkers about each group of items; asked once per group, editable in a draft. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IGroup, IRequest } from '../../review/types';

type Said = Pick<IGroup, 'id' | 'context' | 'controls'>;

export interface IContextProps {
  request: IRequest;
  trans: TranslationBundle;
  onSave: (groups: Said[]) => void;
}

export function Context({ request, trans, onSave }: IContextProps): React.ReactElement {
  const editable = request.actions.includes('edit') || request.actions.includes('submit');
  return (
    <>
      {request.groups.map(group => (
        <div key={group.id}>
          {editable ? (
            <Form group={group} all={request.groups} trans={trans} onSave={onSave} />
          ) : (
            <>
              <p>{group.context}</p>
              <p className="jp-KernelGuard-quiet">{group.controls}</p>
            </>
          )}
          <p className="jp-KernelGuard-quiet">{filledText(group, trans)}</p>
        </div>
      ))}
    </>
  );
}

/** What nobody had to type: the vault knows it from the releases. */
function filledText({ filled }: IGroup, trans: TranslationBundle): string {
  const { studies = [], data_versions = [], purposes = [], releases = 0 } = filled;
  if (releases === 0) {
    return '';
  }
  return trans._n(
    'From %1 release of %2 (data %3), for: %4',
    'From %1 releases of %2 (data %3), for: %4',
    releases,
    studies.join(', '),
    data_versions.map(version => version.slice(0, 12)).join(', '),
    purposes.join(', ')
  );
}

interface IFormProps {
  group: IGroup;
  all: IGroup[];
  trans: TranslationBundle;
  onSave: (groups: Said[]) => void;
}

function Form({ group, all, trans, onSave }: IFormProps): React.ReactElement {
  const [context, setContext] = React.useState(group.context);
  const [controls, setControls] = React.useState(group.controls);
  const changed = context !== group.context || controls !== group.controls;
  const save = (event: React.FormEvent) => {
    event.preventDefault();
    onSave(all.map(one => (one.id === group.id ? { id: one.id, context, controls } : pick(one))));
  };
  return (
    <form onSubmit={save} className="jp-KernelGuard-reason">
      <label>
        {trans.__('What do these items show, and why are they needed?')}
        <textarea className="jp-mod-styled" value={context} onChange={event => setContext(event.target.value)} />
      </label>
      <label>
        {trans.__('How did you control disclosure?')}
        <textarea className="jp-mod-styled" value={controls} onChange={event => setControls(event.target.value)} />
      </label>
      {changed && (
        <button className="jp-mod-styled jp-mod-accept" type="submit">
          {trans.__('Save')}
        </button>
      )}
    </form>
  );
}

function pick({ id, context, controls }: IGroup): Said {
  return { id, context, controls };
}
