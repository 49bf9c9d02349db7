/** Offers the guided tour once, and whenever it is asked for. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';
import * as React from 'react';

import { Tour } from '../components/Tour';
import { guardIcon } from '../icons';
import { stops } from '../models/tour';
import { DOMAIN, IGuardStatus, PACKAGE } from '../tokens';

const COMMAND = 'kernel-guard:start-tour';
const SEEN = `${PACKAGE}:tour-offered`;

export const tourPlugin: JupyterFrontEndPlugin<void> = {
  id: `${PACKAGE}:tour`,
  description: 'A guided tour of what Kernel Guard adds.',
  autoStart: true,
  requires: [IGuardStatus],
  optional: [ICommandPalette, IStateDB, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    status: IGuardStatus,
    palette: ICommandPalette | null,
    state: IStateDB | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    let shown: Widget | null = null;
    const start = () => {
      shown?.dispose();
      const here = stops(trans).filter(({ selector }) => document.querySelector(selector));
      const widget = ReactWidget.create(<Tour stops={here} trans={trans} onEnd={() => widget.dispose()} />);
      shown = widget;
      Widget.attach(widget, document.body);
    };
    app.commands.addCommand(COMMAND, {
      label: trans.__('Start the Guided Tour'),
      icon: guardIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: start
    });
    palette?.addItem({ command: COMMAND, category: trans.__('Kernel Guard') });

    const offer = async () => {
      await app.restored;
      await status.refresh();
      if (!state || status.error || (await state.fetch(SEEN))) {
        return;
      }
      await state.save(SEEN, true);
      Notification.info(trans.__('New here? A tour of one minute shows how to ask a question of protected data.'), {
        autoClose: false,
        actions: [
          { label: trans.__('Start the tour'), callback: start, displayType: 'accent' },
          { label: trans.__('Skip'), callback: () => undefined }
        ]
      });
    };
    void offer();
  }
};
