/** The checker's keys: next, previous, approve, approve what was looked at, ask for changes; letters a person can rest the fingers on. */
import type { IItem } from './types';

export type ReviewStep =
  | { do: 'go'; index: number }
  | { do: 'approve' }
  | { do: 'changes' }
  | { do: 'comment' }
  | { do: 'approve_clean' };

/** What a key does with `at` as the item in front; undefined leaves it to the browser. */
export function onReviewKey(key: string, at: number, items: Pick<IItem, 'votes'>[]): ReviewStep | undefined {
  switch (key) {
    case 'j':
    case 'ArrowDown':
      return at + 1 < items.length ? { do: 'go', index: at + 1 } : undefined;
    case 'k':
    case 'ArrowUp':
      return at > 0 ? { do: 'go', index: at - 1 } : undefined;
    case 'n':
      return nextOpen(at, items);
    case 'a':
      return { do: 'approve' };
    case 'r':
      return { do: 'changes' };
    case 'c':
      return { do: 'comment' };
    case 'A':
      return { do: 'approve_clean' };
    default:
      return undefined;
  }
}

/** The next item without an own vote, going round. */
function nextOpen(at: number, items: Pick<IItem, 'votes'>[]): ReviewStep | undefined {
  for (let step = 1; step <= items.length; step++) {
    const index = (at + step) % items.length;
    if (!items[index].votes.some(({ mine }) => mine)) {
      return { do: 'go', index };
    }
  }
  return undefined;
}

/** Items that a checker has looked at, in which the machine found nothing, and on which the own vote is open. */
export function cleanOnes(items: IItem[], seen: ReadonlySet<string>): IItem[] {
  return items.filter(item => groupOf(item) === 'clean' && seen.has(item.id) && !item.votes.some(({ mine }) => mine));
}

/** What needs a person's eye, what the machine found nothing in, and what policy lets the machine pass. */
export function groupOf({ passed, findings }: Pick<IItem, 'passed' | 'findings'>): 'look' | 'clean' | 'passed' {
  if (passed) {
    return 'passed';
  }
  return findings.some(({ severity }) => severity !== 'note') ? 'look' : 'clean';
}
