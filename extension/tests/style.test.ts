/** Colours come from the theme alone, so that light, dark and high contrast follow by themselves. */
import * as fs from 'fs';
import * as path from 'path';

const STYLE = path.join(__dirname, '..', 'style');
const sheets = fs.readdirSync(STYLE).filter(name => name.endsWith('.css'));

test.each(sheets)('%s names no colour of its own', name => {
  const css = fs.readFileSync(path.join(STYLE, name), 'utf8').replace(/\/\*[^]*?\*\//g, '');
  expect(css.match(/#[0-9a-f]{3,8}\b|\b(?:rgb|hsl)a?\(|:\s*(?:white|black|red|green|blue|gr[ae]y|orange)\b/gi)).toBeNull();
});

test('no sheet is forgotten by the two files that name them', () => {
  const css = fs.readFileSync(path.join(STYLE, 'index.css'), 'utf8');
  const js = fs.readFileSync(path.join(STYLE, 'index.js'), 'utf8');
  for (const name of sheets.filter(one => one !== 'index.css')) {
    expect(css).toContain(name);
    expect(js).toContain(name);
  }
});

test('no component is longer than 250 lines', () => {
  const source = path.join(__dirname, '..', 'src');
  const long = (fs.readdirSync(source, { recursive: true }) as string[])
    .filter(name => /\.tsx?$/.test(name))
    .map(name => [name, fs.readFileSync(path.join(source, name), 'utf8').split('\n').length] as const)
    .filter(([, lines]) => lines > 250);
  expect(long).toEqual([]);
});
