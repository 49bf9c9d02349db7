/** Code that the catalogue inserts into a cell. */

/** A path of names in the catalogue: a study, and perhaps a table and a column of it. */
export interface IPlace {
  study: string;
  table?: string;
  column?: string;
}

/** Python for a place, for example `study["person"]["year_of_birth"]`. */
export function snippet(place: IPlace, variable = 'study'): string {
  if (place.table === undefined) {
    return `${variable} = kg.open(${quote(place.study)})`;
  }
  const table = `${variable}[${quote(place.table)}]`;
  return place.column === undefined ? table : `${table}[${quote(place.column)}]`;
}

/** A JSON string is a Python string literal too, whatever characters a name has. */
function quote(name: string): string {
  return JSON.stringify(name);
}
