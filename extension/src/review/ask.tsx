/** The way from a notebook to a draft: choose in a dialog, then everything is put into one new request. */
import { Dialog, ReactWidget, showDialog } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { ChooseItems, type IChoice } from '../components/review/ChooseItems';

import { candidatesOf, codeItem, type ICandidate, type ICellLike } from './candidates';
import type { ReviewClient } from './client';
import type { IRequest, ISession } from './types';

class Body extends ReactWidget {
  constructor(
    private readonly candidates: ICandidate[],
    private readonly title_: string,
    private readonly trans: TranslationBundle
  ) {
    super();
  }

  getValue(): IChoice | undefined {
    return this._choice;
  }

  protected render(): React.ReactElement {
    return (
      <ChooseItems
        candidates={this.candidates}
        title={this.title_}
        trans={this.trans}
        onChange={choice => (this._choice = choice)}
      />
    );
  }

  private _choice: IChoice | undefined;
}

/** Ask what shall leave of a notebook; the draft that was made, or nothing where the person thought better of it. */
export async function askFromNotebook(
  panel: NotebookPanel,
  client: ReviewClient,
  session: ISession,
  trans: TranslationBundle
): Promise<IRequest | undefined> {
  const { cells, metadata } = panel.content.model!.toJSON() as unknown as { cells: ICellLike[]; metadata: IMetadata };
  const name = panel.title.label.replace(/\.ipynb$/, '');
  const candidates = candidatesOf(cells);
  const { button, value } = await showDialog({
    title: trans.__('Ask for export'),
    body: new Body(candidates, name, trans),
    buttons: [Dialog.cancelButton({ label: trans.__('Cancel') }), Dialog.okButton({ label: trans.__('Make the draft') })]
  });
  if (!button.accept || !value) {
    return undefined;
  }
  const chosen = candidates.filter(({ key, item }) => item && value.chosen.has(key));
  const project = chosen.find(one => one.project)?.project ?? projectOf(session);
  return make(client, project, value, chosen, made =>
    codeItem(name, metadata.language_info?.name ?? 'python', cells, made)
  );
}

interface IMetadata {
  language_info?: { name?: string };
}

async function make(
  client: ReviewClient,
  project: string,
  choice: IChoice,
  chosen: ICandidate[],
  code: (made: ReadonlyMap<number, string[]>) => { kind: string; name: string; content: Record<string, unknown> }
): Promise<IRequest> {
  let request = await client.create(project, choice.title);
  const group = request.groups[0].id;
  request = await client.describe(request, [{ id: group, context: choice.context, controls: choice.controls }]);
  const made = new Map<number, string[]>();
  for (const { key, cell, item } of chosen) {
    const before = new Set(request.items.map(({ id }) => id));
    request = await client.putItem(request, group, { ...item!, name: choice.chosen.get(key) || item!.name });
    const added = request.items.find(({ id }) => !before.has(id));
    made.set(cell, [...(made.get(cell) ?? []), ...(added ? [added.id] : [])]);
  }
  return choice.code ? client.putItem(request, group, code(made)) : request;
}

function projectOf({ rights }: ISession): string {
  return rights.find(({ role }) => role === 'researcher')?.project ?? '';
}
