/** The status bar's shield: is the kernel in front guarded, and how strongly. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { guardIcon } from '../icons';
import { describe, type IKernelInFront } from '../models/level';
import type { IGuardStatus } from '../tokens';

import { useFetched } from './useFetched';

export interface ILevelItemProps {
  status: IGuardStatus;
  kernel: IKernelInFront;
  trans: TranslationBundle;
}

export function LevelItem({ status, kernel, trans }: ILevelItemProps): React.ReactElement {
  const { value, error } = useFetched(status);
  const { text, detail, warning } = describe(value, error, kernel, trans);
  return (
    <span
      className={`jp-KernelGuard-statusItem jp-KernelGuard-level${warning ? ' jp-mod-low' : ''}`}
      role="status"
      title={detail}
      aria-label={`${text}. ${detail}`}
    >
      <guardIcon.react tag="span" />
      {warning ? trans.__('⚠ %1', text) : text}
    </span>
  );
}
