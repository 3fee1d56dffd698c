// Strangers' attack vectors, cleaned as an article's body would be, then rendered in Chromium: nothing may run, nothing may be
// fetched from elsewhere without a click, and the browser must build the tree that the cleaner wrote.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, it } from 'node:test';
import { root, start_browser } from './site.mjs';

const data = process.env.COURANT_TEST_DATA;
const archive = data && path.join(data, 'sanitizer.tar.zst');
const skip = !archive || !fs.existsSync(archive) ? 'COURANT_TEST_DATA names no folder with sanitizer.tar.zst' : false;
const cleaner = process.env.COURANT_CLEAN_LINES ?? path.join(root, 'build', 'release', 'tests', 'clean_lines');

let folder, browser;
before(async () => {
  if (skip) return;
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'courant-vectors-'));
  assert.equal(spawnSync('bash', ['-c', `zstd -dc '${archive}' | tar xf - -C '${folder}'`]).status, 0);
  browser = await start_browser();
});
after(async () => {
  await browser?.close();
  if (folder) fs.rmSync(folder, { recursive: true, force: true });
});

/** Every string anywhere in a JSON value, and every line of a text file. */
function* strings(value) {
  if (typeof value === 'string') yield value;
  else if (Array.isArray(value)) for (const one of value) yield* strings(one);
  else if (value && typeof value === 'object') for (const one of Object.values(value)) yield* strings(one);
}
function* files(place) {
  for (const entry of fs.readdirSync(place, { withFileTypes: true }))
    if (entry.isDirectory()) yield* files(path.join(place, entry.name));
    else yield path.join(place, entry.name);
}
function vectors() {
  const all = new Set();
  for (const file of files(folder)) {
    const text = fs.readFileSync(file, 'utf8');
    if (file.endsWith('.json')) for (const one of strings(JSON.parse(text))) all.add(one);
    else for (const line of text.split('\n')) if (line.trim()) all.add(line);
  }
  return [...all];
}
function clean(list) {
  const run = spawnSync(cleaner, { input: list.map((one) => JSON.stringify(one.toWellFormed?.() ?? one)).join('\n') + '\n', encoding: 'utf8', maxBuffer: 1 << 28 });
  assert.equal(run.status, 0, `${cleaner} failed: ${run.error ?? run.stderr}`);
  return run.stdout.trimEnd().split('\n').map((line) => JSON.parse(line));
}

it('leaves nothing that runs of all published vectors', { skip }, async () => {
  const list = vectors();
  assert.ok(list.length > 5000, `${list.length} vectors`);
  const cleaned = clean(list);
  assert.equal(cleaned.length, list.length);
  const page = await (await browser.newContext()).newPage();
  const ran = [], fetched = [];
  page.on('dialog', async (dialog) => { ran.push(`dialog ${dialog.message()}`); await dialog.dismiss(); });
  page.on('popup', () => ran.push('popup'));
  page.on('framenavigated', (frame) => { if (frame.url() !== 'http://vectors.invalid/') ran.push(`navigated ${frame.url()}`); });
  await page.route('**/*', (route) => {
    if (route.request().url() === 'http://vectors.invalid/') return route.fulfill({ contentType: 'text/html', body: '<!doctype html><meta charset=utf-8><body></body>' });
    if (!['image', 'media'].includes(route.request().resourceType())) fetched.push(`${route.request().resourceType()} ${route.request().url()}`);
    return route.abort();
  });
  await page.goto('http://vectors.invalid/');
  await page.evaluate(() => { for (const name of ['alert', 'confirm', 'prompt', 'print']) window[name] = () => { window.caught = (window.caught ?? 0) + 1; }; });
  const batch = 250;
  for (let at = 0; at < cleaned.length; at += batch) {
    const found = await page.evaluate(async (pieces) => {
      const problems = [];
      for (const [index, html] of pieces.entries()) {
        if (html === null) continue;
        const place = document.createElement('div');
        document.body.replaceChildren(place);
        place.innerHTML = html;
        const again = document.createElement('div');
        again.innerHTML = place.innerHTML;
        if (!place.isEqualNode(again)) problems.push([index, 'the tree changes when it is read again']);
        for (const element of place.querySelectorAll('*')) {
          if (/^(script|style|iframe|object|embed|svg|math|form|input|button|select|template|noscript|link|meta|base)$/i.test(element.localName)) problems.push([index, element.localName]);
          for (const attribute of element.attributes) {
            if (/^on|^style$|^srcdoc$|^formaction$/i.test(attribute.name)) problems.push([index, attribute.name]);
            if (/^(href|src|cite|poster|action|xlink:href)$/i.test(attribute.name) && /^(javascript|data|vbscript|blob|file):/i.test(new URL(attribute.value, 'http://vectors.invalid/').protocol)) problems.push([index, attribute.value]);
          }
          for (const kind of ['mouseover', 'focus', 'click', 'toggle']) if (element.localName !== 'a') element.dispatchEvent(new Event(kind, { bubbles: true }));
        }
      }
      await new Promise((resolve) => setTimeout(resolve));
      if (window.caught) problems.push([-1, `${window.caught} calls of alert`]);
      return problems;
    }, cleaned.slice(at, at + batch));
    assert.deepEqual(found.map(([index, what]) => `${what}: ${list[at + index]} -> ${cleaned[at + index]}`), []);
  }
  assert.deepEqual(ran, []);
  assert.deepEqual(fetched, []);
});
