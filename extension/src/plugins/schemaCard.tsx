/** Opens a table of the catalogue as a card in the main area. */
import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';

import { CardOrProblem } from '../components/CardOrProblem';
import { iconFor } from '../icons';
import { insertCode } from '../insert';
import { mainArea } from '../mainArea';
import { snippet } from '../models/snippet';
import { DOMAIN, IGuardBudget, IGuardCatalogue, PACKAGE } from '../tokens';

const COMMAND = 'kernel-guard:open-schema-card';

export const schemaCardPlugin: JupyterFrontEndPlugin<void> = {
  id: `${PACKAGE}:schema-card`,
  description: 'Shows a table with its joins, columns and mock rows in the main area.',
  autoStart: true,
  requires: [IGuardCatalogue],
  optional: [IGuardBudget, INotebookTracker, ILayoutRestorer, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    catalogue: IGuardCatalogue,
    budget: IGuardBudget | null,
    notebooks: INotebookTracker | null,
    restorer: ILayoutRestorer | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const open = mainArea<{ study: string; table: string }>({
      app,
      restorer,
      namespace: 'kernel-guard-card',
      command: COMMAND,
      icon: iconFor(),
      key: ({ study, table }) => JSON.stringify([study, table]),
      title: ({ table }) => table,
      render: ({ study, table }) => (
        <CardOrProblem
          catalogue={catalogue}
          budget={budget}
          study={study}
          table={table}
          trans={trans}
          onOpen={other => open({ study, table: other })}
          onInsert={column => insertCode(notebooks, snippet({ study, table, column }), trans)}
        />
      )
    });
    app.commands.addCommand(COMMAND, {
      label: trans.__('Open Schema Card'),
      describedBy: {
        args: {
          type: 'object',
          properties: { study: { type: 'string' }, table: { type: 'string' } },
          required: ['study', 'table']
        }
      },
      execute: args => open({ study: String(args.study), table: String(args.table) })
    });
  }
};
