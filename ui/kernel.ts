// The small kernel that every page has: it asks who is looking and fills in what a page kept for all cannot know. Feature scripts
// build on it: `import { when_viewer_known } from '@kernel'`. Pages are whole without any of this.

/** What GET /api/v1/viewer answers. */
export interface Viewer {
  signed_in: boolean;
  name?: string;
  role?: string;
  csrf_token?: string;
  rights?: string[];
  [field: string]: unknown;
}

const kSignedOut: Viewer = { signed_in: false };

export function cookie(name: string): string | undefined {
  const pair = document.cookie.split('; ').find((each) => each.startsWith(`${name}=`));
  return pair?.slice(name.length + 1);
}

/** From now on this browser gets pages from the cache also when signed in, because this script fills them in. */
function remember_script(): void {
  if (cookie('script') === '1') return;
  const secure = location.protocol === 'https:' ? '; Secure' : '';
  document.cookie = `script=1; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
}

async function ask_viewer(): Promise<Viewer> {
  // Readers who are signed out ask nothing.
  if (cookie('member') !== '1') return kSignedOut;
  try {
    const answer = await fetch('/api/v1/viewer', { headers: { Accept: 'application/json' }, credentials: 'same-origin' });
    return answer.ok ? ((await answer.json()) as Viewer) : kSignedOut;
  } catch {
    return kSignedOut;
  }
}

function fill_fields(root: ParentNode, viewer: Viewer): void {
  for (const element of root.querySelectorAll<HTMLElement>('[data-viewer-field]')) {
    const value = viewer[element.dataset.viewerField ?? ''];
    if (typeof value === 'string') element.textContent = value;
  }
  if (viewer.csrf_token === undefined) return;
  for (const input of root.querySelectorAll<HTMLInputElement>('input[name="csrf"]')) input.value = viewer.csrf_token;
}

/** Shows in `root` what is for this viewer and hides what is not. For parts that a script adds later. */
export function show_for(viewer: Viewer, root: ParentNode = document): void {
  for (const element of root.querySelectorAll<HTMLElement>('[data-viewer]'))
    element.hidden = (element.dataset.viewer === 'in') !== viewer.signed_in;
  for (const element of root.querySelectorAll<HTMLElement>('[data-viewer-role]'))
    element.hidden = !(viewer.rights ?? []).includes(element.dataset.viewerRole ?? '');
  fill_fields(root, viewer);
}

let known: Promise<Viewer> | undefined;

/** The viewer of this page, asked once. */
export function when_viewer_known(): Promise<Viewer> {
  known ??= ask_viewer();
  return known;
}

async function start(): Promise<void> {
  const viewer = await when_viewer_known();
  // A page that was made for its viewer already shows the right faces.
  if (viewer.signed_in || cookie('script') === '1') show_for(viewer);
  remember_script();
}

void start();
