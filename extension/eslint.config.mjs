import jupyter from '@jupyter/eslint-plugin';
import parser from '@typescript-eslint/parser';

// Galata rules have nothing to look at here; the schema rule comes with its own parser, from `recommended`.
const skipped = [/^galata/, /^no-schema-enum$/, /snapshots$/];
const rules = Object.fromEntries(
  Object.keys(jupyter.rules)
    .filter(name => !skipped.some(pattern => pattern.test(name)))
    .map(name => [`jupyter/${name}`, 'error'])
);

export default [
  { plugins: { jupyter } },
  ...[jupyter.configs.recommended].flat(),
  {
    files: ['src/**/*.ts', 'src/**/*.tsx'],
    languageOptions: { parser, parserOptions: { project: './tsconfig.json', ecmaFeatures: { jsx: true } } },
    rules: {
      ...rules,
      // The sidebar and the status bar show at once; loading them later would save 20 kB and cost a request.
      'jupyter/prefer-lazy-imports': 'off'
    }
  }
];
