/** Error against ε on two logarithmic axes, with the chosen point. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { ICurve } from '../models/planner';
import { tickText } from '../models/plot';
import { formatError } from '../models/release';

const WIDTH = 260;
const HEIGHT = 150;
const LEFT = 44;
const BOTTOM = 24;

export interface ICurveProps {
  curve: ICurve;
  measure: string;
  epsilon: number;
  error: number;
  trans: TranslationBundle;
}

export function Curve({ curve, measure, epsilon, error, trans }: ICurveProps): React.ReactElement {
  const points = curve.points.filter(({ errors }) => errors[measure] > 0);
  const x = scale(points.map(one => one.epsilon), LEFT, WIDTH - 10);
  const y = scale(points.map(({ errors }) => errors[measure]), HEIGHT - BOTTOM, 8);
  const path = points.map((one, index) => `${index ? 'L' : 'M'}${x(one.epsilon)} ${y(one.errors[measure])}`).join('');
  const label = trans.__('Error of %1 against ε; at ε %2 it is plus or minus %3', measure, epsilon, formatError(error));
  const ends = [points[0], points[points.length - 1]];
  return (
    <svg className="jp-KernelGuard-plot jp-KernelGuard-curve" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      <line className="jp-KernelGuard-axis" x1={LEFT} x2={WIDTH} y1={HEIGHT - BOTTOM} y2={HEIGHT - BOTTOM} />
      <line className="jp-KernelGuard-axis" x1={LEFT} x2={LEFT} y1={0} y2={HEIGHT - BOTTOM} />
      {points.map(one => (
        <text key={one.epsilon} x={x(one.epsilon)} y={HEIGHT - 8} textAnchor="middle">
          {tickText(one.epsilon)}
        </text>
      ))}
      {ends.map((one, index) => (
        <text key={index} x={LEFT - 4} y={y(one.errors[measure]) + 4} textAnchor="end">
          ±{formatError(one.errors[measure])}
        </text>
      ))}
      <path className="jp-KernelGuard-line" d={path} />
      <circle className="jp-KernelGuard-chosen" cx={x(epsilon)} cy={y(error)} r="5" />
    </svg>
  );
}

function scale(values: number[], from: number, to: number): (value: number) => number {
  const low = Math.log(Math.min(...values));
  const span = Math.log(Math.max(...values)) - low;
  return value => (span > 0 ? from + ((Math.log(value) - low) / span) * (to - from) : (from + to) / 2);
}
