import * as React from 'react';

import { BudgetItem } from '../src/components/BudgetItem';
import { BudgetPopup } from '../src/components/BudgetPopup';
import { Catalogue } from '../src/components/Catalogue';
import { Notice, Withheld } from '../src/components/Notice';
import { Release } from '../src/components/Release';
import { Fetched } from '../src/models/fetched';
import type { IStatement, IStudyBudget } from '../src/tokens';

import { act, render, STATEMENT, STUDY, trans } from './lib';

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

  async function show() {
    const onInsert = jest.fn();
    const host = render(<Catalogue catalogue={await fetched([STUDY])} trans={trans} onInsert={onInsert} />);
    return { host, onInsert };
  }

  test('walks by keyboard from the study to a column and inserts it', async () => {
    const { host, onInsert } = await show();
    const focus = () => host.querySelector('[role=treeitem][tabindex="0"]') as HTMLElement;
    for (const name of ['ArrowDown', 'ArrowRight', 'ArrowRight', 'ArrowDown']) {
      key(focus(), name);
    }
    expect(focus().textContent).toContain('year_of_birth');
    expect(document.activeElement).toBe(focus());
    key(focus(), 'Enter');
    expect(onInsert).toHaveBeenCalledWith({ study: 'demo-hospital', table: 'person', column: 'year_of_birth' });
  });

  test('shows declared bounds and categories on expand', async () => {
    const { host } = await show();
    click(row(host, 'person').querySelector('.jp-KernelGuard-twisty'));
    click(row(host, 'year_of_birth').querySelector('.jp-KernelGuard-twisty'));
    click(row(host, 'gender').querySelector('.jp-KernelGuard-twisty'));
    expect(row(host, 'year_of_birth').textContent).toContain('1900 to 2025');
    expect(row(host, 'gender').textContent).toContain('female');
    expect(row(host, 'gender').getAttribute('aria-expanded')).toBe('true');
  });

  test('a blocked column says so and is not inserted', async () => {
    const { host, onInsert } = await show();
    click(row(host, 'person').querySelector('.jp-KernelGuard-twisty'));
    const blocked = row(host, 'name');
    click(blocked.querySelector('.jp-KernelGuard-name'));
    click(blocked.querySelector('.jp-KernelGuard-twisty'));
    expect(onInsert).not.toHaveBeenCalled();
    expect(blocked.querySelector('.jp-KernelGuard-insert')).toBeNull();
    expect(blocked.getAttribute('aria-label')).toContain('blocked');
    expect(blocked.textContent).toContain('direct identifier');
  });

  test('is marked synthetic', async () => {
    const { host } = await show();
    expect(row(host, 'Demo hospital').textContent).toContain('synthetic');
  });

  test('an error is shown with what to do', async () => {
    const broken = new Fetched<never>(() => Promise.reject({ code: 'c', message: 'The vault is down.', hint: 'Wait.' }));
    await broken.refresh();
    const host = render(<Catalogue catalogue={broken} trans={trans} onInsert={jest.fn()} />);
    expect(host.querySelector('[role=alert]')?.textContent).toContain('The vault is down.Wait.');
  });
});

describe('the budget', () => {
  const account: IStudyBudget = {
    study: 'demo-hospital',
    project: 'p1',
    purpose: 'research',
    expires: '2027-01-01T00:00:00Z',
    epsilon: { granted: '10', spent: '1/2', reserved: '0', left: '19/2' },
    delta: { granted: '0', spent: '0', reserved: '0', left: '0' },
    routes: ['dp', 'sdc']
  };

  test('is in the status bar and opens on a click', async () => {
    const open = jest.fn();
    const host = render(<BudgetItem budget={await fetched([account])} trans={trans} onOpen={open} />);
    expect(host.textContent).toBe('demo-hospital: ε 9.5 left');
    click(host.querySelector('button'));
    expect(open).toHaveBeenCalledTimes(1);
  });

  test('follows its model', async () => {
    const answers = [account, { ...account, epsilon: { ...account.epsilon, left: '9' } }];
    const budget = new Fetched(async () => [answers.shift() as IStudyBudget]);
    await budget.refresh();
    const host = render(<BudgetItem budget={budget} trans={trans} onOpen={jest.fn()} />);
    await act(() => budget.refresh());
    expect(host.textContent).toContain('ε 9 left');
  });

  test('warns by a sign, not by colour alone', async () => {
    const low = { ...account, epsilon: { ...account.epsilon, left: '0.5' } };
    const host = render(<BudgetItem budget={await fetched([low])} trans={trans} onOpen={jest.fn()} />);
    expect(host.textContent).toContain('⚠');
  });

  test('the popup shows the whole account', async () => {
    const host = render(<BudgetPopup budget={await fetched([account])} trans={trans} />);
    const cells = Array.from(host.querySelectorAll('td')).map(cell => cell.textContent);
    expect(cells).toEqual(['', '10', '0.5', '0', '9.5']);
    expect(host.querySelector('[role=meter]')?.getAttribute('aria-valuenow')).toBe('95');
    expect(host.textContent).toContain('2027-01-01');
  });
});

describe('a release', () => {
  const show = (more: Partial<IStatement> = {}) =>
    render(<Release payload={{ statement: { ...STATEMENT, ...more } }} trans={trans} />);

  test('shows badge, numbers with errors, and why a cell is masked', () => {
    const host = show();
    expect(host.textContent).toContain('differentially private · ε 0.5');
    expect(host.textContent).toContain('5.43 ± 0.25');
    expect(host.textContent).toContain('fewer than 10 patients');
    expect(host.textContent).toContain('synthetic');
  });

  test('reads its chart out', () => {
    const labels = Array.from(show().querySelectorAll('figure li')).map(item => item.getAttribute('aria-label'));
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

test('a withheld output says what, why and what to do', () => {
  const payload = { what: 'an image', reason: 'It is larger than 10 MB.', hint: 'Lower its resolution.' };
  const host = render(<Withheld payload={payload} trans={trans} />);
  expect(host.textContent).toBe('Withheld: an imageIt is larger than 10 MB.Lower its resolution.');
});

test('a warning is told by words', () => {
  const host = render(<Notice payload={{ level: 'warning', title: 'Synthetic only', text: 'x' }} trans={trans} />);
  expect(host.textContent).toContain('Warning: Synthetic only');
});
