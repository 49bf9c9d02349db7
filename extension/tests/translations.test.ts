/** Every string that the page shows is written so that it can be translated, and is translated. */
import * as fs from 'fs';
import * as path from 'path';

import type { TranslationBundle } from '@jupyterlab/translation';
import * as ts from 'typescript';

import { localText } from '../src/models/localText';
import { localWords } from '../src/models/localWords';
import { SERVER_TEXTS } from '../src/models/serverTexts';
import chinese from '../../kernel_guard/server/locale/zh_CN/LC_MESSAGES/kernel_guard.json';

import { trans } from './lib';

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
  SERVER_TEXTS.forEach(text => found.set(text, 1));
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

/** A translator of the catalogue, as JupyterLab's fills in blanks. */
const inChinese = {
  __: (text: string, ...blanks: unknown[]) =>
    ((chinese as unknown as Record<string, string[]>)[text]?.[0] ?? text).replace(/%(\d)/g, (_, n) => String(blanks[n - 1]))
} as unknown as TranslationBundle;

describe('what the server says', () => {
  test.each([
    ['The vault does not answer.', '保险库没有应答。'],
    ["'Table 1' was released already.", '‘Table 1’ 已经发布过。'.replace(/[‘’]/g, "'")],
    ['masked: fewer than 10 patients in it or beside it', '已屏蔽：其中或相邻处少于 10 位患者'],
    ['Ask it with noise, at a cost of ε = 0.5.', '改为加噪声提问，花费 ε = 0.5。'],
    ['A sentence that nobody declared.', 'A sentence that nobody declared.']
  ])('%s', (said, shown) => expect(localText(said, inChinese)).toBe(shown));

  test('every template is found again by its own text', () => {
    const lost = SERVER_TEXTS.filter(text => localText(text.replace(/%(\d)/g, 'x$1'), inChinese).includes('%'));
    expect(lost).toEqual([]);
    const english = SERVER_TEXTS.filter(text => localText(text.replace(/%(\d)/g, 'x$1'), inChinese) === text.replace(/%(\d)/g, 'x$1'));
    expect(english).toEqual([]);
  });
});

const QUESTIONS = [
  'Number of patients by gender_concept_id, of person.',
  'Mean of age and median of bmi by sex and year, of person where year_of_birth < 1950 and sex = F.',
  'Correlation of a and b, of labs.',
  'Correlation of a and b and number of rows by k, of labs.',
  'The 10 most frequent of 50 values of drug, by patients, of drug_exposure.',
  'The 10 most frequent of 50 values of drug, by patients by sex, of drug_exposure.',
  'Survival over years on 5 times from 20 to 100, events died in {True}, of person merged by patient with (patients in (death) with died = exists) with years = (2025 − year_of_birth).',
  'Number of patients and mean of stays, of person merged by patient with (patients in (visit_occurrence where x in {1, 2}) with stays = count) where year_of_birth < 1960.'
];

describe('a question', () => {
  test.each(QUESTIONS)('%s', words => {
    expect(localWords(words, trans)).toBe(words);
    // Names and expressions stay; no English connective is left over.
    const shown = localWords(words, inChinese).replace(/year_of_birth|gender_concept_id|\band sex = F/g, '');
    expect(shown).not.toMatch(/\b(of|by|where|with|patients|from|mean|median|number|survival)\b/i);
  });

  test('what is no question stays as it is', () => expect(localWords('Anything else', inChinese)).toBe('Anything else'));
});
