// A few journeys, told as a person would: an author publishes, a reader reads, the author corrects and withdraws. Once with
// script and once without.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { root, sign_in, start_browser, start_site } from './site.mjs';

let site, browser;
before(async () => {
  site = await start_site();
  browser = await start_browser();
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

async function write_article(page, title, body) {
  await page.goto(`${site.url}/write`);
  await page.locator('[name=title]').fill(title);
  await page.locator('[name=body]').fill(body);
  const channels = page.locator('select[name=channel] option');
  await page.locator('select[name=channel]').selectOption({ index: (await channels.count()) - 1 });
}

for (const javaScriptEnabled of [true, false])
  describe(javaScriptEnabled ? 'with script' : 'without script', () => {
    const title = `渡口的灯 ${javaScriptEnabled ? '甲' : '乙'}`;
    let article;

    it('an author publishes and a reader who is not signed in sees it everywhere at once', async () => {
      const author = await browser.newContext({ javaScriptEnabled, locale: 'zh-CN' });
      const page = await author.newPage();
      await sign_in(page, site, 'tide-notes');
      await write_article(page, title, '第一段。\n\n## 小标题\n\n第二段，**重要**。<script>alert(1)</script>');
      await page.locator('input[type=file]').first().setInputFiles(path.join(root, 'demo', 'pictures', 'tides.jpg'));
      await page.locator('button[value=publish]').click();
      await page.waitForLoadState();
      const reader = await (await browser.newContext({ javaScriptEnabled, locale: 'zh-CN' })).newPage();
      await reader.goto(site.url);
      const link = reader.getByRole('link', { name: title }).first();
      assert.ok(await link.count(), 'the front page shows it');
      await link.click();
      await reader.waitForLoadState();
      article = reader.url();
      assert.equal(await reader.locator('h1').innerText(), title);
      assert.equal(await reader.locator('article h2, main h2').first().innerText(), '小标题');
      assert.equal(await reader.locator('main script:not([type="application/ld+json"])').count(), 0);
      for (const feed of ['/feed.rss', '/feed.atom']) assert.match(await (await fetch(site.url + feed)).text(), new RegExp(title));
      await author.close();
    });

    it('its author withdraws it and it is gone everywhere at once, then brings it back', async () => {
      const author = await browser.newContext({ javaScriptEnabled, locale: 'zh-CN' });
      const page = await author.newPage();
      await sign_in(page, site, 'tide-notes');
      await page.goto(`${site.url}/my/articles`);
      await page.getByRole('link', { name: title }).first().click();
      await page.waitForLoadState();
      await page.locator('button[value=withdraw], form[action$="/withdraw"] button').first().click();
      await page.waitForLoadState();
      assert.equal((await fetch(article)).status, 410);
      for (const list of ['/', '/latest', '/feed.rss', '/feed.atom']) assert.doesNotMatch(await (await fetch(site.url + list)).text(), new RegExp(title), list);
      await page.goto(`${site.url}/my/articles`);
      await page.getByRole('link', { name: title }).first().click();
      await page.waitForLoadState();
      await page.locator('button[value=undo], form[action$="/undo"] button').first().click();
      await page.waitForLoadState();
      assert.equal((await fetch(article)).status, 200);
      await author.close();
    });

    it('somebody signs up, and a mistake in the form is explained beside its field', async () => {
      const context = await browser.newContext({ javaScriptEnabled, locale: 'en-GB' });
      const page = await context.newPage();
      await page.goto(`${site.url}/sign-up`);
      await page.locator('input[name=name]').fill('Mira Holm');
      await page.locator('input[name=login]').fill(`mira-${javaScriptEnabled ? 'a' : 'b'}`);
      await page.locator('input[name=password]').fill('short');
      await page.locator('main form').first().evaluate((form) => form.setAttribute('novalidate', ''));
      await page.locator('main form button[type=submit]').first().click();
      await page.waitForLoadState();
      assert.equal(await page.locator('input[name=password][aria-invalid=true]').count(), 1);
      assert.equal(await page.locator('input[name=name]').inputValue(), 'Mira Holm', 'what was typed is still there');
      await page.locator('input[name=password]').fill('a longer pass phrase 7');
      await page.locator('main form button[type=submit]').first().click();
      await page.waitForLoadState();
      await page.goto(`${site.url}/account`);
      assert.equal(await page.locator('main input[name=name]').inputValue(), 'Mira Holm');
      await context.close();
    });
  });
