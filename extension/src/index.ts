/** The front end of Kernel Guard: small plugins, each of which can be disabled on its own. */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { budgetPlugin } from './plugins/budget';
import { budgetItemPlugin } from './plugins/budgetItem';
import { cataloguePlugin } from './plugins/catalogue';
import { guardReportPlugin } from './plugins/guardReport';
import { levelItemPlugin } from './plugins/levelItem';
import { outputsPlugin } from './plugins/outputs';
import { reviewPlugin } from './plugins/review';
import { schemaCardPlugin } from './plugins/schemaCard';
import { statusPlugin } from './plugins/status';
import { tourPlugin } from './plugins/tour';

export * from './tokens';

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  statusPlugin,
  budgetPlugin,
  budgetItemPlugin,
  cataloguePlugin,
  guardReportPlugin,
  levelItemPlugin,
  outputsPlugin,
  reviewPlugin,
  schemaCardPlugin,
  tourPlugin
];

export default plugins;
