/** The status bar's budget: ε left per study, opening the account on a click. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { formatAmount, isLow } from '../models/amounts';
import type { IGuardBudget, IStudyBudget } from '../tokens';

import { useFetched } from './useFetched';

/** More studies than this are counted, to leave room for others in the status bar. */
const MAX_SHOWN = 2;

export interface IBudgetItemProps {
  budget: IGuardBudget;
  trans: TranslationBundle;
  onOpen: () => void;
}

export function BudgetItem({ budget, trans, onOpen }: IBudgetItemProps): React.ReactElement {
  const { value, error } = useFetched(budget);
  const low = value?.some(study => isLow(study.epsilon)) ?? false;
  const text = summary(value, error !== undefined, trans);
  return (
    <button
      className={`jp-KernelGuard-statusItem jp-KernelGuard-budget${low ? ' jp-mod-low' : ''}`}
      title={error ? `${error.message} ${error.hint}` : trans.__('Privacy budget left. Click for details.')}
      aria-haspopup="dialog"
      onClick={onOpen}
    >
      {low ? trans.__('⚠ %1', text) : text}
    </button>
  );
}

function summary(studies: IStudyBudget[] | undefined, failed: boolean, trans: TranslationBundle): string {
  if (!studies) {
    return failed ? trans.__('Budget: not available') : trans.__('Budget: …');
  }
  if (studies.length === 0) {
    return trans.__('No budget granted');
  }
  const shown = studies.slice(0, MAX_SHOWN).map(({ study, epsilon }) =>
    trans.__('%1: ε %2 left', study, formatAmount(epsilon.left))
  );
  const more = studies.length - shown.length;
  return shown.join(' · ') + (more > 0 ? ` · +${more}` : '') + (failed ? ' ?' : '');
}
