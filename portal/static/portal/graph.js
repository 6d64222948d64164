// A graph that the server drew moves by a CSS transform: dragged, by the wheel, by arrows and from node to node.
export function open(frame) {
  const svg = frame.querySelector('svg');
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
  // who walks from node to node by Tab sees where they are
  frame.addEventListener('focusin', event => {
    if (!event.target.closest('svg a')) return;
    frame.scrollLeft = frame.scrollTop = 0;
    const node = event.target.getBoundingClientRect(), box = frame.getBoundingClientRect();
    const inside = node.left >= box.left && node.right <= box.right && node.top >= box.top && node.bottom <= box.bottom;
    if (inside || from) return;
    x += box.left + box.width / 2 - node.left - node.width / 2; y += box.top + box.height / 2 - node.top - node.height / 2; paint();
  });
  frame.addEventListener('keydown', event => {
    const step = {ArrowLeft: [80, 0], ArrowRight: [-80, 0], ArrowUp: [0, 80], ArrowDown: [0, -80]}[event.key];
    if (step) { x += step[0]; y += step[1]; event.preventDefault(); paint(); }
  });
  for (const button of frame.querySelectorAll('[data-zoom]')) {
    button.addEventListener('click', () => zoom(Number(button.dataset.zoom), frame.clientWidth / 2, frame.clientHeight / 2));
  }
  paint();
}
