/**
 * What this environment does without, why, and what to do instead: told where a person looks for the missing thing.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

export const TOPICS = ['terminal', 'kernels', 'download', 'network', 'packages', 'debugger', 'export'] as const;
export type Topic = (typeof TOPICS)[number];

export interface IForbidden {
  name: string;
  why: string;
  instead: string;
}

export function isTopic(value: unknown): value is Topic {
  return TOPICS.includes(value as Topic);
}

export function forbidden(topic: Topic, trans: TranslationBundle): IForbidden {
  switch (topic) {
    case 'terminal':
      return {
        name: trans.__('Terminals'),
        why: trans.__('A terminal would run outside the guarded kernel, where no output is checked.'),
        instead: trans.__('Run shell commands in a cell with !, for example !ls. They stay inside the sandbox.')
      };
    case 'kernels':
      return {
        name: trans.__('Other kernels'),
        why: trans.__('Outputs of another kernel would carry no label, so nobody could tell what they hold.'),
        instead: trans.__('Use the kernel “Python (guarded)”. It has pandas, scikit-learn, statsmodels and matplotlib.')
      };
    case 'download':
      return {
        name: trans.__('Downloads'),
        why: trans.__('A file leaves only after it was released or an output checker has approved it.'),
        instead: trans.__('Click “Ask for export” on a release, or send a request from the Requests panel.')
      };
    case 'network':
      return {
        name: trans.__('The network'),
        why: trans.__('Code next to the vault must not be able to send anything anywhere.'),
        instead: trans.__('Upload what you need into the notebook folder; ask the operator for larger data.')
      };
    case 'packages':
      return {
        name: trans.__('Extensions and packages'),
        why: trans.__('An extension runs in this page or in the server and would see past the guard.'),
        instead: trans.__('Ask the operator to add it to the environment.')
      };
    case 'debugger':
      return {
        name: trans.__('The debugger'),
        why: trans.__('It reads variables past the rules for outputs.'),
        instead: trans.__('Print, or try the code on mock rows, where everything shows: frame.mock(20).')
      };
    case 'export':
      return {
        name: trans.__('Saving as PDF, HTML or slides'),
        why: trans.__('The converted file would leave unchecked.'),
        instead: trans.__('Ask for export; what is approved comes as a signed bundle with tables and figures.')
      };
  }
}
