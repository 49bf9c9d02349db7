/**
 * Stories in a real Chromium, each in three looks: light, dark, Chinese.
 *
 * - The server is the caller's (`tests/ui/test_galata.py`), found by its address and token in the environment.
 * - One worker: the stories share one demo. Pictures may differ a little, for fonts are hinted by the machine.
 */
import * as path from 'path';

import { galata } from '@jupyterlab/galata';
import { defineConfig } from '@playwright/test';

const { CHROMIUM = '/usr/bin/chromium', TARGET_URL, KERNEL_GUARD_TOKEN, KERNEL_GUARD_OUTPUT } = process.env;

function look(theme: string, locale?: string) {
  const themes = '@jupyterlab/apputils-extension:themes';
  const language = '@jupyterlab/translation-extension:plugin';
  const kept = galata.DEFAULT_SETTINGS[themes] as Record<string, unknown>;
  return { mockSettings: { ...galata.DEFAULT_SETTINGS, [themes]: { ...kept, theme }, [language]: locale ? { locale } : {} } };
}

export default defineConfig({
  testDir: 'stories',
  outputDir: KERNEL_GUARD_OUTPUT ?? path.join(__dirname, '..', 'ui', 'output', 'galata'),
  snapshotPathTemplate: 'references/{projectName}/{arg}{ext}',
  workers: 1,
  timeout: 240_000,
  reporter: 'line',
  expect: { timeout: 60_000, toHaveScreenshot: { animations: 'disabled', caret: 'hide', maxDiffPixelRatio: 0.02 } },
  use: {
    baseURL: TARGET_URL,
    screenshot: 'only-on-failure',
    // A page that passed through the stories' own route has no address of its own; it may still speak to its server.
    permissions: ['local-network-access'],
    viewport: { width: 1300, height: 900 },
    extraHTTPHeaders: { Authorization: `token ${KERNEL_GUARD_TOKEN}` },
    launchOptions: { executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] }
  },
  projects: [
    { name: 'light', use: look('JupyterLab Light') },
    { name: 'dark', use: look('JupyterLab Dark') },
    { name: 'chinese', use: look('JupyterLab Light', 'zh_CN') }
  ]
});
