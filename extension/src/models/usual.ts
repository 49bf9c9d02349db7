/**
 * How many more questions a budget holds, if they cost what this project's questions used to cost.
 *
 * - The usual cost is the median of the last twenty private questions; before the first there is none.
 */
import type { ISpending, IStudyBudget } from '../tokens';

import { toNumber } from './amounts';

const LAST = 20;

export interface IUsual {
  epsilon: number;
  questions: number;
}

export function usual(budget: IStudyBudget, spending: ISpending[]): IUsual | undefined {
  const costs = spending
    .filter(({ study, route }) => study === budget.study && route === 'dp')
    .slice(0, LAST)
    .map(({ cost }) => toNumber(cost.epsilon))
    .filter(cost => cost > 0)
    .sort((a, b) => a - b);
  if (costs.length === 0) {
    return undefined;
  }
  const middle = costs.length >> 1;
  const epsilon = costs.length % 2 ? costs[middle] : (costs[middle - 1] + costs[middle]) / 2;
  // A hair is added so that 1 / 0.1 is ten questions and not nine.
  return { epsilon, questions: Math.floor(toNumber(budget.epsilon.left) / epsilon + 1e-9) };
}
