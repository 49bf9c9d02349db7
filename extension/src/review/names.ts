/** Codes of the review API in the reader's language. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IItem, Risk, State } from './types';

export function stateName(state: State, trans: TranslationBundle): string {
  switch (state) {
    case 'draft':
      return trans.__('draft');
    case 'submitted':
      return trans.__('submitted');
    case 'in_review':
      return trans.__('in review');
    case 'approved':
      return trans.__('approved');
    case 'returned':
      return trans.__('returned to you');
    case 'rejected':
      return trans.__('rejected');
    case 'released':
      return trans.__('released');
    default:
      return trans.__('withdrawn');
  }
}

export function riskName(risk: Risk, trans: TranslationBundle): string {
  switch (risk) {
    case 'automatic':
      return trans.__('checked by machine');
    case 'low':
      return trans.__('low risk');
    default:
      return trans.__('high risk');
  }
}

export function itemKindName(kind: IItem['kind'], trans: TranslationBundle): string {
  switch (kind) {
    case 'release':
      return trans.__('Release');
    case 'table':
      return trans.__('Table');
    case 'figure':
      return trans.__('Figure');
    case 'model':
      return trans.__('Model');
    case 'text':
      return trans.__('Text');
    default:
      return trans.__('Code');
  }
}

export function resultName(result: IItem['result'], trans: TranslationBundle): string {
  switch (result) {
    case 'approved':
      return trans.__('approved');
    case 'changes':
      return trans.__('changes asked for');
    case 'disputed':
      return trans.__('checkers disagree');
    default:
      return trans.__('open');
  }
}

export function actionName(action: string, trans: TranslationBundle): string {
  switch (action) {
    case 'submit':
      return trans.__('Submit');
    case 'withdraw':
      return trans.__('Withdraw');
    case 'return':
      return trans.__('Return to the authors');
    case 'approve':
      return trans.__('Approve the request');
    case 'reject':
      return trans.__('Reject');
    case 'release':
      return trans.__('Release');
    default:
      return action;
  }
}

export function visibilityName(visibility: string, trans: TranslationBundle): string {
  return visibility === 'checkers' ? trans.__('checkers only') : trans.__('everybody of this request');
}
