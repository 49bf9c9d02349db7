/** Puts code into the active cell of the notebook in front. */
import { Notification } from '@jupyterlab/apputils';
import { type INotebookTracker, NotebookActions } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

/** Insert at the cursor of a code cell; below any other cell a new one is made for it. */
export function insertCode(notebooks: INotebookTracker | null, code: string, trans: TranslationBundle): void {
  const notebook = notebooks?.currentWidget?.content;
  if (!notebook) {
    Notification.info(trans.__('Open a notebook first, then insert from the catalogue.'));
    return;
  }
  if (notebook.activeCell?.model.type !== 'code') {
    NotebookActions.insertBelow(notebook);
  }
  notebook.mode = 'edit';
  notebook.activeCell?.editor?.replaceSelection?.(code);
  notebook.activeCell?.editor?.focus();
}
