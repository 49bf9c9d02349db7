/** Provides the budget and keeps it fresh: after each executed cell, as the server tells, else by a poll that sleeps when hidden. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker, NotebookActions } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Debouncer, Poll } from '@lumino/polling';

import { Fetched } from '../models/fetched';
import { pushOf } from '../pushOf';
import { requestAPI } from '../request';
import { DOMAIN, IGuardBudget, type IStudyBudget, PACKAGE } from '../tokens';

const ID = `${PACKAGE}:budget`;
const DEFAULT_SECONDS = 60;
/** Cells of a "run all" finish in bursts; one request follows each burst. */
const BURST_MS = 300;

export const budgetPlugin: JupyterFrontEndPlugin<IGuardBudget> = {
  id: ID,
  description: 'Provides the privacy budget that is left per study.',
  autoStart: true,
  provides: IGuardBudget,
  optional: [INotebookTracker, ISettingRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    notebooks: INotebookTracker | null,
    settings: ISettingRegistry | null,
    translator: ITranslator | null
  ): IGuardBudget => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const budget = new Fetched(async () => {
      const { budgets } = await requestAPI<{ budgets: IStudyBudget[] }>('budget', trans);
      return budgets;
    });
    const push = pushOf(app);
    const poll = new Poll({
      name: ID,
      auto: false,
      factory: async () => (push.alive ? undefined : budget.refresh()),
      frequency: { interval: DEFAULT_SECONDS * 1000, backoff: true },
      standby: 'when-hidden'
    });
    push.changed.connect((_, topic) => void (topic === 'budget' && budget.refresh()));
    void app.restored.then(() => budget.refresh()).then(() => poll.start());
    if (notebooks) {
      const burst = new Debouncer(() => budget.refresh(), BURST_MS);
      NotebookActions.executed.connect(() => void burst.invoke());
    }
    void settings?.load(ID).then(loaded => {
      const apply = () => {
        const seconds = loaded.get('refreshInterval').composite as number;
        poll.frequency = { ...poll.frequency, interval: seconds * 1000 };
      };
      loaded.changed.connect(apply);
      apply();
    });
    return budget;
  }
};
