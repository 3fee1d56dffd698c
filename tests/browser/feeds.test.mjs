// Feeds and sitemap, read by parsers that nobody here wrote.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, it } from 'node:test';
import Parser from 'rss-parser';
import { addresses, start_site } from './site.mjs';

let site, feeds;
before(async () => {
  site = await start_site();
  const pages = await addresses(site);
  feeds = ['/feed.rss', '/feed.atom', `${pages.channel}/feed.rss`, `${pages.channel}/feed.atom`, `${pages.author}/feed.rss`, `${pages.author}/feed.atom`];
});
after(() => site?.stop());

const read = `
import sys, json, feedparser
feed = feedparser.parse(sys.stdin.buffer.read())
print(json.dumps({"bozo": int(feed.bozo), "why": str(feed.get("bozo_exception", "")), "version": feed.version, "title": feed.feed.get("title", ""),
  "entries": [{"id": e.get("id", ""), "link": e.get("link", ""), "title": e.get("title", ""), "when": bool(e.get("published_parsed") or e.get("updated_parsed"))} for e in feed.entries]}))`;

it('feeds are valid for two outside parsers and say the same to both', async () => {
  for (const address of feeds) {
    const answer = await fetch(site.url + address);
    assert.equal(answer.status, 200, address);
    const text = await answer.text();
    const run = spawnSync('/usr/bin/python3', ['-c', read], { input: text, encoding: 'utf8' });
    assert.equal(run.status, 0, run.stderr);
    const first = JSON.parse(run.stdout);
    assert.equal(first.bozo, 0, `${address}: ${first.why}`);
    assert.equal(first.version, address.includes('atom') ? 'atom10' : 'rss20');
    assert.ok(first.entries.length > 0, address);
    const second = await new Parser().parseString(text);
    assert.deepEqual(second.items.map((item) => item.title), first.entries.map((entry) => entry.title), address);
    for (const entry of first.entries) {
      assert.ok(entry.id && entry.when, address);
      assert.equal((await fetch(entry.link)).status, 200, entry.link);
    }
  }
});

it('the sitemap is found through robots.txt and every address in it answers', async () => {
  const robots = await (await fetch(`${site.url}/robots.txt`)).text();
  const index = /^Sitemap: (\S+)$/m.exec(robots);
  assert.ok(index, robots);
  const locations = (xml) => [...xml.matchAll(/<loc>([^<]+)<\/loc>/g)].map((found) => found[1].replaceAll('&amp;', '&'));
  const well_formed = (xml) => assert.equal(spawnSync('xmllint', ['--noout', '-'], { input: xml }).status, 0);
  let pages = [];
  const index_text = await (await fetch(index[1])).text();
  well_formed(index_text);
  for (const map of locations(index_text)) {
    const text = await (await fetch(map)).text();
    well_formed(text);
    pages = pages.concat(locations(text));
  }
  assert.ok(pages.length >= 12, `${pages.length} addresses`);
  for (const page of pages) assert.equal((await fetch(page)).status, 200, page);
});
