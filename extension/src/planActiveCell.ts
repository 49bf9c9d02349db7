/** The planner's way to the active cell: its question goes to the kernel for prices, the chosen call comes back. */
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IPlannerActions } from './components/Planner';
import { askKernel } from './kernel';
import { curveCode, questionOf } from './models/cellQuestion';
import { parseCurve } from './models/planner';
import { GuardRequestError } from './request';

export function plannerOf(notebooks: INotebookTracker | null, trans: TranslationBundle): IPlannerActions {
  const active = () => notebooks?.currentWidget?.content.activeCell ?? null;
  return {
    plan: async () => {
      const kernel = notebooks?.currentWidget?.sessionContext.session?.kernel;
      const cell = active();
      const question = cell?.model.type === 'code' ? questionOf(cell.model.sharedModel.getSource()) : undefined;
      if (!kernel || !question) {
        throw new GuardRequestError(
          'no_question',
          trans.__('The active cell holds no question.'),
          trans.__('Click into a code cell whose last line is a question, such as person.count_patients().')
        );
      }
      const curve = parseCurve(await askKernel(kernel, curveCode(question.expression), trans));
      if (!curve) {
        throw new GuardRequestError(
          'no_curve',
          trans.__('The kernel gave no prices.'),
          trans.__('Only the kernel “Python (guarded)” knows them.')
        );
      }
      return curve;
    },
    insert: call => {
      const shared = active()?.model.sharedModel;
      const question = shared && questionOf(shared.getSource());
      if (shared && question) {
        shared.setSource(question.withRelease(call));
      }
    }
  };
}
