/**
 * The guard's state in words: which kernel is in front, how it is isolated, and whether the vault answers.
 *
 * - What weakens the protection is a warning, told by words and a sign, never by colour alone.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import { GUARDED_KERNEL, type IGuardError, type IStatus } from '../tokens';

/** The kernelspec name of the notebook in front; null without a notebook or kernel. */
export type IKernelInFront = string | null;

export interface ILevelText {
  text: string;
  detail: string;
  warning: boolean;
}

/** What the status bar says; the first thing that is wrong wins. */
export function describe(
  status: IStatus | undefined,
  error: IGuardError | undefined,
  kernel: IKernelInFront,
  trans: TranslationBundle
): ILevelText {
  if (error) {
    return { text: trans.__('Not guarded'), detail: `${error.message} ${error.hint}`, warning: true };
  }
  if (!status) {
    return { text: trans.__('Guard: …'), detail: '', warning: false };
  }
  if (kernel !== null && kernel !== GUARDED_KERNEL) {
    const detail = trans.__('The kernel %1 is not guarded: its outputs carry no label.', kernel);
    return { text: trans.__('Not guarded'), detail, warning: true };
  }
  return guarded(status, trans);
}

function guarded(status: IStatus, trans: TranslationBundle): ILevelText {
  const level = status.guard.level;
  const detail = levelMeaning(level, trans);
  if (status.vault.state === 'down') {
    return { text: trans.__('Vault down'), detail: vaultDown(status, trans), warning: true };
  }
  if (status.vault.synthetic_only) {
    const why = trans.__('The vault serves synthetic data only.');
    return { text: trans.__('Guarded %1 · synthetic data only', known(level)), detail: `${why} ${detail}`, warning: false };
  }
  return { text: trans.__('Guarded %1', known(level)), detail, warning: level === 'G0' };
}

function known(level: string): string {
  return level === 'unknown' ? '' : level;
}

function vaultDown(status: IStatus, trans: TranslationBundle): string {
  const { error } = status.vault;
  return error ? `${error.message} ${error.hint}` : trans.__('The vault does not answer.');
}

/** What a level keeps apart, in words. */
export function levelMeaning(level: string, trans: TranslationBundle): string {
  switch (level) {
    case 'G0':
      return trans.__('Level G0: the kernel is not isolated.');
    case 'G1':
      return trans.__('Level G1: system calls are filtered, files are restricted by an older Landlock.');
    case 'G2':
      return trans.__('Level G2: Landlock and a system call filter, same user as the server.');
    case 'G3':
      return trans.__('Level G3: Landlock and a system call filter, a user of its own.');
    case 'G4':
      return trans.__('Level G4: own namespaces, Landlock and a system call filter.');
    case 'G5':
      return trans.__('Level G5: own namespaces, Landlock, a system call filter and a user of its own.');
    default:
      return trans.__('The isolation level is not known.');
  }
}
