// The search box of the header: a combobox over the results that htmx fetches.
import { $, $$, on } from "./dom.js";

const ID = 'global-search';
const list = () => $('#global-results');
const options = () => $$('[role=option]:not([aria-disabled])', list());

function mark(chosen) {
  for (const option of options()) option.ariaSelected = option === chosen;
  chosen?.scrollIntoView({ block: 'nearest' });
  $('#' + ID).setAttribute('aria-activedescendant', chosen?.id ?? '');
}

function show(open) {
  list().hidden = !open || !list().firstElementChild;
  $('#' + ID).ariaExpanded = !list().hidden;
  mark();
}

on('htmx:afterSettle', e => { if (e.target.id === 'global-results') show(document.activeElement.id === ID); });

on('keydown', e => {
  if (e.target.id !== ID) return;
  const all = options();
  const at = all.findIndex(option => option.ariaSelected === 'true');
  const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
  if (step) {
    if (list().hidden) show(true);
    mark(all.at((at + step + (at < 0 && step < 0)) % all.length));
  } else if (e.key === 'Enter' && at >= 0) {
    all[at].click();
    show(false);
  } else if (e.key === 'Escape' && !list().hidden) show(false);
  else return;
  e.preventDefault();
});

on('focusin click submit', e => {
  if (list() && (e.type !== 'focusin' || !e.target.closest('.top__search'))) show(e.target.id === ID && e.type === 'click');
});
