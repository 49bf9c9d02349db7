/** Requests and reviews: the sidebar with its badge, request pages, the audit log, toasts for what waits for you. */
import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import { Poll } from '@lumino/polling';
import * as React from 'react';

import { AuditPage } from '../components/review/AuditPage';
import { RequestPage } from '../components/review/RequestPage';
import { RequestsPanel } from '../components/review/RequestsPanel';
import { reviewIcon } from '../icons';
import { mainArea } from '../mainArea';
import { Fetched } from '../models/fetched';
import { outputActions } from '../outputActions';
import { pushOf } from '../pushOf';
import { askFromNotebook } from '../review/ask';
import { ReviewClient } from '../review/client';
import { Inbox } from '../review/inbox';
import type { IRequest } from '../review/types';
import { DOMAIN, type IGuardError, PACKAGE } from '../tokens';

const POLL_MS = 30_000;
const OPEN_PANEL = 'kernel-guard:open-requests';
const OPEN_REQUEST = 'kernel-guard:open-request';
const CHOOSE = 'kernel-guard:ask-for-export';
const OPEN_AUDIT = 'kernel-guard:open-audit-log';

export const reviewPlugin: JupyterFrontEndPlugin<void> = {
  id: `${PACKAGE}:review`,
  description: 'Requests to export results, their review, and the audit log.',
  autoStart: true,
  optional: [ICommandPalette, ILayoutRestorer, ITranslator, INotebookTracker],
  activate: (
    app: JupyterFrontEnd,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null,
    translator: ITranslator | null,
    notebooks: INotebookTracker | null
  ) => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const client = new ReviewClient(trans);
    const session = new Fetched(() => client.session());
    const mine = new Fetched(() => client.list('mine'));
    const queue = new Fetched(() => client.list('queue'));
    const refresh = () => Promise.all([mine.refresh(), queue.refresh()]);
    const tell = (error: unknown) => {
      const { message, hint } = error as IGuardError;
      Notification.error(`${message} ${hint}`, { autoClose: 8000 });
    };

    const opened = new Map<string, Fetched<IRequest>>();
    const showRequest = mainArea<{ id: string; number: number }>({
      app,
      restorer,
      namespace: 'kernel-guard-request',
      command: OPEN_REQUEST,
      icon: reviewIcon,
      key: ({ id }) => id,
      title: ({ number }) => trans.__('Request #%1', number),
      render: ({ id }) => {
        const request = new Fetched(() => client.request(id));
        opened.set(id, request);
        void request.refresh();
        session.changed.connect(() => void request.refresh());
        return <RequestPage request={request} client={client} trans={trans} onChanged={() => void refresh()} />;
      }
    });
    const openRequest = (args: { id: string; number: number }) => {
      // A page that is open already shows what has been added meanwhile.
      void opened.get(args.id)?.refresh();
      showRequest(args);
    };
    const openAudit = mainArea({
      app,
      restorer,
      namespace: 'kernel-guard-audit',
      command: OPEN_AUDIT,
      icon: reviewIcon,
      key: () => 'log',
      title: () => trans.__('Audit Log'),
      render: () => <AuditPage client={client} trans={trans} />
    });

    const after = async () => {
      await session.refresh();
      await refresh();
    };
    const choose = async () => {
      const notebook = notebooks?.currentWidget;
      if (!notebook) {
        Notification.info(trans.__('Open the notebook whose results you want to export.'), { autoClose: 5000 });
        return;
      }
      try {
        const request = await askFromNotebook(notebook, client, session.value ?? (await client.session()), trans);
        await mine.refresh();
        request && openRequest({ id: request.id, number: request.number });
      } catch (error) {
        tell(error);
      }
    };
    const panel = ReactWidget.create(
      <RequestsPanel
        session={session}
        mine={mine}
        queue={queue}
        signIn={{
          signIn: async (user, password) => {
            await client.signIn(user, password);
            await after();
          },
          byHub: () => client.signInByHub().then(after),
          signOut: () => client.signOut().then(after, tell),
          elsewhere: async () => window.location.assign(await client.signInElsewhere())
        }}
        onOpen={({ id, number }) => openRequest({ id, number })}
        onOpenAudit={() => openAudit({})}
        onChoose={notebooks ? () => void choose() : undefined}
        trans={trans}
      />
    );
    panel.id = 'kernel-guard-requests';
    panel.addClass('jp-KernelGuard-panel');
    panel.title.icon = reviewIcon;
    panel.title.caption = trans.__('Requests');
    panel.node.setAttribute('role', 'region');
    panel.node.setAttribute('aria-label', trans.__('Requests'));
    app.shell.add(panel, 'left', { rank: 560, type: 'Kernel Guard' });
    restorer?.add(panel, panel.id);

    const inbox = new Inbox(client, trans, panel.title, (id, number) => openRequest({ id, number }));
    const push = pushOf(app);
    const look = async () => {
      if (await inbox.refresh()) {
        await refresh();
      }
    };
    push.changed.connect((_, topic) => void (topic === 'review' && look().catch(tell)));
    const poll = new Poll({
      name: `${PACKAGE}:review`,
      auto: false,
      // What waits for a person who signed in is known with their session alone, which the server does not watch.
      factory: async () => {
        if (push.alive && session.value?.kind !== 'session') {
          return;
        }
        await look();
      },
      frequency: { interval: POLL_MS, backoff: true, max: 10 * POLL_MS },
      standby: 'when-hidden'
    });
    void app.restored.then(after).then(async () => {
      if (!session.error) {
        await look().catch(() => undefined);
        await poll.start();
      }
    });

    outputActions.askForExport = async statement => {
      const { id, project, words } = statement;
      try {
        const request = await client.addToBasket(project, { kind: 'release', name: words, content: { release: id } });
        await mine.refresh();
        openRequest({ id: request.id, number: request.number });
      } catch (error) {
        tell(error);
      }
    };

    const category = trans.__('Kernel Guard');
    const none = { args: { type: 'object', properties: {} } } as const;
    app.commands.addCommand(OPEN_PANEL, {
      label: trans.__('Open Requests'),
      caption: trans.__('Requests to export results, and what waits for your check'),
      icon: reviewIcon,
      describedBy: none,
      execute: () => app.shell.activateById(panel.id)
    });
    app.commands.addCommand(CHOOSE, {
      label: trans.__('Ask for Export from This Notebook…'),
      caption: trans.__('Choose releases, tables, figures, models, text and the code of the notebook in front'),
      icon: reviewIcon,
      describedBy: none,
      isEnabled: () => !!notebooks?.currentWidget,
      execute: () => choose()
    });
    app.commands.addCommand(OPEN_AUDIT, {
      label: trans.__('Open the Audit Log'),
      icon: reviewIcon,
      describedBy: none,
      execute: () => openAudit({})
    });
    app.commands.addCommand(OPEN_REQUEST, {
      label: trans.__('Open Request'),
      describedBy: {
        args: { type: 'object', properties: { id: { type: 'string' }, number: { type: 'number' } }, required: ['id'] }
      },
      execute: ({ id, number }) => openRequest({ id: String(id), number: Number(number) })
    });
    palette?.addItem({ command: OPEN_PANEL, category });
    palette?.addItem({ command: CHOOSE, category });
    palette?.addItem({ command: OPEN_AUDIT, category });
  }
};
