/** What a code of the schema is called in the reader's language. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IColumn, ITable } from '../tokens';

export function typeName(type: IColumn['type'], trans: TranslationBundle): string {
  switch (type) {
    case 'integer':
      return trans.__('whole number');
    case 'float':
      return trans.__('number');
    case 'boolean':
      return trans.__('yes or no');
    case 'date':
      return trans.__('date');
    case 'datetime':
      return trans.__('date and time');
    default:
      return trans.__('text');
  }
}

export function kindName(kind: ITable['kind'], trans: TranslationBundle): string {
  switch (kind) {
    case 'patient':
      return trans.__('one row per patient');
    case 'event':
      return trans.__('many rows per patient');
    default:
      return trans.__('public reference');
  }
}

/** What a column is for: the key that counts patients, a category, a code, a time, a measure. */
export function roleName(table: ITable, column: IColumn, trans: TranslationBundle): string {
  if (column.name === table.patient_key) {
    return trans.__('patient key');
  }
  if (column.categories || column.type === 'boolean') {
    return trans.__('category');
  }
  if (column.name.endsWith('_id')) {
    return trans.__('identifier or code');
  }
  if (column.type === 'date' || column.type === 'datetime') {
    return trans.__('time');
  }
  return column.type === 'string' ? trans.__('attribute') : trans.__('measure');
}
