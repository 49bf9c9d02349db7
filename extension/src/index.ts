/** The front end of Kernel Guard: small plugins, each of which can be disabled on its own. */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { budgetPlugin } from './plugins/budget';
import { budgetItemPlugin } from './plugins/budgetItem';
import { cataloguePlugin } from './plugins/catalogue';
import { levelItemPlugin } from './plugins/levelItem';
import { statusPlugin } from './plugins/status';

export * from './tokens';

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  statusPlugin,
  budgetPlugin,
  budgetItemPlugin,
  cataloguePlugin,
  levelItemPlugin
];

export default plugins;
