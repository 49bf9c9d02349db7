/** Puts code into the active cell of the notebook in front, or below it. */
import { Notification } from '@jupyterlab/apputils';
import { type INotebookTracker, type Notebook, NotebookActions } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

function notebookInFront(notebooks: INotebookTracker | null, trans: TranslationBundle): Notebook | null {
  const notebook = notebooks?.currentWidget?.content ?? null;
  if (!notebook) {
    Notification.info(trans.__('Open a notebook first, then insert from here.'));
  }
  return notebook;
}

/** Insert at the cursor of a code cell; below any other cell a new one is made for it. */
export function insertCode(notebooks: INotebookTracker | null, code: string, trans: TranslationBundle): void {
  const notebook = notebookInFront(notebooks, trans);
  if (!notebook) {
    return;
  }
  if (notebook.activeCell?.model.type !== 'code') {
    NotebookActions.insertBelow(notebook);
  }
  write(notebook, code);
}

/** Insert into a new cell below the active one; nothing runs. */
export function insertBelow(notebooks: INotebookTracker | null, code: string, trans: TranslationBundle): void {
  const notebook = notebookInFront(notebooks, trans);
  if (notebook) {
    NotebookActions.insertBelow(notebook);
    write(notebook, code);
  }
}

function write(notebook: Notebook, code: string): void {
  notebook.mode = 'edit';
  notebook.activeCell?.editor?.replaceSelection?.(code);
  notebook.activeCell?.editor?.focus();
}
