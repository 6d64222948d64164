// The sheet of the keys of this page, loaded at the first "?".
export function show() {
  const dialog = document.querySelector('dialog.keys');
  dialog.querySelector('ul').replaceChildren(...[...document.querySelectorAll('[data-key]')].map(hit => {
    const row = document.createElement('li'), cap = document.createElement('kbd');
    const caps = [...hit.querySelectorAll('kbd')].map(node => node.textContent).join('');
    cap.textContent = hit.dataset.key.toUpperCase();
    row.append(cap, (hit.getAttribute('aria-label') || hit.textContent).replace(caps, '').trim());
    return row;
  }));
  dialog.showModal();
}
