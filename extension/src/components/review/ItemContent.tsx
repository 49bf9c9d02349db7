/** What an item holds: numbers and text only, with the cells pointed out that a finding names. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { localText } from '../../models/localText';
import { localWords } from '../../models/localWords';
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
  const marked = new Map(findings.flatMap(({ cells, message }) => (cells ?? []).map(cell => [JSON.stringify(cell), message])));
  return (
    <section aria-label={item.name}>
      <h2>{item.name}</h2>
      <p className="jp-KernelGuard-quiet">
        {itemKindName(item.kind, trans)}
        {content.words && ` · ${localWords(content.words, trans)}`}
        {content.formula && ` · ${content.formula}`}
      </p>
      {findings.map(({ code, severity, message, hint, cells }, index) => (
        <div key={`${code}${index}`} className="jp-KernelGuard-notice" data-level={severity === 'note' ? 'info' : 'warning'} role="note">
          <div>
            <strong>{severity === 'stop' ? trans.__('Must change: %1', localText(message, trans)) : localText(message, trans)}</strong>
            {hint && <p>{localText(hint, trans)}</p>}
            <Cells cells={cells ?? []} content={content} trans={trans} />
          </div>
        </div>
      ))}
      {item.justification && <p>{trans.__('The authors say: %1', item.justification)}</p>}
      <Numbers content={content} study={study} marked={marked} bands={bandsOf(item)} trans={trans} />
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
  /** Cell → what is wrong with it. */
  marked: ReadonlyMap<string, string>;
  /** Cell → how many patients are behind it, in bands. */
  bands: ReadonlyMap<string, string>;
  trans: TranslationBundle;
}

function Numbers({ content, study, marked, bands, trans }: INumbersProps): React.ReactElement | null {
  const { columns, rows } = content;
  const labels = useLabels(study);
  const place = (row: number, column: number) => JSON.stringify([row, columns?.[column].name]);
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
      cellClass={(row, column) => (marked.has(place(row, column)) ? 'jp-mod-marked' : undefined)}
      cellTitle={(row, column) => {
        const band = bands.get(place(row, column));
        const said = [marked.get(place(row, column)), band && trans.__('%1 patients', band)].filter(Boolean);
        return said.length > 0 ? said.join(' · ') : undefined;
      }}
    />
  );
}

const MOST_CELLS = 5;

/** The cells that a finding is about, by row and column with their values: nobody has to search a long table. */
function Cells({ cells, content, trans }: { cells: [number, string][] } & Omit<IItemProps, 'item'> & { content: IContent }): React.ReactElement | null {
  const { columns = [], rows = [] } = content;
  if (cells.length === 0) {
    return null;
  }
  const told = cells.slice(0, MOST_CELLS).map(([row, column]) => {
    const at = columns.findIndex(({ name }) => name === column);
    return trans.__('row %1 (%2), %3: %4', row + 1, show(rows[row]?.[0]), column, show(rows[row]?.[at]));
  });
  const more = cells.length - told.length;
  return <p>{[...told, ...(more > 0 ? [trans._n('and %1 more', 'and %1 more', more)] : [])].join('; ')}</p>;
}

function bandsOf({ evidence }: IItem): Map<string, string> {
  return new Map((evidence.patients ?? []).map(({ row, column, band }) => [JSON.stringify([row, column]), band]));
}

const TERM = ['name', 'estimate', 'error', 'low', 'high', 'p'];

function Terms({ content, trans }: { content: IContent; trans: TranslationBundle }): React.ReactElement {
  const terms = content.terms ?? [];
  const heads = TERM.filter(name => terms.some(term => term[name] !== undefined));
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
