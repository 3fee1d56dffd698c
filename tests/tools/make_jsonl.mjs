// Makes import files of public full-text sets: node tests/tools/make_jsonl.mjs DATA_FOLDER OUT_FOLDER [SET…]
// DATA_FOLDER holds articles-zh/*.jsonl.zst and articles-en/*.jsonl.zst. Writes OUT_FOLDER/NAME.jsonl, as
// docs/operate/import.md describes. Nothing is left out: fields without a place of their own go into "note".
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';

const first_line = (text) => text.trim().split('\n', 1)[0].trim();
const without_first_line = (text) => { const trimmed = text.trim(), end = trimmed.indexOf('\n'); return end < 0 ? '' : trimmed.slice(end + 1); };
/** A title for texts that have none: their first line, cut. */
const made_title = (text) => [...first_line(text)].slice(0, 60).join('') || '(untitled)';
const day = (text) => (/^\d{4}-\d{2}-\d{2}/.test(text ?? '') ? text.slice(0, 10) : undefined);

/** Set → how one of its rows becomes an article. */
const sets = {
  'articles-zh/xwlb': (row) => ({ title: row.title, body: row.html, format: 'html', author: '新闻联播文稿', channel: 'news', time: day(row.date), url: row.url }),
  'articles-zh/sogouc': (row) => ({ title: made_title(row.text), body: row.text, format: 'text', author: `搜狗语料 ${row.category}`, channel: row.category }),
  'articles-zh/thucnews': (row) => ({ title: first_line(row.text).slice(0, 200), body: without_first_line(row.text) || row.text, format: 'text', author: '清华语料', channel: row.category }),
  'articles-zh/fudan': (row) => ({ title: made_title(row.text), body: row.text, format: 'text', author: '复旦语料', channel: row.category }),
  'articles-zh/lctt-markdown': (row) => ({ title: row.title || made_title(row.markdown), body: row.markdown, format: 'markdown', author: 'LCTT', channel: 'technology', time: day(row.date), note: row.file }),
  'articles-zh/cec': (row) => ({ title: row.title, body: row.text, format: 'text', author: 'CEC', channel: row.category, note: row.report_time }),
  'articles-zh/sogoucs-sample': (row) => ({ title: row.title || made_title(row.text), body: row.text, format: 'text', author: '搜狐样本', channel: 'news', url: row.url }),
  'articles-en/bbc': (row) => ({ title: row.title, body: row.text, format: 'text', author: 'BBC set', channel: row.category }),
  'articles-en/reuters21578': (row) => ({ title: row.title || made_title(row.text ?? ''), body: row.text ?? '', format: 'text', author: 'Reuters-21578', channel: 'finance', tags: [...new Set([...(row.topics ?? []), ...(row.places ?? [])])].slice(0, 10), time: day(row.date), note: day(row.date) ? undefined : row.date }),
  'articles-en/agnews': (row) => ({ title: row.title, body: row.summary, format: 'text', author: 'AG News', channel: String(row.category) }),
};

const [data, out, ...wanted] = process.argv.slice(2);
if (!data || !out) {
  console.error('usage: make_jsonl.mjs DATA_FOLDER OUT_FOLDER [SET…]');
  process.exit(2);
}
fs.mkdirSync(out, { recursive: true });
for (const [name, article_of] of Object.entries(sets)) {
  const short = path.basename(name);
  const file = path.join(data, `${name}.jsonl.zst`);
  if ((wanted.length && !wanted.includes(short)) || !fs.existsSync(file)) continue;
  const target = fs.createWriteStream(path.join(out, `${short}.jsonl`));
  const unpack = spawn('zstd', ['-dcq', file]);
  let count = 0;
  for await (const line of readline.createInterface({ input: unpack.stdout, crlfDelay: Infinity })) {
    if (!line.trim()) continue;
    const row = JSON.parse(line);
    const article = { id: row.id === undefined ? undefined : String(row.id), ...article_of(row) };
    if (!target.write(`${JSON.stringify(article)}\n`)) await new Promise((resolve) => target.once('drain', resolve));
    ++count;
  }
  await new Promise((resolve) => target.end(resolve));
  console.log(`${short}: ${count} articles`);
}
