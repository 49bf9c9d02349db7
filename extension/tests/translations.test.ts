/** Every string that the page shows is written so that it can be translated, and is translated. */
import * as fs from 'fs';
import * as path from 'path';

import * as ts from 'typescript';

import chinese from '../../kernel_guard/server/locale/zh_CN/LC_MESSAGES/kernel_guard.json';

const SOURCE = path.join(__dirname, '..', 'src');
/** Attributes that a person reads or hears. */
const SHOWN = ['title', 'placeholder', 'alt', 'aria-label', 'aria-valuetext', 'aria-description'];

function sources(folder = SOURCE): string[] {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const file = path.join(folder, entry.name);
    return entry.isDirectory() ? sources(file) : /\.tsx?$/.test(file) ? [file] : [];
  });
}

function walk(visit: (node: ts.Node, file: string) => void): void {
  for (const file of sources()) {
    const text = fs.readFileSync(file, 'utf8');
    const kind = file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
    const root = ts.createSourceFile(file, text, ts.ScriptTarget.ES2020, true, kind);
    const each = (node: ts.Node): void => {
      visit(node, path.relative(SOURCE, file));
      ts.forEachChild(node, each);
    };
    each(root);
  }
}

/** Every message with how many forms its translation has: JupyterLab looks for two where there is a plural. */
function messages(): Map<string, number> {
  const found = new Map<string, number>();
  walk(node => {
    if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) {
      return;
    }
    const [message] = node.arguments;
    if (['__', '_n'].includes(node.expression.name.text) && message && ts.isStringLiteralLike(message)) {
      found.set(message.text, node.expression.name.text === '_n' ? 2 : 1);
    }
  });
  return found;
}

const places = (text: string) => (text.match(/%\d/g) ?? []).sort().join('');
const translated = Object.entries(chinese as Record<string, unknown>).filter(([key]) => key !== '') as [string, string[]][];

test('every message has a Chinese one, and none is left over', () => {
  const known = new Set(translated.map(([key]) => key));
  const used = messages();
  expect(used.size).toBeGreaterThan(300);
  expect([...used.keys()].filter(message => !known.has(message))).toEqual([]);
  expect([...known].filter(message => !used.has(message))).toEqual([]);
});

test('a message with a plural has two forms, as JupyterLab wants it, and Chinese says the same in both', () => {
  const used = messages();
  const wrong = translated.filter(([key, forms]) => forms.length !== used.get(key) || new Set(forms).size !== 1);
  expect(wrong).toEqual([]);
});

test('a translation says something, and fills in the same blanks', () => {
  const wrong = translated.filter(([key, [text]]) => !text || places(key) !== places(text));
  expect(wrong).toEqual([]);
});

test('no translation is the English text, unless it holds no word', () => {
  const same = translated.filter(([key, [text]]) => key === text && /[A-Za-z]{3}/.test(key));
  expect(same).toEqual([]);
});

test('no text stands in the page untranslated', () => {
  const bare: string[] = [];
  walk((node, file) => {
    if (ts.isJsxText(node) && /[A-Za-z]{2}/.test(node.text)) {
      bare.push(`${file}: ${node.text.trim()}`);
    }
    if (ts.isJsxAttribute(node) && SHOWN.includes(node.name.getText()) && node.initializer && ts.isStringLiteral(node.initializer)) {
      bare.push(`${file}: ${node.initializer.text}`);
    }
  });
  expect(bare).toEqual([]);
});
