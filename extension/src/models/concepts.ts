/** Codes of a public vocabulary, and the Python that names them. */

export interface IConcept {
  concept_id: number;
  concept_name: string;
  domain_id: string;
  vocabulary_id: string;
  concept_code: string;
  descendants: number;
}

/** One code as a number with its name beside it; several as a list, a line each. */
export function conceptCode(concepts: IConcept[]): string {
  if (concepts.length === 1) {
    return `${concepts[0].concept_id}  # ${comment(concepts[0])}`;
  }
  return `[\n${concepts.map(one => `    ${one.concept_id},  # ${comment(one)}\n`).join('')}]`;
}

/** A name must not leave its comment. */
function comment({ concept_name }: IConcept): string {
  return String(concept_name).replace(/\s+/g, ' ');
}
