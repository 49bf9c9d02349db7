/** A translator that only fills in the blanks, a small study, a release, and rendering into the page. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { createRoot } from 'react-dom/client';

import type { ICurve } from '../src/models/planner';
import type { IColumn, IStatement, IStudy, IStudyBudget } from '../src/tokens';

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

const fill = (text: string, ...values: unknown[]) =>
  text.replace(/%(\d)/g, (_, index) => String(values[Number(index) - 1]));

export const trans = {
  __: fill,
  _n: (one: string, many: string, count: number, ...values: unknown[]) =>
    fill(count === 1 ? one : many, count, ...values)
} as unknown as TranslationBundle;

export function column(name: string, more: Partial<IColumn> = {}): IColumn {
  return {
    name,
    type: 'integer',
    description: '',
    unit: '',
    lower: null,
    upper: null,
    categories: null,
    missing_codes: [],
    nullable: true,
    sensitivity: 3,
    blocked: false,
    blocked_reason: '',
    ...more
  };
}

export const STUDY: IStudy = {
  name: 'demo-hospital',
  title: 'Demo hospital',
  description: 'Invented patients',
  version: '1',
  synthetic: true,
  tables: [
    {
      name: 'person',
      kind: 'patient',
      patient_key: 'person_id',
      description: 'One row per patient',
      columns: [
        column('person_id'),
        column('year_of_birth', { lower: 1900, upper: 2025, description: 'Year of birth' }),
        column('gender', {
          type: 'string',
          categories: [
            { value: 'F', label: 'female' },
            { value: 'M', label: 'male' }
          ]
        }),
        column('name', { type: 'string', blocked: true, blocked_reason: 'direct identifier' })
      ]
    },
    {
      name: 'measurement',
      kind: 'event',
      patient_key: 'person_id',
      description: 'Laboratory results',
      columns: [column('person_id'), column('value', { type: 'float', unit: 'mmol/L', missing_codes: [-1, 999] })]
    }
  ]
};

export const STATEMENT: IStatement = {
  id: 'rel-0001',
  created: '2026-01-02T03:04:05Z',
  study: 'demo-hospital',
  data_version: 'v7',
  project: 'p1',
  route: 'dp',
  plan_digest: 'abc',
  words: 'Mean value per hospital',
  cost: { epsilon: '1/2', delta: '0' },
  columns: [
    { name: 'hospital', type: 'string', role: 'key' },
    { name: 'mean', type: 'float', role: 'value' },
    { name: 'mean_error', type: 'float', role: 'error', of: 'mean' },
    { name: 'mean_status', type: 'string', role: 'status', of: 'mean' }
  ],
  rows: [
    ['North', 5.4321, 0.25, null],
    ['South', -2, 0.5, null],
    ['West', null, null, 'fewer than 10 patients']
  ],
  confidence: 0.95,
  rules: [],
  synthetic: true
};

export const ACCOUNT: IStudyBudget = {
  study: 'demo-hospital',
  project: 'p1',
  purpose: 'research',
  expires: '2027-01-01T00:00:00Z',
  epsilon: { granted: '10', spent: '1/2', reserved: '0', left: '9.5' },
  delta: { granted: '0', spent: '0', reserved: '0', left: '0' },
  routes: ['dp', 'sdc']
};

/** Error 3/ε, as a count of patients has it. */
export const CURVE: ICurve = {
  words: 'Number of patients',
  points: [0.1, 0.5, 1, 5].map(epsilon => ({ epsilon, free: false, errors: { patients: 3 / epsilon } })),
  exact: true,
  budget: { epsilon: { left: '9.5' } },
  problem: null,
  mock: { columns: ['sex', 'patients'], rows: [['F', 120], ['M', 80]] }
};

/** Render into a fresh element of the page. */
export function render(element: React.ReactElement): HTMLElement {
  const host = document.body.appendChild(document.createElement('div'));
  React.act(() => createRoot(host).render(element));
  return host;
}

export const act = React.act;
