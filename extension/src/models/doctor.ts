/** The sandbox doctor's report, as `kernel-guard doctor --json` prints it. */

export interface IAttempt {
  group: string;
  what: string;
  held: boolean;
}

export interface IRung {
  tier: string;
  promised: string;
  holds: boolean;
  problem: string;
  advice?: string;
  attempts?: IAttempt[];
}

export interface IDoctor {
  ok: boolean;
  level: string;
  minimum: string;
  host: Record<string, unknown>;
  rungs: IRung[];
  hazards: { what: string; advice: string }[];
}
