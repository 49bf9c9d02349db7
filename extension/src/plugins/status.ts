/** Provides the guard's status and compares versions once the page is up. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';

import { Fetched } from '../models/fetched';
import { isMismatch } from '../models/handshake';
import { pushOf } from '../pushOf';
import { requestAPI } from '../request';
import { DOMAIN, IGuardStatus, type IStatus, PACKAGE } from '../tokens';
import { VERSION } from '../version';

export const statusPlugin: JupyterFrontEndPlugin<IGuardStatus> = {
  id: `${PACKAGE}:status`,
  description: 'Provides versions, the state of the vault and the isolation level.',
  autoStart: true,
  provides: IGuardStatus,
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, translator: ITranslator | null): IGuardStatus => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const status = new Fetched(() => requestAPI<IStatus>('status', trans));
    pushOf(app).changed.connect((_, topic) => void (topic === 'status' && status.refresh()));
    void app.restored.then(() => status.refresh()).then(() => warnOfMismatch(status.value, trans));
    return status;
  }
};

function warnOfMismatch(status: IStatus | undefined, trans: TranslationBundle): void {
  if (status && isMismatch(VERSION, status.version)) {
    Notification.warning(
      trans.__(
        'This page has Kernel Guard %1 and the server has %2. Reload the page; if the message stays, reinstall kernel-guard.',
        VERSION,
        status.version
      ),
      { autoClose: false }
    );
  }
}
