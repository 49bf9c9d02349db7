/** Shows in the status bar whether the notebook in front is guarded, and how strongly. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import { LevelItem } from '../components/LevelItem';
import { addStatusItem } from '../statusItem';
import { DOMAIN, IGuardStatus, PACKAGE } from '../tokens';

class LevelWidget extends ReactWidget {
  constructor(private readonly element: () => React.ReactElement) {
    super();
  }

  protected render(): React.ReactElement {
    return this.element();
  }
}

export const levelItemPlugin: JupyterFrontEndPlugin<void> = {
  id: `${PACKAGE}:level-item`,
  description: 'Shows the isolation level of the kernel in front.',
  autoStart: true,
  requires: [IGuardStatus],
  optional: [IStatusBar, INotebookTracker, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    status: IGuardStatus,
    statusBar: IStatusBar | null,
    notebooks: INotebookTracker | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const kernel = () => notebooks?.currentWidget?.sessionContext.session?.kernel?.name ?? null;
    const item = new LevelWidget(() => (
      <LevelItem
        status={status}
        kernel={kernel()}
        trans={trans}
        onOpen={() => void app.commands.execute('kernel-guard:open-report')}
      />
    ));
    addStatusItem(app, statusBar, { id: `${PACKAGE}:level-item`, item, align: 'left' });
    // A new kernel is a good moment to ask again whether the vault is up.
    const onKernel = () => {
      item.update();
      void status.refresh();
    };
    notebooks?.currentChanged.connect(() => item.update());
    notebooks?.widgetAdded.connect((_tracker: INotebookTracker, panel: NotebookPanel) => {
      panel.sessionContext.kernelChanged.connect(onKernel);
    });
  }
};
