// The real program killed with SIGKILL at random moments of publishing and importing, dozens of times: what was acknowledged
// is there afterwards, nothing is half there, and it starts clean.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { root, start_site } from '../browser/site.mjs';

const binary = process.env.COURANT_BINARY ?? path.join(root, 'build', 'release', 'courant');
const data = fs.mkdtempSync(path.join(os.tmpdir(), 'courant-kill-'));
fs.chmodSync(data, 0o755);
after(() => fs.rmSync(data, { recursive: true, force: true }));

/** A repeatable stream of numbers in [0, 1). */
function stream(seed) {
  return () => (seed = (seed * 1664525 + 1013904223) % 4294967296) / 4294967296;
}

/** A signed-in person without a browser. */
class Person {
  constructor(site) { this.site = site; this.cookies = new Map(); }
  async ask(address, options = {}) {
    const answer = await fetch(this.site.url + address, { redirect: 'manual', ...options,
      headers: { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '), origin: this.site.url, 'sec-fetch-site': 'same-origin', ...options.headers } });
    for (const cookie of answer.headers.getSetCookie()) {
      const [name, value] = cookie.split(';', 1)[0].split(/=(.*)/s);
      this.cookies.set(name, value);
    }
    return answer;
  }
  async sign_in(login) {
    const answer = await this.ask('/sign-in', { method: 'POST', body: new URLSearchParams({ login, password: this.site.accounts[login].password }) });
    assert.equal(answer.status, 303, await answer.text());
  }
  /** Publishes and returns the article's address; null when the server went away before it said so. */
  async publish(title) {
    try {
      const form = await (await this.ask('/write')).text();
      const fields = new FormData();
      for (const name of ['csrf', 'version']) fields.set(name, new RegExp(`name="${name}" value="([^"]*)"`).exec(form)?.[1] ?? '');
      const action = /<form class="form" method="post" action="([^"]+)"/.exec(form)[1];
      const channel = [...form.matchAll(/<option value="(\d+)"/g)][0][1];
      for (const [name, value] of Object.entries({ title, channel, format: 'markdown', body: `正文 ${title}。`, act: 'publish' })) fields.set(name, value);
      const answer = await this.ask(action, { method: 'POST', body: fields });
      await answer.text();
      return answer.status === 303 ? `/a/${action.split('/').pop()}` : null;
    } catch {
      return null;
    }
  }
}

describe('kill -9', () => {
  it('while authors publish loses nothing that was acknowledged', async () => {
    const random = stream(20261122);
    const acknowledged = [];
    for (let round = 0; round < 24; ++round) {
      const site = await start_site({ data });
      const people = await Promise.all(['tide-notes', 'old-lanes', 'quiet-compiler'].map(async (login) => {
        const person = new Person(site);
        await person.sign_in(login);
        return person;
      }));
      // What earlier lives acknowledged is there.
      for (const { address, title } of acknowledged.slice(-40)) {
        const answer = await fetch(site.url + address);
        assert.equal(answer.status, 200, `round ${round}: ${address}`);
        assert.match(await answer.text(), new RegExp(title), address);
      }
      site.program.removeAllListeners('exit');
      const stop_after = 1 + Math.floor(random() * 12);
      let count = 0, killed = false;
      await Promise.all(people.map(async (person, who) => {
        for (let n = 0; !killed && n < 20; ++n) {
          const title = `round${round}who${who}n${n}`;
          const address = await person.publish(title);
          if (address) acknowledged.push({ address, title });
          if (++count === stop_after) {
            // The others have requests under way at this very moment.
            killed = true;
            site.program.kill('SIGKILL');
          }
        }
      }));
      if (site.program.exitCode === null && site.program.signalCode === null) await once(site.program, 'exit');
    }
    const site = await start_site({ data });
    for (const { address, title } of acknowledged) assert.match(await (await fetch(site.url + address)).text(), new RegExp(title), address);
    assert.ok(acknowledged.length > 60, `${acknowledged.length} acknowledged`);
    assert.equal(spawnSync(binary, ['audit', 'verify', '--data', data], { encoding: 'utf8' }).status, 0, 'the audit log is whole');
    site.program.kill('SIGTERM');
    await once(site.program, 'exit');
  });

  it('while an archive is imported loses nothing, and a second run finishes it', async () => {
    const random = stream(7);
    const home = fs.mkdtempSync(path.join(os.tmpdir(), 'courant-kill-import-'));
    const file = path.join(home, 'archive.jsonl');
    const total = 6000;
    fs.writeFileSync(file, Array.from({ length: total }, (_, n) => JSON.stringify({ id: n, title: `第 ${n} 篇`, body: `<p>${'正文。'.repeat(300)}</p>`, author: '档案', time: '2020-01-01' })).join('\n'));
    const store = path.join(home, 'data');
    for (let round = 0; round < 20; ++round) {
      const program = spawn(binary, ['import', 'jsonl', file, '--data', store, '--report', path.join(home, 'report.jsonl'), '--set', 'run_as=nobody'], { stdio: 'ignore' });
      const ended = once(program, 'exit');
      const timer = setTimeout(() => program.kill('SIGKILL'), 30 + random() * 400);
      await ended;
      clearTimeout(timer);
    }
    const run = spawnSync(binary, ['import', 'jsonl', file, '--data', store, '--report', path.join(home, 'report.jsonl')], { encoding: 'utf8' });
    assert.equal(run.status, 0, run.stderr);
    const lines = fs.readFileSync(path.join(home, 'report.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
    const totals = lines.at(-1).totals;
    assert.equal((totals.created ?? 0) + (totals['already there'] ?? 0), total, JSON.stringify(totals));
    const articles = new Set(lines.slice(0, -1).map((line) => line.article));
    assert.equal(articles.size, total, 'each item is one article');
    fs.rmSync(home, { recursive: true, force: true });
  });
});
