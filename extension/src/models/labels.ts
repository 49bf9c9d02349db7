/** The declared meaning of a coded column, wherever in a study it is declared. */
import type { IConceptLabels, IStudy } from '../tokens';

/** Undefined where no column of that name has labelled categories. */
export function labelsOf(studies: IStudy[], study: string, column: string): IConceptLabels | undefined {
  const tables = studies.find(({ name }) => name === study)?.tables ?? [];
  for (const { columns } of tables) {
    const found = columns.find(({ name, categories }) => name === column && categories?.some(({ label }) => label));
    if (found?.categories) {
      return new Map(found.categories.filter(({ label }) => label).map(({ value, label }) => [String(value), label]));
    }
  }
  return undefined;
}
