/**
 * Renderers of the guard's own outputs.
 *
 * - The wrapper alone can emit these types: it drops them when they come from the kernel.
 * - They render data as text, so they are safe for notebooks that are not trusted.
 * - Rank 0: the plain-text and HTML fallbacks beside them are for other front ends.
 */
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type * as React from 'react';

import { Notice, Withheld } from '../components/Notice';
import { type IPayloadProps, Release } from '../components/Release';
import { PACKAGE } from '../tokens';

import { GuardRenderer } from './renderer';

function extension(
  name: string,
  description: string,
  component: React.ComponentType<IPayloadProps>
): IRenderMime.IExtension {
  return {
    id: `${PACKAGE}:${name}`,
    description,
    dataType: 'json',
    rendererFactory: {
      safe: true,
      mimeTypes: [`application/vnd.kernel-guard.${name}+json`],
      defaultRank: 0,
      createRenderer: options => new GuardRenderer(options, component)
    }
  };
}

const extensions: IRenderMime.IExtension[] = [
  extension('release', 'Shows a sealed release: badge, numbers with errors, what was asked.', Release),
  extension('withheld', 'Explains why an output was withheld.', Withheld),
  extension('notice', "Shows a notice of the guard, for example about the kernel's isolation.", Notice)
];

export default extensions;
