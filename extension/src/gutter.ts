/**
 * A mark beside each code cell: released, open zone, mock, withheld, or without a label.
 *
 * - The mark follows the outputs' labels, not their looks. Verification of the labels' signatures is the server's.
 * - Below a refused question stand its ways out; a click puts one into a new cell, and nothing runs yet.
 * - Words and a sign beside the colour, and a label for screen readers.
 */
import type { Cell, CodeCell, ICodeCellModel } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import { localText } from './models/localText';
import { type IOutputLike, provenance, type Zone } from './models/provenance';
import { waysOut } from './models/refusal';
import { outputActions } from './outputActions';

const CLASS = 'jp-KernelGuard-gutter';
const WAYS = 'jp-KernelGuard-ways';
const SIGNS: Record<Zone, string> = { none: '', released: '✓', open: '○', mock: 'm', withheld: '!', unlabelled: '?' };

export class Gutter {
  constructor(
    panel: NotebookPanel,
    private readonly trans: TranslationBundle
  ) {
    const { content } = panel;
    const follow = () => content.widgets.forEach(cell => this._follow(cell));
    content.modelContentChanged.connect(follow);
    void panel.context.ready.then(follow);
  }

  private _follow(cell: Cell): void {
    // A cell that is being thrown away has no model any more.
    if (cell.isDisposed || cell.model?.type !== 'code' || this._followed.has(cell)) {
      return;
    }
    this._followed.add(cell);
    const model = cell.model as ICodeCellModel;
    const mark = () => this._mark(cell as CodeCell, model);
    model.outputs?.changed.connect(mark);
    mark();
  }

  private _mark(cell: CodeCell, model: ICodeCellModel): void {
    const outputs = (model.outputs?.toJSON() ?? []) as IOutputLike[];
    this._offer(cell, outputs);
    const { zone, releases } = provenance(outputs);
    let node = cell.node.querySelector<HTMLElement>(`:scope > .${CLASS}`);
    if (zone === 'none') {
      node?.remove();
      return;
    }
    if (!node) {
      node = document.createElement('span');
      node.className = CLASS;
      node.setAttribute('role', 'img');
      cell.node.appendChild(node);
    }
    const text = this._text(zone, releases.length);
    node.dataset.zone = zone;
    node.textContent = SIGNS[zone];
    node.title = text;
    node.setAttribute('aria-label', text);
  }

  private _offer(cell: CodeCell, outputs: IOutputLike[]): void {
    cell.node.querySelector(`:scope > .${WAYS}`)?.remove();
    const ways = waysOut(outputs);
    if (ways.length === 0) {
      return;
    }
    const bar = document.createElement('div');
    bar.className = WAYS;
    bar.setAttribute('role', 'group');
    bar.setAttribute('aria-label', this.trans.__('Ways out of this refusal'));
    for (const { text, code } of ways) {
      const button = document.createElement('button');
      button.className = 'jp-KernelGuard-toggle';
      button.textContent = localText(text, this.trans);
      button.title = this.trans.__('Puts the code into a new cell; nothing runs yet');
      button.onclick = () => outputActions.insertBelow?.(code);
      bar.appendChild(button);
    }
    cell.node.appendChild(bar);
  }

  private _text(zone: Zone, releases: number): string {
    const { trans } = this;
    switch (zone) {
      case 'released':
        return trans.__('Released: sealed by the vault');
      case 'open':
        return trans._n(
          'Open zone: made by the kernel, from at most %1 release',
          'Open zone: made by the kernel, from at most %1 releases',
          releases
        );
      case 'mock':
        return trans.__('Mock: made from the schema alone');
      case 'withheld':
        return trans.__('Withheld: a part of the output was kept back');
      default:
        return trans.__('Without a label: not made under the guard, so nothing is known of it');
    }
  }

  private readonly _followed = new WeakSet<Cell>();
}
