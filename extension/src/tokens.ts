/**
 * The one interface file: what the server answers, what a release looks like, and the
 * tokens through which other extensions may use the guard's models.
 *
 * - Shapes mirror the vault's HTTP API; amounts of privacy budget are exact fractions as text.
 */
import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

export const PACKAGE = '@kernel-guard/labextension';
export const DOMAIN = 'kernel_guard';
export const GUARDED_KERNEL = 'kernel-guard';

/** A value that a steward declared. */
export type Scalar = string | number | boolean;

export interface ICategory {
  value: Scalar;
  label: string;
}

export interface IColumn {
  name: string;
  type: 'integer' | 'float' | 'boolean' | 'date' | 'datetime' | 'string';
  description: string;
  unit: string;
  lower: number | string | null;
  upper: number | string | null;
  categories: ICategory[] | null;
  missing_codes: Scalar[];
  nullable: boolean;
  sensitivity: number;
  blocked: boolean;
  blocked_reason: string;
  /** In a standard, such as OMOP, LOINC or ICD. */
  code?: string;
  /** The data owner's, for researchers to read. */
  notes?: string;
}

export interface ITable {
  name: string;
  kind: 'patient' | 'event' | 'reference';
  patient_key: string | null;
  description: string;
  columns: IColumn[];
}

export interface IStudy {
  name: string;
  title: string;
  description: string;
  version: string;
  synthetic: boolean;
  tables: ITable[];
}

/** An amount of ε or δ, each number an exact fraction as text. */
export interface IAmount {
  granted: string;
  spent: string;
  reserved: string;
  left: string;
}

export interface IStudyBudget {
  study: string;
  project: string;
  purpose: string;
  expires: string;
  epsilon: IAmount;
  delta: IAmount;
  routes: string[];
  limited_by?: string;
}

/** One question that a project paid for. */
export interface ISpending {
  id: string;
  study: string;
  user: string;
  route: 'dp' | 'sdc';
  words: string;
  cost: { epsilon: string; delta: string };
  created: string;
}

export interface IGuardError {
  code: string;
  message: string;
  hint: string;
}

export interface IStatus {
  version: string;
  vault: { state: 'up' | 'down'; synthetic_only: boolean; error?: IGuardError };
  guard: { level: string };
}

export interface IReleaseColumn {
  name: string;
  type: string;
  /** key, value, error, status; low and high where an interval is given by its ends. */
  role: string;
  of?: string | null;
}

/** Coded value, as text → declared meaning. */
export type IConceptLabels = ReadonlyMap<string, string>;

export type Cell = string | number | boolean | null;

export interface IStatement {
  id: string;
  created: string;
  study: string;
  data_version: string;
  project: string;
  route: 'dp' | 'sdc';
  plan_digest: string;
  words: string;
  cost: { epsilon: string; delta: string };
  columns: IReleaseColumn[];
  rows: Cell[][];
  confidence: number | null;
  rules: { rule: string; verdict: string; detail: string }[];
  synthetic: boolean;
}

/** Something fetched from the server that views follow. */
export interface IFetched<T> {
  /** The last answer; undefined before the first. */
  readonly value: T | undefined;
  /** Why the last request failed; undefined when it did not. */
  readonly error: IGuardError | undefined;
  readonly changed: ISignal<unknown, void>;
  refresh(): Promise<void>;
}

export const IGuardStatus = new Token<IFetched<IStatus>>(
  `${PACKAGE}:IGuardStatus`,
  'Versions, the state of the vault and the isolation level of this server.'
);
export type IGuardStatus = IFetched<IStatus>;

export const IGuardCatalogue = new Token<IFetched<IStudy[]>>(
  `${PACKAGE}:IGuardCatalogue`,
  'The studies, tables and columns of the grant, as declared.'
);
export type IGuardCatalogue = IFetched<IStudy[]>;

export const IGuardBudget = new Token<IFetched<IStudyBudget[]>>(
  `${PACKAGE}:IGuardBudget`,
  'The privacy budget that is left per study.'
);
export type IGuardBudget = IFetched<IStudyBudget[]>;
