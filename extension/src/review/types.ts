/** What the review API answers (docs/review-api.md), as far as the pages use it. */

export type State = 'draft' | 'submitted' | 'in_review' | 'approved' | 'returned' | 'rejected' | 'released' | 'withdrawn';
export type Risk = 'automatic' | 'low' | 'high';
export type Scalar = string | number | boolean | null;

export interface ISession {
  signed_in: boolean;
  kind: 'grant' | 'session' | 'none';
  user: string;
  name?: string;
  rights: { project: string; role: string; expires: string }[];
  expires?: string;
  methods: string[];
}

export interface ISummary {
  id: string;
  number: number;
  title: string;
  project: string;
  study: string;
  state: State;
  phase: string;
  owner: string;
  version: number;
  revision: number;
  authors: string[];
  created: string;
  submitted: string | null;
  expires: string | null;
  items: number;
  risk: Risk;
  checkers_needed: number;
  votes_in: number;
  findings: { stop: number; look: number };
  mine_to_vote: boolean;
}

export interface IRequestList {
  requests: ISummary[];
  next: string | null;
  counts: { mine: number; queue: number };
}

export interface IFinding {
  code: string;
  severity: 'stop' | 'look' | 'note';
  message: string;
  hint: string;
  cells?: [number, string][];
}

export interface IVote {
  by: string;
  mine: boolean;
  vote: 'approve' | 'request_changes';
  reason: string;
  time: string;
  phase: string;
  kept: boolean;
}

export interface IContent {
  columns?: { name: string; type: string }[];
  rows?: Scalar[][];
  words?: string;
  route?: string;
  release?: string;
  note?: string;
  chart?: string;
  x?: string;
  y?: string[];
  low?: string;
  high?: string;
  title?: string;
  model?: string;
  formula?: string;
  observations?: number;
  parameters?: number;
  terms?: Record<string, Scalar>[];
  statistics?: Record<string, number>;
  text?: string;
  cells?: { source: string; outputs: string[] }[];
}

export interface IEvidence {
  made?: string;
  route?: string;
  words?: string;
  cohort?: string;
  releases?: { id: string; words: string; user: string; created: string; least?: string | null }[];
  releases_in_all?: number;
  patients?: { row: number; column: string; band: string }[] | null;
  rules?: { rule: string; verdict: string; detail: string; margin?: string }[];
  degrees_of_freedom?: { column: string; at_least: number }[];
  differencing?: { compared: number; same_cohort: number; verdict: string; detail: string; nearest?: INeighbour[] };
  budget?: { epsilon: string; delta: string };
  others?: { project: string; user: string; created: string; words: string }[];
  code?: { since_approved: string | null; approved_version: number | null; matches?: boolean | null } | null;
}

/** Another release about some of the same patients. */
export interface INeighbour {
  release: string;
  relation: 'same' | 'within' | 'contains' | 'overlaps';
  apart: string;
  words?: string;
  user?: string;
  project?: string;
}

export interface IItem {
  id: string;
  kind: 'release' | 'table' | 'figure' | 'model' | 'text' | 'code';
  name: string;
  group: string;
  authors: string[];
  class: string;
  checkers: number;
  passed: boolean;
  content: IContent;
  findings: IFinding[];
  justification: string;
  evidence: IEvidence;
  seal?: { time?: string; releases?: string[] };
  votes: IVote[];
  votes_in: number;
  votes_hidden: number | null;
  result: 'open' | 'approved' | 'changes' | 'disputed';
}

export interface IComment {
  id: string;
  by: string;
  role: string;
  time: string;
  text: string;
  visibility: 'public' | 'checkers';
  item: string | null;
}

export interface IGroup {
  id: string;
  context: string;
  controls: string;
  filled: { studies?: string[]; data_versions?: string[]; purposes?: string[]; routes?: string[]; releases?: number };
  items: string[];
}

export interface IRequest extends Omit<ISummary, 'items'> {
  groups: IGroup[];
  items: IItem[];
  comments: IComment[];
  history: { time: string; by: string; action: string; state: State; version: number; reason: string }[];
  versions: { version: number; submitted: string; by: string; digest: string }[];
  actions: string[];
  why_not: Record<string, string>;
}

export interface INotification {
  id: number;
  time: string;
  kind: string;
  request: string;
  number: number;
  title: string;
  project: string;
  text: string;
  read: boolean;
}

export interface INotifications {
  unread: number;
  notifications: INotification[];
}

export interface IAuditRecord {
  seq: number;
  time: string;
  kind: string;
  actor: string;
  project: string;
  study: string;
  subject: string;
  details: Record<string, unknown>;
  hash: string;
}

export interface IAuditPage {
  records: IAuditRecord[];
  next: number | null;
  head: { seq: number; hash: string };
  kinds: string[];
}
