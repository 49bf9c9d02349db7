/** Tables as boxes and joins as lines: on the patient key thick, on other keys thin, each told in words below. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { type IBox, type IJoin, joinsOf, layoutBoxes } from '../models/joins';
import type { IStudy, ITable } from '../tokens';

const WIDTH = 190;
const HEIGHT = 36;
const GAP_X = 50;
const GAP_Y = 40;
/** More boxes than this are a maze; the list below has them all. */
const MOST = 12;

export interface IEntityDiagramProps {
  study: IStudy;
  table: ITable;
  trans: TranslationBundle;
  onOpen: (table: string) => void;
}

export function EntityDiagram({ study, table, trans, onOpen }: IEntityDiagramProps): React.ReactElement {
  const joins = joinsOf(study, table);
  if (joins.length === 0) {
    return <p className="jp-KernelGuard-quiet">{trans.__('No other table joins this one.')}</p>;
  }
  const boxes = layoutBoxes(joins, MOST);
  const rows = Math.max(...boxes.map(({ y }) => y)) + 1;
  const columns = Math.max(...boxes.map(({ x }) => x)) + 1;
  const place = new Map(boxes.map(box => [box.name, box]));
  return (
    <>
      <svg
        className="jp-KernelGuard-diagram"
        width={columns * (WIDTH + GAP_X)}
        height={rows * (HEIGHT + GAP_Y)}
        role="img"
        aria-label={trans.__('Joins of %1, listed below', table.name)}
      >
        {joins.map((join, index) => (
          <Line key={index} join={join} from={place.get(join.from)} to={place.get(join.to)} />
        ))}
        {boxes.map(box => (
          <g key={box.name} transform={`translate(${left(box)},${top(box)})`} onClick={() => onOpen(box.name)}>
            <rect width={WIDTH} height={HEIGHT} className={box.name === table.name ? 'jp-mod-current' : undefined} />
            <text x={WIDTH / 2} y={HEIGHT / 2 + 4}>
              {box.name}
            </text>
          </g>
        ))}
      </svg>
      <ul className="jp-KernelGuard-joins">
        {joins.map(({ from, to, on, patient }, index) => {
          const other = from === table.name ? to : from;
          return (
            <li key={index}>
              <button className="jp-KernelGuard-link" onClick={() => onOpen(other)}>
                {other}
              </button>{' '}
              {patient ? trans.__('on the patient key %1', on) : trans.__('by %1, for reading only', on)}
            </li>
          );
        })}
      </ul>
    </>
  );
}

function Line({ join, from, to }: { join: IJoin; from?: IBox; to?: IBox }): React.ReactElement | null {
  if (!from || !to) {
    return null;
  }
  return (
    <line
      className={join.patient ? 'jp-mod-patient' : undefined}
      x1={left(from) + WIDTH / 2}
      y1={top(from) + HEIGHT / 2}
      x2={left(to) + WIDTH / 2}
      y2={top(to) + HEIGHT / 2}
    />
  );
}

function left({ x }: IBox): number {
  return x * (WIDTH + GAP_X) + 4;
}

function top({ y }: IBox): number {
  return y * (HEIGHT + GAP_Y) + 4;
}
