/**
 * A mark beside each code cell: released, open zone, mock, withheld, or without a label.
 *
 * - The mark follows the outputs' labels, not their looks. Verification of the labels' signatures is the server's.
 * - Words and a sign beside the colour, and a label for screen readers.
 */
import type { Cell, CodeCell, ICodeCellModel } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import { type IOutputLike, provenance, type Zone } from './models/provenance';

const CLASS = 'jp-KernelGuard-gutter';
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
    const { zone, releases } = provenance((model.outputs?.toJSON() ?? []) as IOutputLike[]);
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
