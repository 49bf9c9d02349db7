/** Where a short fact about the guard stands: in the status bar, or at the top of an application without one. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IStatusBar } from '@jupyterlab/statusbar';
import type { Widget } from '@lumino/widgets';

export interface IStatusItem {
  id: string;
  item: Widget;
  align: 'left' | 'right';
}

const RANK = 90;
/** Behind what Notebook 7 puts at the top: title, trust, kernel. */
const TOP_RANK = 1000;

export function addStatusItem(app: JupyterFrontEnd, statusBar: IStatusBar | null, { id, item, align }: IStatusItem): void {
  if (statusBar) {
    statusBar.registerStatusItem(id, { item, align, rank: RANK });
    return;
  }
  item.id = id.replace(/\W+/g, '-');
  item.addClass('jp-KernelGuard-topItem');
  app.shell.add(item, 'top', { rank: TOP_RANK });
}
