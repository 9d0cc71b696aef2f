// Context panes, dialogs and popovers. A pane is a native <dialog>: focus trap, Escape and the way back come with it.
import { $, $$, on, SETTLED } from "./dom.js";

on('click', e => {
  const opener = e.target.closest('[data-pane]');
  if (opener) {
    const pane = document.getElementById(opener.dataset.pane);
    if (!pane || opener.matches('[hx-get]')) return; // not on this page, or as it was: the link or the button brings it
    e.preventDefault();
    e.stopImmediatePropagation();
    opener.ariaExpanded = true;
    pane.addEventListener('close', () => { opener.ariaExpanded = false; }, { once: true });
    show(pane);
    return;
  }
  const closer = e.target.closest('[data-close]');
  if (closer) {
    e.preventDefault();
    e.stopImmediatePropagation();
    closer.closest('dialog').close();
  }
}, true);

on('click', e => {
  if (e.target.matches('dialog[data-light-dismiss]')) e.target.close();
});

function show(pane) {
  pane.showModal();
  pane.dispatchEvent(new Event('pane:open', { bubbles: true }));
}

// A pane that the server opened becomes modal; closing it takes ?pane= out of the address.
function adopt() {
  for (const pane of $$('dialog[open]:not(:modal)')) {
    pane.open = false;
    show(pane);
  }
}
on('close', e => {
  const url = new URL(location);
  // Where the page came with the pane open there is nothing to give the focus back to, but its opener.
  if (document.activeElement === document.body) $(`.frame [data-pane="${e.target.id}"]`)?.focus();
  if (!url.searchParams.has('pane')) return;
  url.searchParams.delete('pane');
  history.replaceState(history.state, '', url);
}, true);
on(SETTLED, adopt);
adopt();

// A file is fetched beside the page: its pane has done its work.
on('submit', e => { if (e.target.matches('[data-download]')) e.target.closest('dialog').close(); });

// Openers act as buttons: Space opens, too.
on('keydown', e => {
  if (e.key === ' ' && e.target.matches('a[data-pane], a[data-close]')) {
    e.preventDefault();
    e.target.click();
  }
});

// Popovers are placed by CSS (position-area, implicit anchor); browsers without it get the same place from here.
const anchored = CSS.supports('position-area', 'bottom');
on('toggle', e => {
  const pop = e.target;
  if (!pop.popover) return;
  const opener = $(`[popovertarget="${pop.id}"]`);
  const open = e.newState === 'open';
  if (!opener) return;
  opener.ariaExpanded = open;
  if (!open || anchored) return;
  const at = opener.getBoundingClientRect();
  pop.style.left = `${Math.max(8, Math.min(at.left, innerWidth - pop.offsetWidth - 8))}px`;
  pop.style.top = `${Math.max(8, Math.min(at.bottom, innerHeight - pop.offsetHeight - 8))}px`;
}, true);
