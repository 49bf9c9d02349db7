/** In the notebook: a release as table and chart, what was withheld, a refusal with its ways out, the price of a question. */
import { command, expect, runCells, test } from './guarded';

const OPEN = 'import kernel_guard.client as kg\nstudy = kg.open("demo-hospital")\nperson = study["person"]';
const BY_SEX = 'person.groupby("gender_concept_id").count_patients()';
const BORN = (year: number) => `person[person["year_of_birth"] > ${year}].groupby("gender_concept_id").count_patients().release()`;
const SCRIPT = 'from IPython.display import HTML\nHTML("<script>1</script><svg></svg>")';

test('a release', async ({ page }) => {
  await runCells(page, OPEN, `${BY_SEX}.release()`);
  const release = page.locator('.jp-KernelGuard-release');
  await release.locator('abbr').first().waitFor();
  await expect.soft(release).toHaveScreenshot('release.png');
  await expect.soft(page.locator('.jp-KernelGuard-gutter').last()).toHaveAttribute('data-zone', 'released');

  await runCells(page, 'person.groupby(["gender_concept_id", "race_concept_id"]).count_patients().release()');
  await release.last().getByRole('button').nth(1).click();
  await expect.soft(release.last()).toHaveScreenshot('heat-map.png');
});

test('what was withheld, and a refusal with its ways out', async ({ page }) => {
  await runCells(page, OPEN, SCRIPT);
  await expect.soft(page.locator('.jp-KernelGuard-notice[data-level=withheld]')).toHaveScreenshot('withheld.png');
  await runCells(page, BORN(1985), BORN(1986));
  await expect.soft(page.locator('.jp-KernelGuard-ways')).toHaveScreenshot('ways-out.png');
});

test('what a question will cost', async ({ page }) => {
  await runCells(page, OPEN, BY_SEX);
  await command(page, 'kernel-guard:show-budget');
  const planner = page.locator('.jp-KernelGuard-planner');
  await planner.getByRole('button').first().click();
  await planner.locator('.jp-KernelGuard-curve').waitFor();
  await expect.soft(planner).toHaveScreenshot('planner.png', { mask: [planner.locator('tbody')] });
});
