/** The budget in the status bar, and the panel that it opens: accounts, spending, planner. */
import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import { BudgetItem } from '../components/BudgetItem';
import { BudgetPanel } from '../components/BudgetPanel';
import { budgetIcon } from '../icons';
import { Fetched } from '../models/fetched';
import { plannerOf } from '../planActiveCell';
import { requestAPI } from '../request';
import { addStatusItem } from '../statusItem';
import { DOMAIN, IGuardBudget, type ISpending, PACKAGE } from '../tokens';

export const budgetItemPlugin: JupyterFrontEndPlugin<void> = {
  id: `${PACKAGE}:budget-item`,
  description: 'Shows the privacy budget in the status bar and in a panel, with a planner.',
  autoStart: true,
  requires: [IGuardBudget],
  optional: [IStatusBar, INotebookTracker, ICommandPalette, ILayoutRestorer, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    budget: IGuardBudget,
    statusBar: IStatusBar | null,
    notebooks: INotebookTracker | null,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const spending = new Fetched(async () => {
      const { releases } = await requestAPI<{ releases: ISpending[] }>('spending', trans);
      return releases;
    });
    const panel = ReactWidget.create(
      <BudgetPanel budget={budget} spending={spending} planner={plannerOf(notebooks, trans)} trans={trans} />
    );
    panel.id = 'kernel-guard-budget';
    panel.addClass('jp-KernelGuard-panel');
    panel.title.icon = budgetIcon;
    panel.title.caption = trans.__('Privacy Budget');
    panel.node.setAttribute('role', 'region');
    panel.node.setAttribute('aria-label', trans.__('Privacy Budget'));
    app.shell.add(panel, 'right', { rank: 550, type: 'Kernel Guard' });
    restorer?.add(panel, panel.id);
    // What was spent changes with what is left; a panel that nobody sees need not ask.
    budget.changed.connect(() => panel.isVisible && void spending.refresh());

    const open = () => {
      app.shell.activateById(panel.id);
      void budget.refresh();
    };
    const item = ReactWidget.create(<BudgetItem budget={budget} trans={trans} onOpen={open} />);
    item.addClass('jp-mod-highlighted');
    addStatusItem(app, statusBar, { id: `${PACKAGE}:budget-item`, item, align: 'right' });

    const command = 'kernel-guard:show-budget';
    app.commands.addCommand(command, {
      label: trans.__('Show the Privacy Budget'),
      caption: trans.__('What is left, who spent what, and a planner for the next question'),
      icon: budgetIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: open
    });
    palette?.addItem({ command, category: trans.__('Kernel Guard') });
  }
};
