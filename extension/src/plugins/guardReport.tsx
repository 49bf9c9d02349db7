/** The guard's report in the main area, and explanations where a person looks for what is closed here. */
import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog, ICommandPalette, showDialog } from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';

import { GuardReport } from '../components/GuardReport';
import { guardIcon, lockIcon } from '../icons';
import { mainArea } from '../mainArea';
import type { IDoctor } from '../models/doctor';
import { Fetched } from '../models/fetched';
import { forbidden, isTopic, TOPICS } from '../models/forbidden';
import { requestAPI } from '../request';
import { DOMAIN, IGuardStatus, PACKAGE } from '../tokens';

const REPORT = 'kernel-guard:open-report';
const EXPLAIN = 'kernel-guard:explain-closed';

export const guardReportPlugin: JupyterFrontEndPlugin<void> = {
  id: `${PACKAGE}:guard-report`,
  description: 'Shows what guards this notebook, and explains what is closed here.',
  autoStart: true,
  requires: [IGuardStatus],
  optional: [ICommandPalette, ILauncher, ILayoutRestorer, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    status: IGuardStatus,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
    restorer: ILayoutRestorer | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const doctor = new Fetched(() => requestAPI<IDoctor>('doctor', trans));
    const open = mainArea({
      app,
      restorer,
      namespace: 'kernel-guard-report',
      command: REPORT,
      icon: guardIcon,
      key: () => 'report',
      title: () => trans.__('Guard Report'),
      render: () => <GuardReport status={status} doctor={doctor} trans={trans} />
    });
    const category = trans.__('Kernel Guard');
    app.commands.addCommand(REPORT, {
      label: trans.__('Open the Guard Report'),
      caption: trans.__('The isolation level, what was tried for real, and what is closed here'),
      icon: guardIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => {
        open({});
        void doctor.refresh();
      }
    });
    palette?.addItem({ command: REPORT, category });

    app.commands.addCommand(EXPLAIN, {
      label: args =>
        isTopic(args.topic)
          ? trans.__('%1: closed here, and why', forbidden(args.topic, trans).name)
          : trans.__('What Is Closed Here, and Why'),
      icon: lockIcon,
      describedBy: { args: { type: 'object', properties: { topic: { enum: [...TOPICS] } } } },
      execute: async args => {
        if (!isTopic(args.topic)) {
          return app.commands.execute(REPORT);
        }
        const { name, why, instead } = forbidden(args.topic, trans);
        const report = Dialog.okButton({ label: trans.__('Guard report') });
        const answer = await showDialog({
          title: trans.__('%1: closed here', name),
          body: `${why} ${instead}`,
          buttons: [report, Dialog.cancelButton({ label: trans.__('Close') })]
        });
        return answer.button.accept ? app.commands.execute(REPORT) : undefined;
      }
    });
    for (const topic of TOPICS) {
      palette?.addItem({ command: EXPLAIN, category, args: { topic } });
    }
    for (const [rank, topic] of (['terminal', 'kernels'] as const).entries()) {
      launcher?.add({ command: EXPLAIN, category: trans.__('Other'), args: { topic }, rank: 100 + rank });
    }
  }
};
