/** What a steward declared about a column: meaning, bounds, categories, missing codes, standard, notes, why it is blocked. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { roleName, typeName } from '../models/names';
import type { IColumn, ITable, Scalar } from '../tokens';

/** More categories than this are counted, not listed. */
const MAX_CATEGORIES = 20;

export interface IColumnDetailsProps {
  table: ITable;
  column: IColumn;
  trans: TranslationBundle;
}

export function ColumnDetails({ table, column, trans }: IColumnDetailsProps): React.ReactElement {
  return (
    <>
      {column.blocked && <p className="jp-KernelGuard-blocked">{blockedText(column, trans)}</p>}
      {column.description && <p>{column.description}</p>}
      <dl>
        <Fact name={trans.__('Type')} text={typeName(column.type, trans)} />
        <Fact name={trans.__('Role')} text={roleName(table, column, trans)} />
        <Fact name={trans.__('Unit')} text={column.unit} />
        <Fact name={trans.__('Range')} text={boundsText(column, trans)} />
        <Fact name={trans.__('Missing codes')} text={column.missing_codes.map(show).join(', ')} />
        <Fact name={trans.__('May be empty')} text={column.nullable ? trans.__('yes') : trans.__('no')} />
        <Fact name={trans.__('Sensitivity')} text={trans.__('level %1 of 5', column.sensitivity)} />
        <Fact name={trans.__('Standard')} text={column.code ?? ''} />
        <Fact name={trans.__('Owner’s notes')} text={column.notes ?? ''} />
      </dl>
      {column.categories && <Categories categories={column.categories} trans={trans} />}
    </>
  );
}

export function Fact({ name, text }: { name: string; text: string }): React.ReactElement | null {
  return text === '' ? null : (
    <>
      <dt>{name}</dt>
      <dd>{text}</dd>
    </>
  );
}

interface ICategoriesProps {
  categories: NonNullable<IColumn['categories']>;
  trans: TranslationBundle;
}

function Categories({ categories, trans }: ICategoriesProps): React.ReactElement {
  const more = categories.length - MAX_CATEGORIES;
  return (
    <>
      <p className="jp-KernelGuard-quiet">{trans.__('Declared categories')}</p>
      <ul className="jp-KernelGuard-categories">
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
    : trans.__('Blocked: the data steward closed this column.');
}

/** The declared range of a column in words; empty when it has categories instead. */
export function boundsText({ lower, upper, type, categories }: IColumn, trans: TranslationBundle): string {
  if (lower !== null && upper !== null) {
    return trans.__('%1 to %2', String(lower), String(upper));
  }
  return (type === 'integer' || type === 'float') && !categories ? trans.__('none declared') : '';
}

function show(value: Scalar): string {
  return String(value);
}
