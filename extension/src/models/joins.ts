/**
 * How the tables of a study hang together, as far as their declared columns tell.
 *
 * - Tables with a patient key join on it, through the one table that has a row per patient.
 * - Any other join is a column that another table names as its own: `visit_occurrence_id` of `visit_occurrence`.
 */
import type { IStudy, ITable } from '../tokens';

export interface IJoin {
  from: string;
  to: string;
  on: string;
  /** Joins on the patient key are the only ones that a question can make. */
  patient: boolean;
}

/** Joins of one table, or of the whole study. */
export function joinsOf(study: IStudy, table?: ITable): IJoin[] {
  const joins = [...patientJoins(study), ...columnJoins(study)];
  return table ? joins.filter(({ from, to }) => from === table.name || to === table.name) : joins;
}

function patientJoins({ tables }: IStudy): IJoin[] {
  const keyed = tables.filter(({ patient_key }) => patient_key !== null);
  const centre = keyed.find(({ name, kind, patient_key }) => kind === 'patient' && patient_key === `${name}_id`) ?? keyed.find(({ kind }) => kind === 'patient');
  if (!centre) {
    return [];
  }
  return keyed
    .filter(table => table !== centre)
    .map(({ name, patient_key }) => ({ from: name, to: centre.name, on: String(patient_key), patient: true }));
}

function columnJoins({ tables }: IStudy): IJoin[] {
  const owners = new Map(tables.map(({ name }) => [`${name}_id`, name]));
  return tables.flatMap(({ name, patient_key, columns }) =>
    columns
      .filter(column => column.name !== patient_key && owners.has(column.name) && owners.get(column.name) !== name)
      .map(column => ({ from: name, to: String(owners.get(column.name)), on: column.name, patient: false }))
  );
}

export interface IBox {
  name: string;
  x: number;
  y: number;
}

/** Boxes on a grid, the most joined table first; at most `most`, the rest is a list beside the drawing. */
export function layoutBoxes(joins: IJoin[], most: number, columns = 3): IBox[] {
  const weight = new Map<string, number>();
  joins.forEach(({ from, to }) => [from, to].forEach(name => weight.set(name, (weight.get(name) ?? 0) + 1)));
  const names = [...weight.keys()].sort((a, b) => Number(weight.get(b)) - Number(weight.get(a)) || a.localeCompare(b));
  const [centre, ...others] = names.slice(0, most);
  if (centre === undefined) {
    return [];
  }
  // The centre stands in the middle of the first row's gap: column 1 of row 0 is kept for it.
  const places = Array.from({ length: others.length + 1 }, (_, index) => index).filter(index => index !== 1);
  const boxes = others.map((name, index) => place(name, places[index] ?? others.length, columns));
  return [place(centre, others.length > 0 ? 1 : 0, columns), ...boxes];
}

function place(name: string, index: number, columns: number): IBox {
  return { name, x: index % columns, y: Math.floor(index / columns) };
}
