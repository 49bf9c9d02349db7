/** What an item holds: numbers and text only, with the cells pointed out that a finding names. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { meaning } from '../../models/release';
import { itemKindName } from '../../review/names';
import type { IContent, IItem, Scalar } from '../../review/types';
import { Coded } from '../Coded';
import { GridTable } from '../GridTable';
import { useLabels } from '../useLabels';

export interface IItemProps {
  item: IItem;
  trans: TranslationBundle;
}

export function ItemContent({ item, study, trans }: IItemProps & { study: string }): React.ReactElement {
  const { content, findings } = item;
  const marked = new Set(findings.flatMap(({ cells }) => (cells ?? []).map(cell => JSON.stringify(cell))));
  return (
    <section aria-label={item.name}>
      <h2>{item.name}</h2>
      <p className="jp-KernelGuard-quiet">
        {itemKindName(item.kind, trans)}
        {content.words && ` · ${content.words}`}
        {content.formula && ` · ${content.formula}`}
      </p>
      {findings.map(({ code, severity, message, hint }, index) => (
        <div key={`${code}${index}`} className="jp-KernelGuard-notice" data-level={severity === 'note' ? 'info' : 'warning'} role="note">
          <div>
            <strong>{severity === 'stop' ? trans.__('Must change: %1', message) : message}</strong>
            {hint && <p>{hint}</p>}
          </div>
        </div>
      ))}
      {item.justification && <p>{trans.__('The authors say: %1', item.justification)}</p>}
      <Numbers content={content} study={study} marked={marked} trans={trans} />
      {content.terms && <Terms content={content} trans={trans} />}
      {content.text && <pre className="jp-KernelGuard-text">{content.text}</pre>}
      {content.note && <p>{content.note}</p>}
      {content.cells?.map(({ source }, index) => (
        <pre key={index} className="jp-KernelGuard-text">
          {source}
        </pre>
      ))}
    </section>
  );
}

interface INumbersProps {
  content: IContent;
  /** Whose codes the numbers may be. */
  study: string;
  marked: ReadonlySet<string>;
  trans: TranslationBundle;
}

function Numbers({ content, study, marked, trans }: INumbersProps): React.ReactElement | null {
  const { columns, rows } = content;
  const labels = useLabels(study);
  if (!columns || !rows) {
    return null;
  }
  const meanings = columns.map(({ name }) => labels(name));
  return (
    <GridTable
      label={content.chart ? trans.__('The numbers under the figure') : trans.__('Numbers')}
      heads={columns.map(({ name }) => name)}
      rowHeads={1}
      count={rows.length}
      cell={(row, column) => <Coded value={rows[row][column]} meaning={meaning(rows[row][column], meanings[column])} />}
      cellClass={(row, column) => (marked.has(JSON.stringify([row, columns[column].name])) ? 'jp-mod-marked' : undefined)}
    />
  );
}

function Terms({ content, trans }: { content: IContent; trans: TranslationBundle }): React.ReactElement {
  const terms = content.terms ?? [];
  const heads = Object.keys(terms[0] ?? {});
  const facts = [
    ...(content.observations !== undefined ? [trans.__('%1 observations', content.observations)] : []),
    ...(content.parameters !== undefined ? [trans.__('%1 parameters', content.parameters)] : []),
    ...Object.entries(content.statistics ?? {}).map(([name, value]) => `${name} ${value}`)
  ];
  return (
    <>
      <p>{[content.model ?? '', ...facts].join(' · ')}</p>
      <GridTable
        label={trans.__('Terms of the model')}
        heads={heads}
        rowHeads={1}
        count={terms.length}
        cell={(row, column) => show(terms[row][heads[column]])}
      />
    </>
  );
}

function show(cell: Scalar | undefined): string {
  return cell === null || cell === undefined ? '—' : String(cell);
}
