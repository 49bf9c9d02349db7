/** Around the notebook: what data there is, its joins, requests, what is closed and why, the tour. */
import { command, expect, test } from './guarded';

test('the catalogue, and a column of it', async ({ page }) => {
  await command(page, 'kernel-guard:open-catalogue');
  const panel = page.locator('#kernel-guard-catalogue');
  await panel.getByRole('treeitem').nth(3).waitFor();
  await panel.locator('.jp-KernelGuard-search input').fill('year_of_birth');
  await panel.getByRole('treeitem').filter({ hasText: 'year_of_birth' }).first().click();
  await expect.soft(panel).toHaveScreenshot('catalogue.png');
});

test('a schema card', async ({ page }) => {
  await command(page, 'kernel-guard:open-schema-card', { study: 'demo-hospital', table: 'death' });
  const card = page.locator('.jp-KernelGuard-card');
  await card.locator('svg').first().waitFor();
  await expect.soft(card).toHaveScreenshot('schema-card.png');
});

test('requests, before there is one', async ({ page }) => {
  await command(page, 'kernel-guard:open-requests');
  const panel = page.locator('#kernel-guard-requests');
  await panel.locator('h3').first().waitFor();
  await expect.soft(panel).toHaveScreenshot('requests.png');
});

test('what is closed, and why', async ({ page }) => {
  await command(page, 'kernel-guard:explain-closed', { topic: 'terminal' });
  await expect.soft(page.locator('.jp-Dialog-content')).toHaveScreenshot('closed.png');
});

test('the tour', async ({ page }) => {
  await command(page, 'kernel-guard:start-tour');
  await expect.soft(page.locator('.jp-KernelGuard-tour [role=dialog], .jp-KernelGuard-tour').last()).toHaveScreenshot('tour.png');
});
