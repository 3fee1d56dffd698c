// Starts the real program on a fresh data directory and a free port, for one test file, and stops it by its process id.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

export const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const binary = process.env.COURANT_BINARY ?? path.join(root, 'build', 'release', 'courant');

/** A port that was free a moment ago. The site must know its own, since links in feeds and pages are absolute. */
async function free_port() {
  const probe = net.createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

/** Starts `courant serve` and waits until it says that it serves. `demo` fills it with the demo site. */
export async function start_site({ demo = true, data = fs.mkdtempSync(path.join(os.tmpdir(), 'courant-browser-')), more = [] } = {}) {
  fs.chmodSync(data, 0o755);
  const program = spawn(binary, ['serve', '--data', data, '--listen', `127.0.0.1:${await free_port()}`, '--metrics', '127.0.0.1:0',
    ...(demo ? ['--demo', path.join(root, 'demo')] : []), ...more], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '', complained = '';
  program.stderr.on('data', (bytes) => { complained += bytes; });
  const url = await new Promise((resolve, reject) => {
    program.stdout.on('data', (bytes) => {
      said += bytes;
      const found = /serves (http:\/\/\S+)/.exec(said);
      if (found && said.includes('\nready\n')) resolve(found[1]);
    });
    program.on('exit', (status) => reject(new Error(`courant ended with ${status}: ${complained}`)));
  });
  const accounts = {};
  const file = path.join(data, 'demo-passwords.txt');
  if (fs.existsSync(file))
    for (const line of fs.readFileSync(file, 'utf8').trim().split('\n')) {
      const [login, password, role] = line.split('\t');
      accounts[login] = { login, password, role };
    }
  return {
    url, accounts, data, program,
    async stop() {
      program.removeAllListeners('exit');
      program.kill('SIGTERM');
      if (program.exitCode === null) await once(program, 'exit');
      fs.rmSync(data, { recursive: true, force: true });
    },
  };
}

/** Debian's Chromium, quiet, without its own calls to the outside. */
export function start_browser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

/** Fills in the sign-in form as a person would. */
export async function sign_in(page, site, login) {
  await page.goto(`${site.url}/sign-in`);
  await page.locator('input[name=login]').fill(login);
  await page.locator('input[name=password]').fill(site.accounts[login].password);
  await page.locator('main form button[type=submit]').first().click();
  await page.waitForLoadState();
}

/** The addresses of a page of every kind on the demo site, found by following its links. */
export async function addresses(site) {
  const text = async (address) => (await fetch(site.url + address, { headers: { 'accept-language': 'zh-CN' } })).text();
  const front = await text('/');
  const first = (html, pattern) => { const found = pattern.exec(html); return found ? found[0].slice(6, -1) : null; };
  const article = first(front, /href="\/a\/[^"]+"/);
  const body = article ? await text(article) : '';
  return {
    front: '/', latest: '/latest', article,
    channel: first(front, /href="\/channel\/[^"]+"/),
    author: first(body, /href="\/author\/[^"]+"/),
    tag: first(body, /href="\/tag\/[^"]+"/),
    sign_in: '/sign-in', sign_up: '/sign-up', missing: '/no-such-page',
  };
}
