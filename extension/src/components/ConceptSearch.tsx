/** Search over a study's public vocabulary: a code by words, and everything below it. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { conceptCode, type IConcept } from '../models/concepts';
import type { IGuardError, IStudy } from '../tokens';

import { Problem } from './Problem';

/** What is searched: words, or all below one concept. */
export interface IConceptQuery {
  study: string;
  q?: string;
  ancestor?: number;
}

export interface IConceptAnswer {
  concepts: IConcept[];
  more: boolean;
}

export type SearchConcepts = (query: IConceptQuery) => Promise<IConceptAnswer>;

export interface IConceptSearchProps {
  studies: IStudy[];
  search: SearchConcepts;
  trans: TranslationBundle;
  onInsert: (code: string) => void;
}

/** People pause between words; a request for each letter would only be thrown away. */
const PAUSE_MS = 250;

export function ConceptSearch(props: IConceptSearchProps): React.ReactElement | null {
  const { search, trans, onInsert } = props;
  const studies = props.studies.filter(({ tables }) => tables.some(({ name, kind }) => name === 'concept' && kind === 'reference'));
  const [study, setStudy] = React.useState(studies[0]?.name ?? '');
  const [text, setText] = React.useState('');
  const [answer, setAnswer] = React.useState<IConceptAnswer | undefined>();
  const [error, setError] = React.useState<IGuardError | undefined>();
  const latest = React.useRef(0);
  const ask = React.useCallback(
    async (query: IConceptQuery) => {
      const turn = ++latest.current;
      const set = <T,>(setter: (value: T) => void, value: T) => turn === latest.current && setter(value);
      try {
        set(setAnswer, await search(query));
        set(setError, undefined);
      } catch (reason) {
        set(setError, reason as IGuardError);
      }
    },
    [search]
  );
  React.useEffect(() => {
    if (text.trim().length < 2) {
      setAnswer(undefined);
      return;
    }
    const timer = setTimeout(() => void ask({ study, q: text.trim() }), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [ask, study, text]);
  if (studies.length === 0) {
    return null;
  }
  return (
    <details className="jp-KernelGuard-concepts">
      <summary>{trans.__('Find a code')}</summary>
      {studies.length > 1 && (
        <select
          className="jp-mod-styled"
          value={study}
          aria-label={trans.__('Study whose vocabulary is searched')}
          onChange={event => setStudy(event.target.value)}
        >
          {studies.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      )}
      <input
        type="search"
        className="jp-mod-styled"
        value={text}
        placeholder={trans.__('Diagnosis, drug, test or code')}
        aria-label={trans.__('Search codes by words or number')}
        onChange={event => setText(event.target.value)}
      />
      {error && <Problem error={error} trans={trans} />}
      {answer && (
        <Found
          answer={answer}
          trans={trans}
          onInsert={onInsert}
          onBelow={ancestor => void ask({ study, ancestor })}
        />
      )}
    </details>
  );
}

interface IFoundProps {
  answer: IConceptAnswer;
  trans: TranslationBundle;
  onInsert: (code: string) => void;
  onBelow: (concept: number) => void;
}

function Found({ answer, trans, onInsert, onBelow }: IFoundProps): React.ReactElement {
  const { concepts, more } = answer;
  return (
    <>
      <p className="jp-KernelGuard-quiet" role="status">
        {more
          ? trans.__('The first %1 codes; add a word to see fewer.', concepts.length)
          : trans._n('%1 code', '%1 codes', concepts.length)}
      </p>
      {concepts.length > 1 && (
        <button className="jp-mod-styled jp-mod-minimal" onClick={() => onInsert(conceptCode(concepts))}>
          {trans.__('Insert all as a list')}
        </button>
      )}
      <ul>
        {concepts.map(concept => (
          <li key={concept.concept_id}>
            <button
              className="jp-KernelGuard-link"
              title={trans.__('Insert %1', concept.concept_id)}
              onClick={() => onInsert(conceptCode([concept]))}
            >
              {concept.concept_name}
            </button>{' '}
            <span className="jp-KernelGuard-quiet">
              {concept.vocabulary_id} {concept.concept_code} · {concept.domain_id}
            </span>
            {concept.descendants > 1 && (
              <button className="jp-KernelGuard-link" onClick={() => onBelow(concept.concept_id)}>
                {trans._n('%1 below', '%1 below', concept.descendants - 1)}
              </button>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
