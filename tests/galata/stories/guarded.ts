/**
 * Galata's page on a locked server.
 *
 * - Galata speaks to JupyterLab through an extension of its own, and the guard refuses to serve any that is not in the
 *   environment. So the browser adds it on this side: the server under test stays as locked as a researcher's.
 */
import * as fs from 'fs';
import * as path from 'path';

import { type IJupyterLabPageFixture, test as base } from '@jupyterlab/galata';

const EXTENSION = '@jupyterlab/galata-extension';
const FILES = process.env.GALATA_EXTENSION ?? '';
const { load } = JSON.parse(fs.readFileSync(path.join(FILES, 'package.json'), 'utf8')).jupyterlab._build;
const LIST = '"federated_extensions": [';
const ENTRY = JSON.stringify({ name: EXTENSION, load, extension: './extension' });

export const test = base.extend({
  // Galata's own waits for a tab by its English name.
  waitForApplication: async ({}, use) =>
    use(async page => {
      await page.locator('#jupyterlab-splash').waitFor({ state: 'detached' });
      await page.locator('.jp-Launcher').first().waitFor();
      // The offer of a tour would lie over what is pictured.
      await page.addStyleTag({ content: '.Toastify { display: none }' });
    }),
  // The guard lets no terminal be listed.
  terminals: async ({}, use) => use(null as never),
  context: async ({ context, baseURL }, use) => {
    // A WebSocket carries no header of ours: the cookie that the sign-in leaves lets it in.
    await context.request.get(`${baseURL}/lab?token=${process.env.KERNEL_GUARD_TOKEN}`);
    await context.route(/\/lab(\/[^?]*)?(\?.*)?$/, async route => {
      if (route.request().resourceType() !== 'document') {
        return route.fallback();
      }
      const answer = await route.fetch();
      const body = (await answer.text()).replace(LIST, `${LIST}${ENTRY}, `);
      return route.fulfill({ response: answer, body });
    });
    await context.route(`**/lab/extensions/${EXTENSION}/**`, route => {
      const file = new URL(route.request().url()).pathname.split(`${EXTENSION}/`)[1];
      return route.fulfill({ path: path.join(FILES, file) });
    });
    await use(context);
  }
});

/** Run a command as the palette would, without waiting for a dialog that it opens. */
export function command(page: IJupyterLabPageFixture, name: string, args: Record<string, unknown> = {}): Promise<void> {
  return page.evaluate(([id, given]) => void window.jupyterapp.commands.execute(id, given), [name, args] as const);
}

/** Run code in the story's notebook, in new cells below what is there; the first call makes it. */
export async function runCells(page: IJupyterLabPageFixture, ...codes: string[]): Promise<void> {
  await page.evaluate(async sources => {
    const { commands, shell } = window.jupyterapp;
    const panel = shell.currentWidget?.hasClass('jp-NotebookPanel')
      ? shell.currentWidget
      : await commands.execute('notebook:create-new', { kernelName: 'kernel-guard' });
    await panel.sessionContext.ready;
    for (const source of sources) {
      panel.content.activeCellIndex = panel.content.widgets.length - 1;
      await commands.execute('notebook:insert-cell-below');
      const cell = panel.content.activeCell;
      cell.model.sharedModel.setSource(source);
      await panel.content.scrollToItem(panel.content.activeCellIndex, 'start');
      await commands.execute('notebook:run-cell');
    }
  }, codes);
  await page.locator('.jp-Notebook-ExecutionIndicator[data-status=idle]').waitFor();
}

export { expect } from '@playwright/test';
