import { Signal } from '@lumino/signaling';
import * as React from 'react';

import { BudgetItem } from '../src/components/BudgetItem';
import { BudgetPanel } from '../src/components/BudgetPanel';
import { Catalogue } from '../src/components/Catalogue';
import { Notice, Withheld } from '../src/components/Notice';
import { Release } from '../src/components/Release';
import { SchemaCard } from '../src/components/SchemaCard';
import { Fetched } from '../src/models/fetched';
import { snippet } from '../src/models/snippet';
import { outputActions } from '../src/outputActions';
import type { ISpending, IStatement, IStudyBudget } from '../src/tokens';

import { ACCOUNT, act, CURVE, render, STATEMENT, STUDY, trans } from './lib';

async function fetched<T>(value: T): Promise<Fetched<T>> {
  const result = new Fetched(async () => value);
  await result.refresh();
  return result;
}

const key = (element: Element, name: string) =>
  act(() => {
    element.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true }));
  });
const click = (element: Element | null) =>
  act(() => {
    element?.dispatchEvent(new MouseEvent('click', { bubbles: true }));
  });

describe('the catalogue', () => {
  const row = (host: Element, text: string) =>
    Array.from(host.querySelectorAll('[role=treeitem]')).find(item =>
      item.querySelector('.jp-KernelGuard-name')?.textContent?.includes(text)
    ) as HTMLElement;
  const tree = (host: Element) => host.querySelector('[role=tree]') as HTMLElement;
  const active = (host: Element) =>
    host.querySelector(`[id="${tree(host).getAttribute('aria-activedescendant')}"]`) as HTMLElement;
  const details = (host: Element) => host.querySelector('.jp-KernelGuard-details')?.textContent ?? '';

  async function show(studies = [STUDY]) {
    const onInsert = jest.fn();
    const onOpenCard = jest.fn();
    const searchConcepts = jest.fn();
    const host = render(
      <Catalogue
        catalogue={await fetched(studies)}
        budget={await fetched([ACCOUNT])}
        trans={trans}
        searchConcepts={searchConcepts}
        snippetOf={place => snippet(place)}
        onInsert={onInsert}
        onOpenCard={onOpenCard}
      />
    );
    return { host, onInsert, onOpenCard };
  }

  test('walks by keyboard from the study to a column and inserts it', async () => {
    const { host, onInsert } = await show();
    for (const name of ['ArrowDown', 'ArrowRight', 'ArrowRight', 'ArrowDown']) {
      key(tree(host), name);
    }
    expect(active(host).textContent).toContain('year_of_birth');
    expect(details(host)).toContain('1900 to 2025');
    key(tree(host), 'Enter');
    expect(onInsert).toHaveBeenCalledWith('study["person"]["year_of_birth"]');
  });

  test('shows what was declared about the chosen column', async () => {
    const { host } = await show();
    click(row(host, 'person').querySelector('.jp-KernelGuard-twisty'));
    click(row(host, 'gender'));
    expect(details(host)).toContain('female');
    expect(details(host)).toContain('level 3 of 5');
    expect(row(host, 'gender').getAttribute('aria-selected')).toBe('true');
  });

  test('shows grant, purpose and end of the chosen study', async () => {
    const { host } = await show();
    click(row(host, 'Demo hospital'));
    for (const text of ['p1', 'research', '2027-01-01', 'private, or exact and checked']) {
      expect(details(host)).toContain(text);
    }
  });

  test('a blocked column says so and is not inserted', async () => {
    const { host, onInsert } = await show();
    click(row(host, 'person').querySelector('.jp-KernelGuard-twisty'));
    const blocked = row(host, 'name');
    click(blocked.querySelector('.jp-KernelGuard-name'));
    key(tree(host), 'Enter');
    expect(onInsert).not.toHaveBeenCalled();
    expect(blocked.querySelector('.jp-KernelGuard-insert')).toBeNull();
    expect(blocked.draggable).toBe(false);
    expect(blocked.getAttribute('aria-label')).toContain('blocked');
    expect(details(host)).toContain('direct identifier');
  });

  test('a row carries its code when it is dragged', async () => {
    const { host } = await show();
    const setData = jest.fn();
    const drag = Object.assign(new Event('dragstart', { bubbles: true }), { dataTransfer: { setData } });
    act(() => void row(host, 'person').dispatchEvent(drag));
    expect(setData).toHaveBeenCalledWith('text/plain', 'study["person"]');
  });

  test('opens the schema card of a table', async () => {
    const { host, onOpenCard } = await show();
    click(row(host, 'measurement'));
    click(Array.from(host.querySelectorAll('button')).find(one => one.textContent === 'Open schema card') ?? null);
    expect(onOpenCard).toHaveBeenCalledWith({ study: 'demo-hospital', table: 'measurement' });
  });

  test('is marked synthetic', async () => {
    const { host } = await show();
    expect(row(host, 'Demo hospital').textContent).toContain('synthetic');
  });

  test('without a grant it says whom to ask', async () => {
    const { host } = await show([]);
    expect(host.textContent).toContain('Ask the data steward');
  });

  test('an error is shown with what to do', async () => {
    const broken = new Fetched<never>(() => Promise.reject({ code: 'c', message: 'The vault is down.', hint: 'Wait.' }));
    await broken.refresh();
    const nothing = jest.fn();
    const host = render(
      <Catalogue
        catalogue={broken}
        budget={null}
        trans={trans}
        searchConcepts={nothing}
        snippetOf={() => ''}
        onInsert={nothing}
        onOpenCard={nothing}
      />
    );
    expect(host.querySelector('[role=alert]')?.textContent).toContain('The vault is down.Wait.');
  });
});

test('the schema card shows joins, columns and, when asked, mock rows', () => {
  const onOpen = jest.fn();
  const onInsert = jest.fn();
  const [person] = STUDY.tables;
  const host = render(
    <SchemaCard study={STUDY} table={person} budget={null} trans={trans} onOpen={onOpen} onInsert={onInsert} />
  );
  const button = (text: string) => Array.from(host.querySelectorAll('button')).find(one => one.textContent === text) ?? null;
  expect(host.querySelector('.jp-KernelGuard-joins')?.textContent).toContain('measurement on the patient key person_id');
  click(button('measurement'));
  expect(onOpen).toHaveBeenCalledWith('measurement');
  click(button('year_of_birth'));
  expect(onInsert).toHaveBeenCalledWith('year_of_birth');
  expect(host.textContent).not.toContain('MOCK');
  click(button('Make mock rows'));
  expect(host.textContent).toContain('MOCK');
  expect(host.textContent).toContain('No patient is behind these rows.');
});

describe('the budget', () => {
  test('is in the status bar and opens on a click', async () => {
    const open = jest.fn();
    const host = render(<BudgetItem budget={await fetched([ACCOUNT])} trans={trans} onOpen={open} />);
    expect(host.textContent).toBe('demo-hospital: ε 9.5 left');
    click(host.querySelector('button'));
    expect(open).toHaveBeenCalledTimes(1);
  });

  test('follows its model', async () => {
    const answers = [ACCOUNT, { ...ACCOUNT, epsilon: { ...ACCOUNT.epsilon, left: '9' } }];
    const budget = new Fetched(async () => [answers.shift() as IStudyBudget]);
    await budget.refresh();
    const host = render(<BudgetItem budget={budget} trans={trans} onOpen={jest.fn()} />);
    await act(() => budget.refresh());
    expect(host.textContent).toContain('ε 9 left');
  });

  test('warns by a sign, not by colour alone', async () => {
    const low = { ...ACCOUNT, epsilon: { ...ACCOUNT.epsilon, left: '0.5' } };
    const host = render(<BudgetItem budget={await fetched([low])} trans={trans} onOpen={jest.fn()} />);
    expect(host.textContent).toContain('⚠');
  });

  const SPENT: ISpending[] = [
    { id: 'r2', study: 'demo-hospital', user: 'ana', route: 'dp', words: 'Patients by sex', cost: { epsilon: '1/2', delta: '0' }, created: '2026-01-02T03:04:05Z' },
    { id: 'r1', study: 'demo-hospital', user: 'ben', route: 'sdc', words: 'Patients by year', cost: { epsilon: '0', delta: '0' }, created: '2026-01-01T03:04:05Z' }
  ];

  async function panel(spent: ISpending[], plan = jest.fn(), insert = jest.fn()) {
    const host = render(
      <BudgetPanel budget={await fetched([ACCOUNT])} spending={await fetched(spent)} planner={{ plan, insert }} trans={trans} />
    );
    const button = (text: string) => Array.from(host.querySelectorAll('button')).find(one => one.textContent?.includes(text)) ?? null;
    return { host, button };
  }

  test('the panel shows the whole account, in questions too, and who spent what', async () => {
    const { host } = await panel(SPENT);
    const cells = Array.from(host.querySelectorAll('td')).map(cell => cell.textContent);
    expect(cells).toEqual(['', '10', '0.5', '0', '9.5']);
    expect(host.querySelector('[role=meter]')?.getAttribute('aria-valuenow')).toBe('95');
    expect(host.textContent).toContain('19 more questions at your usual error (ε 0.5)');
    expect(host.textContent).toContain('Patients by sexε 0.5 · ana');
    expect(host.textContent).toContain('Patients by yearexact, no ε · ben');
  });

  test('before the first question the panel says what to do', async () => {
    const { host } = await panel([]);
    expect(host.textContent).toContain('The planner below shows what a question would cost.');
  });

  test('the planner draws a curve, follows a wished error and inserts the call', async () => {
    const insert = jest.fn();
    const { host, button } = await panel([], jest.fn().mockResolvedValue(CURVE), insert);
    await act(async () => click(button('Plan the active cell')));
    expect(host.querySelector('svg')?.getAttribute('aria-label')).toContain('Error of patients against ε');
    expect(host.textContent).toContain('MOCK');
    const wished = host.querySelector('input[type=number]') as HTMLInputElement;
    act(() => {
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(wished, '12');
      wished.dispatchEvent(new Event('input', { bubbles: true }));
    });
    click(button('Insert .release(epsilon=0.25)'));
    expect(insert).toHaveBeenCalledWith('.release(epsilon=0.25)');
    expect(host.textContent).toContain('Enough is left for 38 such questions.');
  });

  test('a cell without a question is explained', async () => {
    const plan = jest.fn().mockRejectedValue({ code: 'no_question', message: 'No question here.', hint: 'Click elsewhere.' });
    const { host, button } = await panel([], plan);
    await act(async () => click(button('Plan the active cell')));
    expect(host.querySelector('[role=alert]')?.textContent).toContain('No question here.Click elsewhere.');
  });
});

describe('a release', () => {
  const show = (more: Partial<IStatement> = {}) =>
    render(<Release payload={{ statement: { ...STATEMENT, ...more } }} trans={trans} />);

  test('shows badge, numbers with errors, and why a cell is masked', () => {
    const host = show();
    expect(host.textContent).toContain('differentially private · ε 0.5');
    expect(show({ cost: { epsilon: '17/10', delta: '1/1000' } }).textContent).toContain('ε 1.7, δ 0.001');
    expect(host.textContent).toContain('5.43 ± 0.25');
    expect(host.textContent).toContain('fewer than 10 patients');
    expect(host.textContent).toContain('synthetic');
  });

  test('shows a code by its meaning, also when the catalogue comes later', () => {
    const changed = new Signal<unknown, void>({});
    outputActions.labels = () => undefined;
    outputActions.labelsChanged = changed;
    const host = show();
    expect(host.querySelector('abbr')).toBeNull();
    outputActions.labels = () => new Map([['North', 'Northern hospital']]);
    act(() => changed.emit());
    expect(host.querySelector('abbr')?.textContent).toBe('Northern hospital');
    expect(host.querySelector('abbr')?.title).toBe('North');
    expect(host.querySelector('.jp-KernelGuard-barLabel')?.getAttribute('title')).toBe('Northern hospital (North)');
    outputActions.labels = outputActions.labelsChanged = undefined;
  });

  test('an interval that reaches zero is drawn to the edge of a forest plot, not left out', () => {
    const columns = STATEMENT.columns.map(one => ({ ...one, name: one.name.replace('mean', 'odds_ratio'), of: one.of && 'odds_ratio' }));
    const rows = [['a', 1.4, 2.5, null], ['b', 1.2, 0.1, null], ['c', null, null, 'too few']];
    const host = show({ columns, rows });
    expect(host.querySelectorAll('.jp-KernelGuard-whisker line')).toHaveLength(2);
    expect(host.querySelectorAll('.jp-KernelGuard-whisker path')).toHaveLength(1);
    expect(host.querySelector('figure')?.textContent).toContain('too few');
  });

  test('reads its chart out', () => {
    const labels = Array.from(show().querySelectorAll('.jp-KernelGuard-readOut')).map(item => item.textContent);
    expect(labels).toEqual([
      'North: 5.43 plus or minus 0.25',
      'South: -2 plus or minus 0.5',
      'West: masked, fewer than 10 patients'
    ]);
  });

  test('tells what was asked, the cost and where it comes from', () => {
    const details = show().querySelector('details')?.textContent;
    for (const text of ['Mean value per hospital', 'ε 0.5', '95 %', 'rel-0001', 'v7', 'synthetic']) {
      expect(details).toContain(text);
    }
  });

  test('an exact release names its rules', () => {
    const rules = [{ rule: 'threshold', verdict: 'passed', detail: 'at least 10 patients' }];
    const host = show({ route: 'sdc', confidence: null, rules });
    expect(host.textContent).toContain('1 disclosure rule checked');
    expect(host.textContent).toContain('at least 10 patients');
  });

  test('text in the data stays text', () => {
    const rows = [['<img src=x onerror=alert(1)>', 1, 0.1, null], ['b', 2, 0.1, null]];
    const host = show({ rows, words: '<script>alert(1)</script>' });
    expect(host.querySelector('img, script')).toBeNull();
  });

  test('what is no release is not shown as one', () => {
    const host = render(<Release payload={{ statement: { id: 1 } }} trans={trans} />);
    expect(host.querySelector('.jp-KernelGuard-badge')).toBeNull();
  });
});

test('a withheld output explains itself in the page’s words and offers a repair', () => {
  outputActions.insertBelow = jest.fn();
  const host = render(<Withheld payload={{ reason: 'image', what: 'x', hint: 'y' }} trans={trans} />);
  expect(host.textContent).toContain('Withheld: A picture could not be decoded');
  click(host.querySelector('button'));
  expect(outputActions.insertBelow).toHaveBeenCalledWith(expect.stringContaining('figure.dpi'));
});

test('a reason that is not known here keeps the guard’s own words and offers nothing', () => {
  const payload = { what: 'Something new.', reason: 'brand_new', hint: 'Do this.', repairs: [{ code: 'evil()' }] };
  const host = render(<Withheld payload={payload} trans={trans} />);
  expect(host.textContent).toBe('Withheld: Something new.Do this.');
  expect(host.querySelector('button')).toBeNull();
});

test('a warning is told by words', () => {
  const host = render(<Notice payload={{ level: 'warning', title: 'Synthetic only', text: 'x' }} trans={trans} />);
  expect(host.textContent).toContain('Warning: Synthetic only');
});
