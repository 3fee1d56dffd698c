// How soon what is published is seen: signs in as a demo author, publishes, and asks for article, channel, front page and
// feed until the title is there: node bench/publish_visible.mjs URL LOGIN PASSWORD [TIMES]   ->   median  max (milliseconds)
// The clock runs from the moment when the publishing request was answered.
const [url, login, password, times = '20'] = process.argv.slice(2);
const cookies = new Map();

async function ask(address, options = {}) {
  const answer = await fetch(url + address, { redirect: 'manual', ...options,
    headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '), origin: url, 'sec-fetch-site': 'same-origin', ...options.headers } });
  for (const cookie of answer.headers.getSetCookie?.() ?? [answer.headers.get('set-cookie')].filter(Boolean)) {
    const [name, value] = cookie.split(';', 1)[0].split(/=(.*)/s);
    cookies.set(name, value);
  }
  return answer;
}

async function publish(title) {
  const form = await (await ask('/write')).text();
  const fields = new FormData();
  for (const name of ['csrf', 'version']) fields.set(name, new RegExp(`name="${name}" value="([^"]*)"`).exec(form)?.[1] ?? '');
  const action = /<form class="form" method="post" action="([^"]+)"/.exec(form)[1];
  const channel = [...form.matchAll(/<option value="(\d+)"/g)][0][1];
  for (const [name, value] of Object.entries({ title, channel, format: 'markdown', body: `正文 ${title}。`, act: 'publish' })) fields.set(name, value);
  const answer = await ask(action, { method: 'POST', body: fields });
  await answer.text();
  if (answer.status !== 303) throw new Error(`publishing answered ${answer.status}`);
  return `/a/${action.split('/').pop()}`;
}

/** Asks as a stranger, without cookies, as the page cache sees it. */
async function seen(address, title) {
  const answer = await fetch(url + address);
  return answer.ok && (await answer.text()).includes(title);
}

const answer = await ask('/sign-in', { method: 'POST', body: new URLSearchParams({ login, password }) });
if (answer.status !== 303) throw new Error(`signing in answered ${answer.status}`);
const home = await (await fetch(`${url}/`)).text();
const feed = /<link[^>]+type="application\/(?:atom|rss)\+xml"[^>]+href="([^"]+)"/.exec(home)?.[1].replace(url, '') ?? '/feed.xml';
const results = [];
for (let i = 0; i < Number(times); ++i) {
  const title = `刚刚发布 ${process.pid}-${i}`;
  const article = await publish(title);
  const begin = performance.now();
  const channel = /class="[^"]*channel[^"]*"[^>]*href="(\/channel\/[^"]+)"|href="(\/channel\/[^"]+)"/.exec(await (await fetch(url + article)).text());
  const places = [article, '/', feed, ...(channel ? [channel[1] ?? channel[2]] : [])];
  let missing = places;
  while (missing.length) {
    const found = await Promise.all(missing.map((place) => seen(place, title)));
    missing = missing.filter((_, place) => !found[place]);
    if (performance.now() - begin > 10_000) throw new Error(`not seen after 10 s: ${missing}`);
  }
  results.push(performance.now() - begin);
}
results.sort((a, b) => a - b);
console.log(`${results[results.length >> 1].toFixed(1)} ${results[results.length - 1].toFixed(1)}`);
