/**
 * The question in a cell's code: the expression before `.release(…)`, or the cell's last line.
 *
 * - It is evaluated in the researcher's own kernel, as the cell would be, without the release.
 */

export interface ICellQuestion {
  /** Python for the question, without its release. */
  expression: string;
  /** The code with the release at another price. */
  withRelease: (call: string) => string;
}

const CALL = '.release(';

export function questionOf(code: string): ICellQuestion | undefined {
  const at = code.lastIndexOf(CALL);
  return at >= 0 ? released(code, at) : lastLine(code);
}

function released(code: string, at: number): ICellQuestion | undefined {
  const end = closing(code, at + CALL.length - 1);
  const start = statementStart(code, at);
  const expression = withoutTarget(code.slice(start, at));
  if (end < 0 || expression === '') {
    return undefined;
  }
  return { expression, withRelease: call => code.slice(0, at) + call + code.slice(end + 1) };
}

function lastLine(code: string): ICellQuestion | undefined {
  const text = code.replace(/\s+$/, '');
  const start = statementStart(text, text.length);
  const expression = withoutTarget(text.slice(start));
  const isExpression = expression !== '' && !/^(#|import |from |def |class |for |if |with |while |print\(|%|@)/.test(expression);
  return isExpression ? { expression, withRelease: call => `${text}${call}` } : undefined;
}

/** Where the statement begins that holds a place: after the last line end that no bracket encloses. */
function statementStart(code: string, at: number): number {
  let start = 0;
  let depth = 0;
  let quote = '';
  for (let place = 0; place < at; place++) {
    const letter = code[place];
    if (quote) {
      place += letter === '\\' ? 1 : 0;
      quote = letter === quote ? '' : quote;
    } else if (letter === '"' || letter === "'") {
      quote = letter;
    } else if (letter === '#') {
      place = Math.max(place, (code.indexOf('\n', place) + 1 || at + 1) - 2);
    } else if ('([{'.includes(letter)) {
      depth += 1;
    } else if (')]}'.includes(letter)) {
      depth -= 1;
    } else if (letter === '\n' && depth === 0) {
      start = place + 1;
    }
  }
  return start;
}

/** The place of the bracket that closes the one at `open`; -1 when none does. */
function closing(code: string, open: number): number {
  let depth = 0;
  for (let place = open; place < code.length; place++) {
    depth += code[place] === '(' ? 1 : code[place] === ')' ? -1 : 0;
    if (depth === 0) {
      return place;
    }
  }
  return -1;
}

/** What stands right of `name =`. */
function withoutTarget(statement: string): string {
  return statement.trim().replace(/^[A-Za-z_][\w.]*\s*=(?!=)\s*/, '').trim();
}

/** Code that makes the kernel send the question's curve. */
export function curveCode(expression: string): string {
  return `__import__("kernel_guard.client.planner", fromlist=["send"]).send((\n${expression}\n))`;
}
