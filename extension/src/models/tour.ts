/** The guided tour: a few stops, each at something that is on the page. */
import type { TranslationBundle } from '@jupyterlab/translation';

export interface IStop {
  /** What is pointed at; a stop whose target is not on the page is passed over. */
  selector: string;
  title: string;
  text: string;
}

export function stops(trans: TranslationBundle): IStop[] {
  return [
    {
      selector: '[data-id="kernel-guard-catalogue"]',
      title: trans.__('1. The data’s shape'),
      text: trans.__('The catalogue shows studies, tables and columns: meaning, range, categories. Rows stay in the vault. Press Enter on a column, or drag it, to use it in a cell.')
    },
    {
      selector: '.jp-NotebookPanel .jp-Notebook',
      title: trans.__('2. A question'),
      text: trans.__('Write pandas-like code and run the cell. A question shows its cost and its expected error before anything is spent; .release(…) asks it.')
    },
    {
      selector: '[data-id="kernel-guard-budget"]',
      title: trans.__('3. The cost before the click'),
      text: trans.__('The budget panel plans the question of the active cell: choose the error that you can live with, and insert the call. Planning is free.')
    },
    {
      selector: '.jp-KernelGuard-budget',
      title: trans.__('4. What is left'),
      text: trans.__('Here stands what is left of your privacy budget. The same question again costs nothing.')
    },
    {
      selector: '.jp-KernelGuard-level',
      title: trans.__('5. What guards you'),
      text: trans.__('The shield tells how the kernel is isolated. A click opens the report, with what is closed here and what to do instead.')
    },
    {
      selector: '[data-id="kernel-guard-requests"]',
      title: trans.__('6. Taking results out'),
      text: trans.__('Click “Ask for export” on a release. It lands in your basket; checkers decide, and you get a signed bundle.')
    }
  ];
}
