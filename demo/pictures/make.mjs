// Draws the demo's pictures: each is an SVG made by the functions below, rendered to JPEG by Chromium.
// Run: node demo/pictures/make.mjs [NAME…]   (needs `npm ci` and Chromium; CHROMIUM names another one)
import { chromium } from 'playwright-core';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const kWidth = 1280, kHeight = 720;
const here = path.dirname(fileURLToPath(import.meta.url));

/** A repeatable stream of numbers in [0, 1), so that a picture comes out the same each time. */
function stream(seed) {
  return () => {
    seed = (seed * 1664525 + 1013904223) % 4294967296;
    return seed / 4294967296;
  };
}
const range = (n) => Array.from({ length: n }, (_, i) => i);
const rect = (x, y, w, h, fill, more = '') => `<rect x="${x}" y="${y}" width="${w}" height="${h}" fill="${fill}" ${more}/>`;
const circle = (x, y, r, fill, more = '') => `<circle cx="${x}" cy="${y}" r="${r}" fill="${fill}" ${more}/>`;
const line = (points, stroke, width, more = '') =>
  `<polyline points="${points.map((p) => p.map((n) => n.toFixed(1)).join(',')).join(' ')}" fill="none" stroke="${stroke}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round" ${more}/>`;
const area = (points, fill) => `<polygon points="${points.map((p) => p.map((n) => n.toFixed(1)).join(',')).join(' ')}" fill="${fill}"/>`;
const sky = (from, to) => `<defs><linearGradient id="sky" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${from}"/><stop offset="1" stop-color="${to}"/></linearGradient></defs>${rect(0, 0, kWidth, kHeight, 'url(#sky)')}`;

const pictures = {
  tides() {
    const level = (x) => 400 - 90 * Math.sin(x / 51) - 55 * Math.sin(x / 102 + 0.6);
    const curve = range(161).map((i) => [i * 8, level(i * 8)]);
    const moons = range(5).map((i) => circle(190 + i * 225, 110, 34, '#f4ecd0') + circle(190 + i * 225 + (i - 2) * 17, 110, 34, '#12324a', `opacity="${i === 2 ? 0 : 0.92}"`));
    const marks = range(9).map((i) => rect(60, 200 + i * 50, i % 2 ? 22 : 40, 3, '#f4ecd0', 'opacity=".7"'));
    return sky('#12324a', '#1d5570') + area([...curve, [1280, 720], [0, 720]], '#2f86a6') +
      area([...curve.map(([x, y]) => [x, y + 70]), [1280, 720], [0, 720]], '#256f8e') + line(curve, '#bfe6ef', 6) + moons.join('') + marks.join('');
  },
  wall() {
    const random = stream(7);
    let out = rect(0, 0, kWidth, kHeight, '#e7e0d2');
    for (const row of range(13)) for (const column of range(12)) {
      const x = column * 116 - (row % 2) * 58 + 4, tone = 92 + Math.floor(random() * 34);
      const old = column < 2 && row > 3;
      out += rect(x, row * 57 + 4, 108, 49, `rgb(${tone},${tone + 10},${tone + 18})`, `rx="${old ? 14 : 3}"`);
      if (old) out += circle(x + 20 + random() * 60, row * 57 + 24, 8 + random() * 9, '#cfc7b6');
    }
    return out + `<path d="M960 560 l130 -170 60 46 -130 170z" fill="#9aa4ab"/><path d="M1120 410 l70 -92" stroke="#7a4b2a" stroke-width="34" stroke-linecap="round"/>`;
  },
  jars() {
    const jar = (x, fill, level, label) => rect(x, 210, 240, 380, '#ffffff', 'rx="36" opacity=".55"') +
      rect(x + 14, 576 - level, 212, level, fill, 'rx="26"') + rect(x + 22, 168, 196, 50, '#8a6a43', 'rx="12"') +
      rect(x + 62, 340, 116, 70, '#fffdf6', 'rx="8"') + `<text x="${x + 120}" y="388" font-size="38" text-anchor="middle" fill="#4a3a22" font-family="serif">${label}</text>`;
    return sky('#f7ecd5', '#e6d2ab') + rect(0, 590, kWidth, 130, '#b98d58') + jar(150, '#e0a83e', 110, '1') + jar(520, '#d98b3a', 210, '3') + jar(890, '#c46f3c', 310, '6+');
  },
  runners() {
    const runner = (x, y, coat) => circle(x, y - 118, 22, '#f0c9a4') + `<path d="M${x} ${y - 94} l-8 70 -44 62 M${x - 8} ${y - 24} l40 40 -6 60 M${x} ${y - 84} l38 34 30 -20 M${x} ${y - 84} l-40 26 -8 34" stroke="${coat}" stroke-width="18" fill="none" stroke-linecap="round" stroke-linejoin="round"/>`;
    const random = stream(3);
    return sky('#0c1630', '#27406b') + range(60).map(() => circle(random() * 1280, random() * 240, 1 + random() * 2, '#fff')).join('') +
      range(22).map((i) => { const h = 60 + random() * 150; return rect(i * 60, 400 - h, 54, h, '#16233f') + (random() > .4 ? rect(i * 60 + 12, 420 - h, 10, 14, '#f5d27a') : ''); }).join('') +
      rect(0, 400, kWidth, 130, '#31558c') + range(14).map(() => rect(random() * 1200, 410 + random() * 110, 60 + random() * 80, 3, '#8fb4dd', 'opacity=".6"')).join('') +
      rect(0, 530, kWidth, 190, '#23293b') + runner(420, 640, '#e8623f') + runner(600, 655, '#e9c04a') + runner(790, 640, '#5cc0a3');
  },
  charge() {
    const power = (x) => (x < .08 ? 90 + x * 900 : x < .45 ? 162 - x * 40 : x < .8 ? 170 - x * 75 : 110 - (x - .8) * 420);
    const curve = range(101).map((i) => [140 + i * 10, 610 - Math.max(power(i / 100), 22) * 2.6]);
    return sky('#0f2a26', '#1c4a3f') + range(6).map((i) => rect(140, 610 - i * 84, 1000, 2, '#ffffff', 'opacity=".15"')).join('') +
      rect(940, 110, 200, 500, '#f2b134', 'opacity=".16"') + area([...curve, [1140, 610], [140, 610]], '#4fd1a5') + line(curve, '#d8fff0', 7) +
      rect(140, 610, 1000, 4, '#d8fff0') + range(5).map((i) => `<text x="${140 + i * 250}" y="660" font-size="30" text-anchor="middle" fill="#d8fff0" font-family="sans-serif">${i * 25}%</text>`).join('') +
      '<path d="M250 90 l-46 92 40 0 -22 78 78 -106 -42 0 34 -64z" fill="#f2b134"/>';
  },
  library() {
    const random = stream(11), colours = ['#b4472f', '#d99a3c', '#486b6b', '#7c8f5a', '#8c5a78', '#c9b28a'];
    let books = '';
    for (const row of range(4)) { let x = 330; while (x < 930) { const w = 12 + random() * 20, h = 56 + random() * 24; books += rect(x, 292 + row * 92 - h, w, h, colours[Math.floor(random() * 6)]); x += w + 2; } books += rect(326, 292 + row * 92, 618, 8, '#6b4526'); }
    return sky('#0b1020', '#1b2340') + rect(0, 0, 260, 720, '#141a2e') + rect(1020, 0, 260, 720, '#141a2e') + rect(260, 90, 760, 630, '#2a2f45') + rect(310, 190, 660, 420, '#f7cf7d') + books +
      rect(630, 190, 14, 420, '#2a2f45') + rect(260, 640, 760, 80, '#1c2135') + `<polygon points="310,610 970,610 1120,720 160,720" fill="#f7cf7d" opacity=".28"/>` + circle(640, 150, 16, '#fff2cf');
  },
  projector() {
    const machine = (x) => rect(x, 380, 210, 150, '#2d2f36', 'rx="14"') + circle(x + 60, 320, 74, '#44474f') + circle(x + 60, 320, 18, '#1c1d22') + circle(x + 150, 590, 66, '#44474f') + circle(x + 150, 590, 16, '#1c1d22') +
      rect(x + 210, 428, 70, 46, '#5a5e68') + range(5).map((i) => circle(x + 60 + 44 * Math.cos(i * 1.257), 320 + 44 * Math.sin(i * 1.257), 14, '#2d2f36')).join('');
    return sky('#1b1410', '#3a2718') + `<polygon points="450,440 1280,120 1280,470 450,470" fill="#ffe9b0" opacity=".5"/><polygon points="860,452 1280,330 1280,640 860,474" fill="#ffe9b0" opacity=".22"/>` + rect(0, 650, kWidth, 70, '#22170f') + machine(160) + machine(570) + circle(1215, 160, 16, '#fff');
  },
  terminal() {
    return sky('#e9e4d8', '#d4cbb6') + rect(0, 540, kWidth, 180, '#8d6f4d') + rect(330, 150, 520, 400, '#cfc6ae', 'rx="34"') + rect(376, 196, 428, 290, '#0d1b12', 'rx="20"') +
      range(8).map((i) => rect(408, 232 + i * 30, [300, 180, 340, 120, 260, 310, 90, 24][i], 10, '#4be37f', `opacity="${i === 7 ? 1 : .75}"`)).join('') + rect(520, 540, 140, 24, '#b8ae94') +
      rect(960, 420, 130, 140, '#b5583a', 'rx="14"') + [[1024, 420, -50], [1024, 420, -10], [1024, 420, 34], [1024, 420, 64]].map(([x, y, a]) => `<ellipse cx="${x}" cy="${y - 90}" rx="24" ry="96" fill="#4f8a54" transform="rotate(${a} ${x} ${y})"/>`).join('');
  },
  shadow() {
    return sky('#f6d58f', '#fbeecb') + circle(160, 130, 66, '#fff3c4') + rect(0, 520, kWidth, 200, '#c7b594') + rect(560, 120, 110, 400, '#8a7462') + `<polygon points="545,120 685,120 615,20" fill="#6a4a3c"/>` +
      `<polygon points="560,520 670,520 1250,640 1130,650" fill="#6b5d49" opacity=".55"/>` + rect(240, 400, 9, 170, '#5a3b22') + `<polygon points="240,570 249,570 470,618 456,622" fill="#6b5d49" opacity=".7"/>` +
      circle(196, 424, 24, '#e7b98f') + rect(172, 448, 48, 84, '#c8503c', 'rx="16"') + rect(178, 528, 14, 54, '#34405c') + rect(200, 528, 14, 54, '#34405c') + `<path d="M214 470 l28 -18" stroke="#e7b98f" stroke-width="12" stroke-linecap="round"/>`;
  },
  nightbus() {
    const random = stream(21);
    return sky('#0a1024', '#1f2b52') + range(50).map(() => circle(random() * 1280, random() * 260, 1.4, '#fff')).join('') + range(6).map((i) => `<path d="M${i * 260 - 60} 560 q130 -170 260 0" fill="none" stroke="#3c466e" stroke-width="26"/>`).join('') + rect(0, 500, kWidth, 60, '#3c466e') +
      rect(0, 600, kWidth, 120, '#142044') + range(20).map(() => rect(random() * 1200, 610 + random() * 100, 40 + random() * 80, 3, '#f6d27a', 'opacity=".5"')).join('') +
      rect(330, 300, 600, 190, '#d8433b', 'rx="26"') + range(5).map((i) => rect(356 + i * 112, 326, 96, 84, '#ffe7a8', 'rx="8"')).join('') + [[404, '#3a4a6b'], [628, '#5b3b52'], [740, '#2f5a4e']].map(([x, c]) => circle(x, 368, 18, '#7a5a45') + rect(x - 24, 384, 48, 26, c, 'rx="10"')).join('') + circle(440, 494, 38, '#10131f') + circle(820, 494, 38, '#10131f') + `<polygon points="930,430 1240,470 1240,520 930,470" fill="#ffe7a8" opacity=".35"/>`;
  },
  keyboard() {
    const layer = (y, h, fill, more = '') => rect(150, y, 980, h, fill, `rx="10" ${more}`);
    return sky('#2a2438', '#463a5c') + range(7).map((i) => `<path d="M${190 + i * 132} 260 l16 -86 h72 l16 86z" fill="${['#f3e9dc', '#e9b872', '#f3e9dc', '#f3e9dc', '#90c2a8', '#f3e9dc', '#d9795d'][i]}"/>` + rect(222 + i * 132, 268, 40, 76, '#f06d5a', 'rx="6"')).join('') + layer(344, 24, '#c9ccd6') + layer(384, 40, '#7fa8a0', 'opacity=".7"') + layer(440, 22, '#2f7d4f') + layer(478, 30, '#d7c7a0', 'opacity=".8"') + `<path d="M130 520 h1020 l-30 96 h-960z" fill="#1d1829"/>` +
      range(4).map((i) => `<path d="M${1160 + i * 22} ${250 - i * 16} q26 60 0 ${120 + i * 32}" fill="none" stroke="#f3e9dc" stroke-width="6" opacity="${.9 - i * .2}"/>`).join('');
  },
  linen() {
    const random = stream(5);
    return sky('#dfe9ee', '#f4f1e8') + rect(760, 60, 420, 480, '#bcd7e6') + rect(960, 60, 14, 480, '#f7f4ee') + rect(760, 290, 420, 14, '#f7f4ee') + rect(740, 540, 460, 26, '#f7f4ee') +
      `<path d="M420 150 q0 -50 40 -50 q36 0 30 36" fill="none" stroke="#7d6b55" stroke-width="8"/><path d="M460 150 l-170 70 -70 200 80 34 40 -90 0 300 250 0 0 -300 40 90 80 -34 -70 -200 -170 -70z" fill="#e6dcc6"/><path d="M440 160 l22 40 28 -40" fill="none" stroke="#b9ab8f" stroke-width="6"/>` +
      range(26).map(() => { const x = 350 + random() * 220, y = 250 + random() * 380; return line([[x, y], [x + 16 + random() * 26, y + 14 - random() * 28], [x + 50 + random() * 20, y + random() * 12]], '#cbbd9f', 3); }).join('') + range(5).map((i) => circle(464, 230 + i * 84, 6, '#8a7a5f')).join('');
  },
};

const wanted = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] });
const page = await browser.newPage({ viewport: { width: kWidth, height: kHeight } });
for (const [name, draw] of Object.entries(pictures)) {
  if (wanted.length && !wanted.includes(name)) continue;
  await page.setContent(`<style>body{margin:0}svg{display:block}</style><svg xmlns="http://www.w3.org/2000/svg" width="${kWidth}" height="${kHeight}" viewBox="0 0 ${kWidth} ${kHeight}">${draw()}</svg>`);
  await page.screenshot({ path: path.join(here, `${name}.jpg`), type: 'jpeg', quality: 82 });
}
await browser.close();
