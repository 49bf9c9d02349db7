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
  const editor = notebook?.activeCell?.model.type === 'code' ? notebook.activeCell.editor : null;
  if (notebook && editor) {
    notebook.mode = 'edit';
    editor.replaceSelection?.(code);
    editor.focus();
  } else if (notebook) {
    newCell(notebook, code);
  }
}

/** Insert into a new cell below the active one; nothing runs. */
export function insertBelow(notebooks: INotebookTracker | null, code: string, trans: TranslationBundle): void {
  const notebook = notebookInFront(notebooks, trans);
  if (notebook) {
    newCell(notebook, code);
  }
}

/** A new cell has no editor until it is drawn, so its text is set and not typed. */
function newCell(notebook: Notebook, code: string): void {
  NotebookActions.insertBelow(notebook);
  notebook.activeCell?.model.sharedModel.setSource(code);
}
