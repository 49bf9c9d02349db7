/**
 * What an output can ask of the rest of the page: renderers are made by JupyterLab and get no plugin.
 *
 * - Plugins fill in what they offer; a renderer draws no button for what nobody offers.
 */
import type { ISignal } from '@lumino/signaling';

import type { IConceptLabels, IStatement } from './tokens';

export interface IOutputActions {
  /** Put a release into the basket of things to export. */
  askForExport?: (statement: IStatement) => void;
  /** Insert code below the active cell, or run the active cell again. */
  insertBelow?: (code: string) => void;
  runAgain?: () => void;
  /** The vault's public key, raw, in base64. */
  publicKey?: () => Promise<string>;
  /** The meaning of a study's coded values, as declared. */
  labels?: (study: string, column: string) => IConceptLabels | undefined;
  labelsChanged?: ISignal<unknown, void>;
}

export const outputActions: IOutputActions = {};
