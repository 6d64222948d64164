// The only script. Every page works without it.
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const load = part => import(part.dataset.script);

// ---- relative times
function ago(instant, now = Date.now()) {
  const seconds = (new Date(instant) - now) / 1000, size = Math.abs(seconds);
  const [count, unit] = size < 55 ? [size, 's'] : size < 3300 ? [size / 60, 'min']
    : size < 129600 ? [size / 3600, 'h'] : [size / 86400, 'days'];
  const words = `${Math.round(count)}\u00a0${unit}`;
  return seconds > 0 ? 'in ' + words : words + ' ago';
}
function tick() {
  for (const time of $$('time[datetime][data-rel]')) {
    time.textContent = ago(time.dateTime);
  }
}
tick();
setInterval(tick, 30000);

// ---- command palette: htmx fills its rows
const palette = $('dialog.palette');
if (palette) {
  const input = $('input', palette);
  let at = 0;
  const rows = () => $$('[role=option]', palette);
  const paint = () => rows().forEach((row, i) => {
    row.setAttribute('aria-selected', i === at);
    if (i === at) { input.setAttribute('aria-activedescendant', row.id); row.scrollIntoView({block: 'nearest'}); }
  });
  const go = row => { if (row) location.href = row.dataset.href; };
  const open = () => {
    if (!palette.open) palette.showModal();
    input.select();
    input.dispatchEvent(new Event('palette:open'));
  };
  palette.addEventListener('htmx:afterSwap', () => { at = 0; input.removeAttribute('aria-activedescendant'); paint(); });
  palette.addEventListener('keydown', event => {
    const count = rows().length;
    if (event.key === 'ArrowDown') at = (at + 1) % count;
    else if (event.key === 'ArrowUp') at = (at - 1 + count) % count;
    else if (event.key === 'Enter') { go(rows()[at]); return; }
    else return;
    event.preventDefault(); paint();
  });
  palette.addEventListener('click', event => {
    if (event.target === palette) palette.close(); else go(event.target.closest('[role=option]'));
  });
  for (const link of $$('[data-open=palette]')) link.addEventListener('click', event => { event.preventDefault(); open(); });
  document.addEventListener('keydown', event => {
    if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') { event.preventDefault(); open(); }
  });
}

// ---- shortcuts: data-key="g d", off by profile; the page wins over the shell. data-key-focus only moves the focus
const words = key => $(`main [data-key="${CSS.escape(key)}"]`) || $(`[data-key="${CSS.escape(key)}"]`);
function step(by) {
  const titles = $$('main .list .title'), next = titles[titles.indexOf(document.activeElement) + by];
  if (next) next.focus();
}
// keys of the row in focus: pick it, or press its button with data-row-key
const inRow = selector => () => $(selector, document.activeElement.closest('li') || document.createElement('li'))?.click();
const own = {
  j: () => step(1), k: () => step(-1), '?': () => load($('dialog.keys')).then(sheet => sheet.show()), x: inRow('.pick'), v: inRow('[data-row-key=v]'),
  '[': inRow('[data-row-key="["]'), ']': inRow('[data-row-key="]"]'),
};
let chord = '', forget;
document.addEventListener('keydown', event => {
  if ((event.metaKey || event.ctrlKey) && event.key === 'Enter') { event.target.form?.requestSubmit(); return; }
  if (document.documentElement.dataset.keys === 'off') return;
  if (event.metaKey || event.ctrlKey || event.altKey || event.repeat) return;
  if (event.target.closest('input, textarea, select, [contenteditable], dialog')) return;
  const key = event.key.toLowerCase();
  clearTimeout(forget);
  chord = (chord + ' ' + key).trim();
  forget = setTimeout(() => { chord = ''; }, 700);
  const hit = words(chord) || words(key);
  if (!hit && !own[key]) return;
  event.preventDefault();
  chord = '';
  if (!hit) own[key]();
  else if ('keyFocus' in hit.dataset) hit.focus();
  else hit.click();
});
document.addEventListener('click', event => {
  const source = event.target.closest('[data-copy]');
  if (source) navigator.clipboard.writeText(source.dataset.copy).then(() => { source.textContent = 'Copied'; });
});

// ---- quiet polling: data-poll sends back the last ETag; 304 swaps nothing
const tags = new WeakMap();
document.addEventListener('htmx:configRequest', event => {
  const tag = event.detail.elt.matches('[data-poll]') && tags.get(event.detail.elt);
  if (tag) event.detail.headers['If-None-Match'] = tag;
});
document.addEventListener('htmx:beforeSwap', event => {
  const {xhr, requestConfig} = event.detail;
  if (xhr.status !== 200 || !requestConfig.elt.matches('[data-poll]')) return;
  // what somebody is typing is never replaced
  if ($$('input, textarea', requestConfig.elt).some(field => field.value !== field.defaultValue)) event.detail.shouldSwap = false;
  else tags.set(requestConfig.elt, xhr.getResponseHeader('ETag'));
});

// ---- after a swap; #offline offers to send again
const refused = root => $('[aria-invalid=true]', root)?.focus();
document.addEventListener('htmx:afterSwap', event => { tick(); if (event.detail.xhr.status === 422) refused(document); });
refused(document);
const offline = $('#offline');
if (offline) {
  let failed;
  const show = event => { failed = event.detail.elt; offline.hidden = false; };
  document.addEventListener('htmx:sendError', show);
  document.addEventListener('htmx:timeout', show);
  document.addEventListener('htmx:responseError', event => { if (event.detail.xhr.status >= 500) show(event); });
  document.addEventListener('htmx:afterOnLoad', () => { offline.hidden = true; });
  $('a', offline).addEventListener('click', event => {
    if (failed?.matches('form')) { event.preventDefault(); failed.requestSubmit(); }
  });
}

// ---- graph: a server-drawn SVG moves by a CSS transform
const frame = $('[data-graph]');
if (frame) {
  const svg = $('svg', frame);
  let x = -Number(frame.dataset.x), y = -Number(frame.dataset.y), scale = 1, from = null, moved = false;
  const paint = () => { svg.style.transform = `translate(${x}px, ${y}px) scale(${scale})`; };
  const zoom = (factor, px, py) => {
    const next = Math.min(2.5, Math.max(.15, scale * factor)), real = next / scale;
    x = px - (px - x) * real; y = py - (py - y) * real; scale = next; paint();
  };
  const place = (at, room, size) => size < room ? (room - size) / 2 : Math.min(0, Math.max(room - size, at + room / 2));
  x = place(x, frame.clientWidth, svg.width.baseVal.value); y = place(y, frame.clientHeight, svg.height.baseVal.value);
  frame.addEventListener('pointerdown', event => { from = [event.clientX, event.clientY]; moved = false; });
  addEventListener('pointerup', () => { from = null; });
  addEventListener('pointermove', event => {
    if (!from) return;
    x += event.clientX - from[0]; y += event.clientY - from[1]; from = [event.clientX, event.clientY]; moved = true; paint();
  });
  frame.addEventListener('click', event => { if (moved && event.target.closest('svg')) event.preventDefault(); });
  frame.addEventListener('dragstart', event => event.preventDefault());
  frame.addEventListener('wheel', event => {
    event.preventDefault();
    const box = frame.getBoundingClientRect();
    zoom(event.deltaY > 0 ? 1 / 1.15 : 1.15, event.clientX - box.left, event.clientY - box.top);
  }, {passive: false});
  frame.addEventListener('focusin', event => {
    if (from || !event.target.closest('svg a')) return;
    frame.scrollLeft = frame.scrollTop = 0;
    const box = frame.getBoundingClientRect(), node = event.target.getBoundingClientRect();
    x += Math.max(0, box.left + 9 - node.left) + Math.min(0, box.right - 9 - node.right);
    y += Math.max(0, box.top + 9 - node.top) + Math.min(0, box.bottom - 9 - node.bottom); paint();
  });
  frame.addEventListener('keydown', event => {
    const step = {ArrowLeft: [80, 0], ArrowRight: [-80, 0], ArrowUp: [0, 80], ArrowDown: [0, -80]}[event.key];
    if (step) { x += step[0]; y += step[1]; event.preventDefault(); paint(); }
  });
  for (const button of $$('[data-zoom]', frame)) {
    button.addEventListener('click', () => zoom(Number(button.dataset.zoom), frame.clientWidth / 2, frame.clientHeight / 2));
  }
  paint();
}

// ---- passkeys
for (const button of $$('[data-passkey]')) {
  button.hidden = false;
  button.onclick = () => load(button).then(keys => keys.use(button));
}
