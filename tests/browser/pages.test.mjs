// Every kind of page, in both languages, on a phone and a desk, light and dark: no axe violation (WCAG 2.2 AA), no error of
// the Nu HTML checker, no violation of the content security policy, nothing wider than the screen.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';
import { addresses, root, sign_in, start_browser, start_site } from './site.mjs';

const require = createRequire(import.meta.url);
const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const vnu = require.resolve('vnu-jar/build/dist/vnu.jar');

let site, browser, pages;
before(async () => {
  site = await start_site();
  browser = await start_browser();
  pages = await addresses(site);
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

/** Runs axe in the page; a bypassed CSP is only for bringing axe itself in. */
async function violations(page) {
  await page.evaluate(axe);
  const result = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  return result.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).slice(0, 3).join(' | ')}`);
}

const looks = [
  { name: 'phone, light, Chinese', viewport: { width: 390, height: 844 }, colorScheme: 'light', locale: 'zh-CN' },
  { name: 'desk, dark, Chinese', viewport: { width: 1440, height: 900 }, colorScheme: 'dark', locale: 'zh-CN' },
  { name: 'desk, light, English', viewport: { width: 1440, height: 900 }, colorScheme: 'light', locale: 'en-GB' },
  { name: '320 px, dark, English', viewport: { width: 320, height: 640 }, colorScheme: 'dark', locale: 'en-GB' },
];

describe('every page', () => {
  it('is found from the front page', () => {
    for (const [kind, address] of Object.entries(pages)) assert.ok(address, `no link leads to the ${kind} page`);
  });

  for (const look of looks)
    it(`has no axe violation, keeps its policy and fits: ${look.name}`, async () => {
      const context = await browser.newContext({ ...look, bypassCSP: false });
      await context.addInitScript(() => {
        window.policy_violations = [];
        document.addEventListener('securitypolicyviolation', (event) => window.policy_violations.push(`${event.violatedDirective} ${event.blockedURI}`));
      });
      const page = await context.newPage();
      for (const [kind, address] of Object.entries(pages)) {
        await page.goto(site.url + address);
        assert.deepEqual(await page.evaluate(() => window.policy_violations), [], `${kind}: policy`);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(wide <= 0, `${kind} is ${wide} px wider than the screen`);
        assert.deepEqual(await violations(page), [], `${kind}: axe`);
      }
      await context.close();
    });

  it('has no axe violation when somebody is signed in and writes', async () => {
    const context = await browser.newContext({ viewport: { width: 390, height: 844 }, locale: 'zh-CN' });
    const page = await context.newPage();
    await sign_in(page, site, 'tide-notes');
    for (const address of ['/', '/account', '/account/author', '/my/articles', '/write']) {
      const answer = await page.goto(site.url + address);
      assert.equal(answer.status(), 200, address);
      assert.deepEqual(await violations(page), [], address);
    }
    await context.close();
  });

  it('passes the Nu HTML checker', async () => {
    const folder = fs.mkdtempSync(path.join(site.data, 'nu-'));
    for (const [kind, address] of Object.entries(pages))
      for (const language of ['zh-CN', 'en']) {
        const answer = await fetch(site.url + address, { headers: { 'accept-language': language } });
        fs.writeFileSync(path.join(folder, `${kind}-${language}.html`), await answer.text());
      }
    const run = spawnSync('java', ['-Xss8m', '-jar', vnu, '--format', 'json', '--also-check-css', folder], { encoding: 'utf8', maxBuffer: 1 << 26, cwd: root });
    assert.ok(run.stderr, `the checker did not run: ${run.error}`);
    const errors = JSON.parse(run.stderr).messages.filter((one) => one.type === 'error');
    assert.deepEqual(errors.map((one) => `${path.basename(one.url)}:${one.lastLine} ${one.message} ${one.extract}`), []);
  });
});
