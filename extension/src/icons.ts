/** Icons of the guard; the jp-icon classes let every theme colour them. */
import { LabIcon } from '@jupyterlab/ui-components';

import type { IColumn, ITable } from './tokens';

function icon(name: string, shapes: string): LabIcon {
  const svgstr =
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 24 24">' + shapes + '</svg>';
  return new LabIcon({ name: `kernel-guard:${name}`, svgstr });
}

function path(d: string): string {
  return `<path class="jp-icon3" fill="#616161" d="${d}"/>`;
}

function letters(text: string): string {
  return (
    '<text class="jp-icon3" fill="#616161" x="12" y="17" text-anchor="middle" ' +
    `font-family="sans-serif" font-size="14" font-weight="600">${text}</text>`
  );
}

export const guardIcon = icon('guard', path('M12 2 4 5v6c0 5.2 3.4 9.7 8 11 4.6-1.3 8-5.8 8-11V5zm-1 14-4-4 1.4-1.4L11 13.2l4.6-4.6L17 10z'));
export const lockIcon = icon('lock', path('M17 9V7A5 5 0 0 0 7 7v2H5v12h14V9zM9 9V7a3 3 0 0 1 6 0v2z'));
export const insertIcon = icon('insert', path('M19 3H5a2 2 0 0 0-2 2v4h2V5h14v14H5v-4H3v4a2 2 0 0 0 2 2h14a2 2 0 0 0 2-2V5a2 2 0 0 0-2-2zM3 11h8V8l5 4-5 4v-3H3z'));

const studyIcon = icon('study', path('M12 3C7.6 3 4 4.3 4 6v12c0 1.7 3.6 3 8 3s8-1.3 8-3V6c0-1.7-3.6-3-8-3zm0 2c3.7 0 6 .9 6 1.2S15.7 7.4 12 7.4 6 6.5 6 6.2 8.3 5 12 5zm0 14c-3.7 0-6-.9-6-1.2V8.5c1.5.6 3.7.9 6 .9s4.5-.3 6-.9v9.3c0 .3-2.3 1.2-6 1.2z'));
const patientIcon = icon('patient', path('M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zm0 2c-3.3 0-8 1.7-8 5v1h16v-1c0-3.3-4.7-5-8-5z'));
const eventIcon = icon('event', path('M4 5h3v3H4zm5 0h11v3H9zM4 10.5h3v3H4zm5 0h11v3H9zM4 16h3v3H4zm5 0h11v3H9z'));
const referenceIcon = icon('reference', path('M6 2a2 2 0 0 0-2 2v16a2 2 0 0 0 2 2h13V2zm0 2h2v8l2.5-1.5L13 12V4h4v16H6z'));
const keyIcon = icon('key', path('M12.7 10A6 6 0 1 0 12.7 14H16v4h4v-4h2v-4zM7 14a2 2 0 1 1 0-4 2 2 0 0 1 0 4z'));
const dateIcon = icon('date', path('M19 4h-1V2h-2v2H8V2H6v2H5a2 2 0 0 0-2 2v14c0 1.1.9 2 2 2h14a2 2 0 0 0 2-2V6a2 2 0 0 0-2-2zm0 16H5V9h14z'));
const booleanIcon = icon('boolean', path('M19 3H5a2 2 0 0 0-2 2v14c0 1.1.9 2 2 2h14a2 2 0 0 0 2-2V5a2 2 0 0 0-2-2zm-9 14-5-5 1.4-1.4L10 14.2l7.6-7.6L19 8z'));
const integerIcon = icon('integer', letters('12'));
const floatIcon = icon('float', letters('1.5'));
const stringIcon = icon('string', letters('Aa'));

const TABLE_ICONS = { patient: patientIcon, event: eventIcon, reference: referenceIcon };
const TYPE_ICONS = {
  integer: integerIcon,
  float: floatIcon,
  boolean: booleanIcon,
  date: dateIcon,
  datetime: dateIcon,
  string: stringIcon
};

/** The icon of a study, a table by its kind, or a column by its role and type. */
export function iconFor(table?: ITable, column?: IColumn): LabIcon {
  if (table === undefined) {
    return studyIcon;
  }
  if (column === undefined) {
    return TABLE_ICONS[table.kind] ?? eventIcon;
  }
  if (column.blocked) {
    return lockIcon;
  }
  return column.name === table.patient_key ? keyIcon : (TYPE_ICONS[column.type] ?? stringIcon);
}

export const budgetIcon = icon('budget', path('M12 2a10 10 0 1 0 10 10h-2a8 8 0 1 1-8-8zm2 0v8h8a8 8 0 0 0-8-8zm-1 13h-2v-2h2zm0-4h-2V6h2z'));
export const reviewIcon = icon('review', path('M19 3h-4.2a3 3 0 0 0-5.6 0H5a2 2 0 0 0-2 2v14c0 1.1.9 2 2 2h14a2 2 0 0 0 2-2V5a2 2 0 0 0-2-2zm-7 0a1 1 0 1 1 0 2 1 1 0 0 1 0-2zm-2 14-4-4 1.4-1.4L10 14.2l6.6-6.6L18 9z'));
