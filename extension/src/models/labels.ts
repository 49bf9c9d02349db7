/** The declared meaning of a coded column, wherever in a study it is declared. */
import type { IColumn, IConceptLabels, IStudy } from '../tokens';

/** Undefined where no column of that name has labelled categories. */
export function labelsOf(studies: IStudy[], study: string, column: string): IConceptLabels | undefined {
  const tables = studies.find(({ name }) => name === study)?.tables ?? [];
  for (const { columns } of tables) {
    const found = columns.find(({ name }) => name === column);
    const labels = found && categoryLabels(found);
    if (labels) {
      return labels;
    }
  }
  return undefined;
}

/** Value, as text → meaning; undefined where no category has one. */
export function categoryLabels({ categories }: IColumn): IConceptLabels | undefined {
  const named = (categories ?? []).filter(({ label }) => label);
  return named.length > 0 ? new Map(named.map(({ value, label }) => [String(value), label])) : undefined;
}
