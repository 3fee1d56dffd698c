// Import files for measuring: node bench/make_articles.mjs OUT.jsonl COUNT [BYTES]   (docs/operate/import.md)
// COUNT articles of about BYTES (6,000) bytes of text; always the same ones. The first is longer: its page has about 40 KB.
import fs from 'node:fs';

const [out, count, bytes = '6000'] = process.argv.slice(2);
const words = ('城市 河流 桥梁 工程 记者 表示 今年 项目 完成 数据 增长 发展 研究 人员 认为 市场 企业 产业 技术 服务 地区 计划 问题 公司 ' +
  '政策 生活 环境 学校 学生 居民 交通 铁路 港口 天气 预报 水位 潮汐 春天 夜晚 灯光 街道 博物馆 展览 音乐 导演 电影 比赛 球队 教练 医院').split(' ');
let state = 20261122;
const random = (below) => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return Math.floor(state / 4294967296 * below); };
function text(size) {
  let html = '', length = 0;
  while (length < size) {
    let paragraph = '';
    for (let sentence = 0; sentence < 3; ++sentence) {
      for (let i = 0; i < 18; ++i) paragraph += words[random(words.length)];
      paragraph += `${random(1000)}。`;
    }
    html += `<p>${paragraph}</p>\n`;
    length += Buffer.byteLength(paragraph);
  }
  return html;
}

const file = fs.openSync(out, 'w');
let lines = '';
for (let i = 0; i < Number(count); ++i) {
  lines += `${JSON.stringify({ id: i, title: `${words[random(words.length)]}${words[random(words.length)]}：第 ${i} 号报道`,
    body: text(i === 0 ? 33_000 : Number(bytes)), slug: i === 0 ? 'long-page' : undefined, author: `作者 ${i % 50}`, channel: `bench-${i % 8}`,
    tags: [words[random(words.length)]], time: new Date(1.6e12 + i * 1000).toISOString() })}\n`;
  if (lines.length > 1 << 20 || i + 1 === Number(count)) { fs.writeSync(file, lines); lines = ''; }
}
