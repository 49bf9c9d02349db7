/** The items of a request: what needs a person on top, what a machine passed below, one in front. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { groupOf } from '../../review/keys';
import { itemKindName, resultName } from '../../review/names';
import type { IItem } from '../../review/types';

export interface IItemListProps {
  items: IItem[];
  at: number;
  trans: TranslationBundle;
  onGo: (index: number) => void;
  onRemove?: (id: string) => void;
}

export function ItemList({ items, at, trans, onGo, onRemove }: IItemListProps): React.ReactElement {
  return (
    <nav className="jp-KernelGuard-itemList" aria-label={trans.__('Items, riskiest first')}>
      <p className="jp-KernelGuard-quiet">{trans.__('Keys: J and K move, A approves, R asks for changes, N next open, C comments, Shift+A approves all without findings that you have looked at')}</p>
      <ol>
        {items.map((item, index) => (
          <React.Fragment key={item.id}>
            {(index === 0 || groupOf(item) !== groupOf(items[index - 1])) && (
              <li className="jp-KernelGuard-quiet">{groupName(groupOf(item), trans)}</li>
            )}
            <li>
              <button aria-current={index === at ? 'true' : undefined} onClick={() => onGo(index)}>
                <span>{sign(item)}</span> {item.name}
                <span className="jp-KernelGuard-quiet">
                  {itemKindName(item.kind, trans)} · {resultName(item.result, trans)}
                  {item.votes.some(({ mine }) => mine) && ` · ${trans.__('you voted')}`}
                </span>
              </button>
              {onRemove && (
                <button className="jp-KernelGuard-link" aria-label={trans.__('Remove %1', item.name)} onClick={() => onRemove(item.id)}>
                  {trans.__('Remove')}
                </button>
              )}
            </li>
          </React.Fragment>
        ))}
      </ol>
    </nav>
  );
}

/** The worst finding as a sign beside the name. */
function sign({ findings, passed }: IItem): string {
  if (findings.some(({ severity }) => severity === 'stop')) {
    return '✗';
  }
  return findings.some(({ severity }) => severity === 'look') ? '!' : passed ? '✓' : '·';
}

function groupName(group: ReturnType<typeof groupOf>, trans: TranslationBundle): string {
  switch (group) {
    case 'look':
      return trans.__('Look here first');
    case 'clean':
      return trans.__('The machine found nothing');
    default:
      return trans.__('Passed by machine');
  }
}
