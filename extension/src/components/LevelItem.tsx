/** The status bar's shield: is the kernel in front guarded, and how strongly; a click opens the report. */
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
  onOpen: () => void;
}

export function LevelItem({ status, kernel, trans, onOpen }: ILevelItemProps): React.ReactElement {
  const { value, error } = useFetched(status);
  const { text, detail, warning } = describe(value, error, kernel, trans);
  return (
    <button
      className={`jp-KernelGuard-statusItem jp-KernelGuard-level${warning ? ' jp-mod-low' : ''}`}
      title={`${detail} ${trans.__('Click for the report.')}`}
      onClick={onOpen}
    >
      <guardIcon.react tag="span" />
      <span role="status">{warning ? trans.__('⚠ %1', text) : text}</span>
    </button>
  );
}
