/** Provides the catalogue, shows it in the left sidebar, and its tables as cards in the main area. */
import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import { Catalogue } from '../components/Catalogue';
import type { IConceptAnswer, IConceptQuery } from '../components/ConceptSearch';
import { guardIcon } from '../icons';
import { insertCode } from '../insert';
import { Fetched } from '../models/fetched';
import { type IPlace, snippet } from '../models/snippet';
import { requestAPI } from '../request';
import { DOMAIN, IGuardBudget, IGuardCatalogue, type IStudy, PACKAGE } from '../tokens';

const ID = `${PACKAGE}:catalogue`;

export const cataloguePlugin: JupyterFrontEndPlugin<IGuardCatalogue> = {
  id: ID,
  description: 'Shows studies, tables and columns in the left sidebar.',
  autoStart: true,
  provides: IGuardCatalogue,
  optional: [IGuardBudget, INotebookTracker, ICommandPalette, ILayoutRestorer, ISettingRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    budget: IGuardBudget | null,
    notebooks: INotebookTracker | null,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null,
    settings: ISettingRegistry | null,
    translator: ITranslator | null
  ): IGuardCatalogue => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const catalogue = new Fetched(async () => {
      const { studies } = await requestAPI<{ studies: IStudy[] }>('catalogue', trans);
      return studies;
    });
    let variable = 'study';
    const snippetOf = (place: IPlace) => snippet(place, variable);
    const searchConcepts = ({ study, q, ancestor }: IConceptQuery) =>
      requestAPI<IConceptAnswer>('concepts', trans, { params: { study, q, ancestor } });

    const panel = ReactWidget.create(
      <Catalogue
        catalogue={catalogue}
        budget={budget}
        trans={trans}
        searchConcepts={searchConcepts}
        snippetOf={snippetOf}
        onInsert={code => insertCode(notebooks, code, trans)}
        onOpenCard={({ study, table }) =>
          void app.commands.execute('kernel-guard:open-schema-card', { study, table: table ?? '' })
        }
      />
    );
    panel.id = 'kernel-guard-catalogue';
    panel.addClass('jp-KernelGuard-panel');
    panel.title.icon = guardIcon;
    panel.title.caption = trans.__('Data Catalogue');
    panel.node.setAttribute('role', 'region');
    panel.node.setAttribute('aria-label', trans.__('Data Catalogue'));
    app.shell.add(panel, 'left', { rank: 550, type: 'Kernel Guard' });
    restorer?.add(panel, panel.id);
    void app.restored.then(() => catalogue.refresh());

    void settings?.load(ID).then(loaded => {
      const apply = () => {
        variable = loaded.get('studyVariable').composite as string;
      };
      loaded.changed.connect(apply);
      apply();
    });

    const category = trans.__('Kernel Guard');
    const args = { type: 'object', properties: {} } as const;
    app.commands.addCommand('kernel-guard:open-catalogue', {
      label: trans.__('Open the Data Catalogue'),
      caption: trans.__('Show the tables and columns that may be asked about'),
      icon: guardIcon,
      describedBy: { args },
      execute: () => {
        app.shell.activateById(panel.id);
        panel.node.querySelector('input')?.focus();
      }
    });
    app.commands.addCommand('kernel-guard:refresh-catalogue', {
      label: trans.__('Refresh the Data Catalogue'),
      describedBy: { args },
      execute: () => catalogue.refresh()
    });
    palette?.addItem({ command: 'kernel-guard:open-catalogue', category });
    palette?.addItem({ command: 'kernel-guard:refresh-catalogue', category });
    return catalogue;
  }
};
