/** Shows the budget in the status bar, with the account in a popup. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IStatusBar, type Popup, showPopup } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import { BudgetItem } from '../components/BudgetItem';
import { BudgetPopup } from '../components/BudgetPopup';
import { DOMAIN, IGuardBudget, PACKAGE } from '../tokens';

export const budgetItemPlugin: JupyterFrontEndPlugin<void> = {
  id: `${PACKAGE}:budget-item`,
  description: 'Shows the privacy budget in the status bar.',
  autoStart: true,
  requires: [IGuardBudget, IStatusBar],
  optional: [ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    budget: IGuardBudget,
    statusBar: IStatusBar,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    let popup: Popup | null = null;
    const open = () => {
      popup?.dispose();
      void budget.refresh();
      const body = ReactWidget.create(<BudgetPopup budget={budget} trans={trans} />);
      popup = showPopup({ body, anchor: item, align: 'right', hasDynamicSize: true });
    };
    const item = ReactWidget.create(<BudgetItem budget={budget} trans={trans} onOpen={open} />);
    item.addClass('jp-mod-highlighted');
    statusBar.registerStatusItem(`${PACKAGE}:budget-item`, { item, align: 'right', rank: 90 });

    const command = 'kernel-guard:show-budget';
    app.commands.addCommand(command, {
      label: trans.__('Show the Privacy Budget'),
      caption: trans.__('What was granted, spent and reserved, and what is left, per study'),
      describedBy: { args: { type: 'object', properties: {} } },
      execute: open
    });
    palette?.addItem({ command, category: trans.__('Kernel Guard') });
  }
};
