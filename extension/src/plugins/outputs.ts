/** Gives outputs what they can ask of the page, and marks in each cell's gutter what a reader may believe of it. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { Gutter } from '../gutter';
import { insertBelow } from '../insert';
import { labelsOf } from '../models/labels';
import { outputActions } from '../outputActions';
import { requestAPI } from '../request';
import { DOMAIN, IGuardCatalogue, PACKAGE } from '../tokens';

export const outputsPlugin: JupyterFrontEndPlugin<void> = {
  id: `${PACKAGE}:outputs`,
  description: 'Marks cells by what their outputs are, and serves the buttons of releases.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [IGuardCatalogue, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    notebooks: INotebookTracker,
    catalogue: IGuardCatalogue | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    let key: Promise<string> | undefined;
    outputActions.publicKey = () => {
      key ??= requestAPI<{ public_key: string }>('public-key', trans).then(answer => answer.public_key);
      key.catch(() => (key = undefined));
      return key;
    };
    outputActions.insertBelow = code => insertBelow(notebooks, code, trans);
    outputActions.runAgain = () => void app.commands.execute('notebook:run-cell');
    outputActions.labels = (study, column) => labelsOf(catalogue?.value ?? [], study, column);
    outputActions.labelsChanged = catalogue?.changed;
    notebooks.widgetAdded.connect((_, panel) => new Gutter(panel, trans));
    notebooks.forEach(panel => new Gutter(panel, trans));
  }
};
