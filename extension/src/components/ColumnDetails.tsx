/** What a steward declared about a column: bounds, categories, missing codes, and why it is blocked. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IColumn, Scalar } from '../tokens';

/** More categories than this are counted, not listed. */
const MAX_CATEGORIES = 20;

export interface IColumnDetailsProps {
  column: IColumn;
  trans: TranslationBundle;
}

export function ColumnDetails({ column, trans }: IColumnDetailsProps): React.ReactElement {
  return (
    <div className="jp-KernelGuard-details">
      {column.blocked && <p className="jp-KernelGuard-blocked">{blockedText(column, trans)}</p>}
      {column.description && <p>{column.description}</p>}
      <dl>
        <Fact name={trans.__('Type')} text={column.unit ? `${column.type}, ${column.unit}` : column.type} />
        <Fact name={trans.__('Bounds')} text={boundsText(column, trans)} />
        <Fact name={trans.__('Missing codes')} text={column.missing_codes.map(show).join(', ')} />
        <Fact name={trans.__('May be empty')} text={column.nullable ? trans.__('yes') : trans.__('no')} />
      </dl>
      {column.categories && <Categories column={column} trans={trans} />}
    </div>
  );
}

function Fact({ name, text }: { name: string; text: string }): React.ReactElement | null {
  return text === '' ? null : (
    <>
      <dt>{name}</dt>
      <dd>{text}</dd>
    </>
  );
}

function Categories({ column, trans }: IColumnDetailsProps): React.ReactElement {
  const categories = column.categories ?? [];
  const more = categories.length - MAX_CATEGORIES;
  return (
    <>
      <p className="jp-KernelGuard-quiet">{trans.__('Declared categories')}</p>
      <ul>
        {categories.slice(0, MAX_CATEGORIES).map(({ value, label }) => (
          <li key={show(value)}>
            <code>{show(value)}</code> {label}
          </li>
        ))}
        {more > 0 && <li>{trans._n('and %1 more', 'and %1 more', more)}</li>}
      </ul>
    </>
  );
}

function blockedText(column: IColumn, trans: TranslationBundle): string {
  return column.blocked_reason
    ? trans.__('Blocked: %1', column.blocked_reason)
    : trans.__('Blocked: no question may use this column.');
}

function boundsText({ lower, upper }: IColumn, trans: TranslationBundle): string {
  if (lower === null && upper === null) {
    return trans.__('none declared');
  }
  return trans.__('%1 to %2', lower ?? '…', upper ?? '…');
}

function show(value: Scalar): string {
  return String(value);
}
