/**
 * Exact fractions as text ("1/2", "9.5") for people to read.
 *
 * - The server does the arithmetic; here is only display, so a float is enough.
 */
import type { IAmount } from '../tokens';

/** The number that a fraction or decimal text stands for; NaN when it is neither. */
export function toNumber(text: string): number {
  const match = /^\s*(-?\d+(?:\.\d+)?(?:e-?\d+)?)\s*(?:\/\s*(\d+))?\s*$/i.exec(String(text));
  if (!match) {
    return NaN;
  }
  return Number(match[1]) / Number(match[2] ?? 1);
}

/** At most three significant digits, never in exponent form unless very small. */
export function formatAmount(text: string): string {
  const value = toNumber(text);
  if (Number.isNaN(value)) {
    return String(text);
  }
  if (value !== 0 && Math.abs(value) < 0.001) {
    return value.toExponential(1);
  }
  return String(Number(value.toPrecision(3)));
}

/** The part of the grant that is left, 0 to 1; 0 when nothing was granted. */
export function shareLeft(amount: IAmount): number {
  const granted = toNumber(amount.granted);
  const left = toNumber(amount.left);
  return granted > 0 && left > 0 ? Math.min(1, left / granted) : 0;
}

/** Below a tenth of the grant a person should know before asking the next question. */
export function isLow(amount: IAmount): boolean {
  return shareLeft(amount) < 0.1;
}
