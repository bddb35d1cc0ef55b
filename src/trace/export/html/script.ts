/** The page's script: folding, search, keys. The page is whole without it. Only `textContent` ever takes text. */
export const SCRIPT = `
'use strict';
(() => {
  const rows = [...document.querySelectorAll('.row')];
  if (rows.length === 0) return;
  const search = document.getElementById('search');
  const found = document.getElementById('found');
  const trouble = document.getElementById('trouble');
  const parentOf = (row) => (row.dataset.parent ? document.getElementById(row.dataset.parent) : null);
  const isOpen = (row) => row.getAttribute('aria-expanded') !== 'false';
  const canFold = (row) => row.hasAttribute('aria-expanded');
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  let kept = null;

  const show = () => {
    const closed = new Set();
    for (const row of rows) {
      const parent = parentOf(row);
      const below = parent !== null && (closed.has(parent) || (!isOpen(parent) && kept === null));
      if (below) closed.add(row);
      row.hidden = below || (kept !== null && !kept.has(row));
    }
  };
  const select = () => {
    const words = search.value.trim().toLowerCase();
    const only = trouble.getAttribute('aria-pressed') === 'true';
    kept = words === '' && !only ? null : new Set();
    let hits = 0;
    for (const row of rows) {
      const hit = (words === '' || texts.get(row).includes(words)) && (!only || row.dataset.trouble !== undefined);
      row.classList.toggle('miss', kept !== null && !hit);
      if (kept === null || !hit) continue;
      hits++;
      for (let at = row; at !== null && !kept.has(at); at = parentOf(at)) kept.add(at);
    }
    found.textContent = kept === null ? '' : hits + ' of ' + rows.length + ' lines';
    show();
  };
  const setOpen = (row, open) => {
    if (canFold(row)) row.setAttribute('aria-expanded', String(open));
    show();
  };
  const setAll = (open) => {
    for (const row of rows) if (canFold(row)) row.setAttribute('aria-expanded', String(open));
    show();
    if (document.activeElement && document.activeElement.hidden) focus(rows.find((row) => !row.hidden));
  };
  const focus = (row) => {
    if (!row) return;
    for (const other of rows) other.tabIndex = -1;
    row.tabIndex = 0;
    row.focus();
  };
  const details = (row) => {
    const more = row.querySelector('.more');
    if (more) more.hidden = !more.hidden;
  };
  const step = (row, by, fits) => {
    for (let at = rows.indexOf(row) + by; at >= 0 && at < rows.length; at += by) {
      if (!rows[at].hidden && fits(rows[at])) return rows[at];
    }
    return null;
  };
  const any = () => true;
  const bad = (row) => row.dataset.trouble !== undefined;
  const hit = (row) => kept !== null && !row.classList.contains('miss');
  const keys = {
    ArrowDown: (row) => focus(step(row, 1, any)), j: (row) => focus(step(row, 1, any)),
    ArrowUp: (row) => focus(step(row, -1, any)), k: (row) => focus(step(row, -1, any)),
    Home: () => focus(rows.find((row) => !row.hidden)), End: () => focus(rows.findLast((row) => !row.hidden)),
    ArrowRight: (row) => (canFold(row) && !isOpen(row) ? setOpen(row, true) : focus(step(row, 1, any))),
    ArrowLeft: (row) => (canFold(row) && isOpen(row) ? setOpen(row, false) : focus(parentOf(row))),
    Enter: details, ' ': details,
    e: (row) => focus(step(row, 1, bad)), E: (row) => focus(step(row, -1, bad)),
    n: (row) => focus(step(row, 1, hit)), N: (row) => focus(step(row, -1, hit)),
  };
  keys.l = keys.ArrowRight;
  keys.h = keys.ArrowLeft;

  for (const tree of document.querySelectorAll('.tree')) {
    tree.addEventListener('click', (event) => {
      const row = event.target.closest('.row');
      if (!row || event.target.closest('.more')) return;
      if (event.target.closest('.fold')) setOpen(row, !isOpen(row));
      else details(row);
      focus(row);
    });
  }
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === search) {
      if (event.key === 'Escape') { search.value = ''; select(); }
      if (event.key === 'Escape' || event.key === 'Enter') { focus(rows.find((row) => !row.hidden && (kept === null || hit(row)))); event.preventDefault(); }
      return;
    }
    if (event.key === '/') { search.focus(); search.select(); event.preventDefault(); return; }
    if (event.key === 'Escape') { search.value = ''; trouble.setAttribute('aria-pressed', 'false'); select(); return; }
    const row = event.target.closest ? event.target.closest('.row') : null;
    const act = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined;
    if (!act || (!row && (event.key === 'Enter' || event.key === ' '))) return;
    act(row || rows.find((other) => other.tabIndex === 0) || rows[0]);
    event.preventDefault();
  });
  search.addEventListener('input', select);
  trouble.addEventListener('click', () => {
    trouble.setAttribute('aria-pressed', String(trouble.getAttribute('aria-pressed') !== 'true'));
    select();
  });
  document.getElementById('open').addEventListener('click', () => setAll(true));
  document.getElementById('close').addEventListener('click', () => setAll(false));
  document.querySelector('.tools').hidden = false;
})();
`;
