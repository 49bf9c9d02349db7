/**
 * The planner's arithmetic: error against ε, read off the quotes that the kernel fetched.
 *
 * - Between two prices the error falls as a power of ε: straight on two logarithmic axes.
 */

export interface ICurvePoint {
  epsilon: number;
  free: boolean;
  errors: Record<string, number>;
}

export interface ICurve {
  words: string;
  points: ICurvePoint[];
  exact: boolean;
  /** What would make the question cheaper or its answer better, in the vault's words. */
  advice?: string[];
  budget: { epsilon: { left: string } } | null;
  problem: { message: string; hint: string } | null;
  mock: { columns: string[]; rows: (string | number | boolean | null)[][] };
}

/** The curve of an output, or null when it is none. */
export function parseCurve(value: unknown): ICurve | null {
  const { words, points, mock } = (value ?? {}) as Partial<ICurve>;
  const whole =
    typeof words === 'string' &&
    Array.isArray(points) &&
    points.every(point => typeof point?.epsilon === 'number' && typeof point.errors === 'object') &&
    Array.isArray(mock?.columns) &&
    Array.isArray(mock?.rows);
  return whole ? (value as ICurve) : null;
}

/** The measures that have an error at two prices at least. */
export function measuresOf({ points }: ICurve): string[] {
  const names = [...new Set(points.flatMap(({ errors }) => Object.keys(errors)))];
  return names.filter(name => points.filter(({ errors }) => errors[name] > 0).length > 1);
}

type Pair = [number, number];

function pairs(points: ICurvePoint[], measure: string): Pair[] {
  const known = points.filter(({ errors }) => errors[measure] > 0);
  return known.map(({ epsilon, errors }): Pair => [Math.log(epsilon), Math.log(errors[measure])]).sort((a, b) => a[0] - b[0]);
}

/** The error at `epsilon`. */
export function errorAt(points: ICurvePoint[], measure: string, epsilon: number): number {
  const known = pairs(points, measure);
  const x = Math.log(epsilon);
  const end = Math.max(1, known.findIndex(([at], index) => index > 0 && x <= at));
  const [x0, y0] = known[end - 1];
  const [x1, y1] = known[end] ?? known[end - 1];
  return Math.exp(x1 === x0 ? y0 : y0 + ((x - x0) * (y1 - y0)) / (x1 - x0));
}

/** The ε at which the error is `wished`; NaN where the curve does not fall. */
export function epsilonFor(points: ICurvePoint[], measure: string, wished: number): number {
  const known = pairs(points, measure);
  if (known.length < 2 || !(wished > 0)) {
    return NaN;
  }
  const y = Math.log(wished);
  const found = known.findIndex(([, at], index) => index > 0 && at <= y);
  const end = found < 0 ? known.length - 1 : found;
  const [[x0, y0], [x1, y1]] = [known[end - 1], known[end]];
  return y1 < y0 ? Math.exp(x0 + ((y - y0) * (x1 - x0)) / (y1 - y0)) : NaN;
}

/** ε with the digits that people write. */
export function roundEpsilon(epsilon: number): number {
  return Number(epsilon.toPrecision(2));
}
