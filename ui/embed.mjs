// Gathers everything that the binary carries besides code, and writes it as one block of bytes with a table:
//   node ui/embed.mjs --out DIR     (DIR gets embedded.bin, embedded.cpp, embedded.txt)
// What goes in, by the path it is found under in the program:
//   web/layout.html                      templates: src/web/*.html, and src/features/articles/*.html as articles/*.html
//   articles/migrations/0001-begin.sql   schema steps
//   messages.json                        all messages*.toml as {"en": {"articles.publish": "Publish", …}, …}
//   assets/site-HASH.js, .css, NAME.svg  bundled, minified; with .gz and .br beside each
// cmake/embed.cmake calls it when one of its inputs is newer.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import zlib from 'node:zlib';
import { build, transform } from 'esbuild';
import { parse } from 'smol-toml';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const out = process.argv[process.argv.indexOf('--out') + 1];
const languages = ['zh-Hans', 'en'];

/** Every file below a folder, sorted, so that the same sources give the same bytes. */
function files_below(folder) {
  if (!fs.existsSync(folder)) return [];
  return fs.readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const full = path.join(folder, entry.name);
      return entry.isDirectory() ? files_below(full) : [full];
    })
    .sort();
}

/** src/features/articles/article.html is articles/article.html in the program; src/web/layout.html is web/layout.html. */
function embedded_path(file) {
  return path.relative(path.join(root, 'src'), file).split(path.sep).join('/').replace(/^features\//, '');
}

function fail(message) {
  console.error(`embed: ${message}`);
  process.exit(1);
}

function flatten(table, prefix, into, file) {
  for (const [key, value] of Object.entries(table)) {
    if (typeof value === 'string') {
      const full = `${prefix}.${key}`;
      if (full in into) fail(`${file}: the message ${full} is there twice`);
      into[full] = value;
    } else if (typeof value === 'object' && !Array.isArray(value)) {
      flatten(value, `${prefix}.${key}`, into, file);
    } else {
      fail(`${file}: ${key} is no text`);
    }
  }
}

/** The module is the folder's name, but in src/web/messages/ the file's. */
function gather_messages(sources) {
  const messages = Object.fromEntries(languages.map((language) => [language, {}]));
  for (const file of sources) {
    const found = /^(.+)\.(zh-Hans|en)\.toml$/.exec(path.basename(file));
    if (!found) continue;
    const folder = path.basename(path.dirname(file));
    const module = folder === 'messages' ? found[1] : folder;
    if (folder !== 'messages' && found[1] !== 'messages') continue;
    try {
      flatten(parse(fs.readFileSync(file, 'utf8')), module, messages[found[2]], path.relative(root, file));
    } catch (error) {
      fail(`${path.relative(root, file)}: ${error.message}`);
    }
  }
  return JSON.stringify(messages);
}

/** One script of all controllers: the kernel first, then each feature's. */
async function bundle_script(sources) {
  const kernel = path.join(root, 'ui', 'kernel.ts');
  const entries = [kernel, ...sources.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts') && !file.startsWith(path.join(root, 'ui')))];
  const result = await build({
    stdin: {
      contents: entries.map((file) => `import ${JSON.stringify(file)};`).join('\n'),
      resolveDir: root,
      loader: 'ts',
    },
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: ['es2020'],
    charset: 'utf8',
    legalComments: 'none',
    alias: { '@kernel': kernel },
    logLevel: 'warning',
  });
  return Buffer.from(result.outputFiles[0].contents);
}

/** Tokens, the other ui/*.css, the features', and what holds on paper. */
async function bundle_style(sources) {
  const style = sources.filter((file) => file.endsWith('.css'));
  const own = style.filter((file) => file.startsWith(path.join(root, 'ui')));
  const tokens = own.filter((file) => path.basename(file) === 'tokens.css');
  const print = style.filter((file) => path.basename(file) === 'print.css');
  const rest = own.filter((file) => !tokens.includes(file) && !print.includes(file));
  const text = [...tokens, ...rest, ...style.filter((file) => !own.includes(file)), ...print]
    .map((file) => fs.readFileSync(file, 'utf8'))
    .join('\n');
  const result = await transform(text, { loader: 'css', minify: true, charset: 'utf8', logLevel: 'warning' });
  return Buffer.from(result.code);
}

function hash_of(bytes) {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}

const embedded = []; // {path, bytes}

function add_asset(name, bytes) {
  const extension = path.extname(name);
  const hashed = `assets/${path.basename(name, extension)}-${hash_of(bytes)}${extension}`;
  embedded.push({ path: hashed, bytes });
  embedded.push({ path: `${hashed}.gz`, bytes: zlib.gzipSync(bytes, { level: 9 }) });
  embedded.push({ path: `${hashed}.br`, bytes: zlib.brotliCompressSync(bytes) });
}

const sources = [...files_below(path.join(root, 'src')), ...files_below(path.join(root, 'ui'))];
for (const file of sources) {
  const as = embedded_path(file);
  if (file.startsWith(path.join(root, 'ui'))) {
    if (file.endsWith('.svg')) add_asset(path.basename(file), fs.readFileSync(file));
  } else if (/\.html$/.test(file) || /\/migrations\/\d{4}-[a-z0-9-]+\.sql$/.test(file)) {
    embedded.push({ path: as, bytes: fs.readFileSync(file) });
  }
}
embedded.push({ path: 'messages.json', bytes: Buffer.from(gather_messages(sources)) });
add_asset('site.js', await bundle_script(sources));
add_asset('site.css', await bundle_style(sources));
embedded.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));

const block = Buffer.concat(embedded.map((file) => file.bytes));
let offset = 0;
const rows = embedded.map((file) => {
  const row = `    {${JSON.stringify(file.path)}, {courant_embedded_block + ${offset}, ${file.bytes.length}}, "${hash_of(file.bytes)}"},`;
  offset += file.bytes.length;
  return row;
});
// The digest stands in code, not in a comment: a compiler cache looks at the preprocessed text and not into the block.
const code = `// Made by ui/embed.mjs; not to be edited.
#include "web/embedded.hpp"

extern "C" {
extern char const courant_embedded_block[];
extern char const courant_embedded_digest[];
}
char const courant_embedded_digest[] = "${createHash('sha256').update(block).digest('hex')}";
asm(".pushsection .rodata\\n"
    ".global courant_embedded_block\\n"
    ".balign 16\\n"
    "courant_embedded_block:\\n"
    ".incbin \\"${path.resolve(out, 'embedded.bin')}\\"\\n"
    ".byte 0\\n"
    ".popsection\\n");

namespace courant::web {

std::span<EmbeddedFile const> embedded_files() {
  static EmbeddedFile const files[] = {
${rows.join('\n')}
  };
  return files;
}

}  // namespace courant::web
`;
fs.mkdirSync(out, { recursive: true });
fs.writeFileSync(path.join(out, 'embedded.bin'), block);
fs.writeFileSync(path.join(out, 'embedded.cpp'), code);
fs.writeFileSync(path.join(out, 'embedded.txt'), embedded.map((file) => `${file.bytes.length}\t${file.path}\n`).join(''));
