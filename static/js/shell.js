// The frame: boosted pages, notifications, navigation, menu, keyboard. Everything here has a server-rendered fallback.
import { $, $$, on, SETTLED } from "./dom.js";

const root = document.documentElement;
root.dataset.js = '';

// ---- pages fetched by htmx ----

// An answer without a blade (sign-in, another frame) or with another theme is shown as a page of its own.
on('htmx:beforeSwap', e => {
  const { xhr, target, isError } = e.detail;
  if (target.id === 'blade' && !isError && !xhr.response.includes('id="blade"')) {
    e.detail.shouldSwap = false;
    location.assign(xhr.responseURL);
  }
});

function failed(e) {
  const { requestConfig, target } = e.detail;
  if (requestConfig?.verb === 'get' && target?.id === 'blade' && e.type === 'htmx:responseError') location.assign(requestConfig.path);
  else $('#toasts').append($('#toast-failed').content.cloneNode(true));
}
on('htmx:responseError htmx:sendError', failed);

// After a swap of the blade the focus is on what changed: the bar of a refused form or an open pane (both focus
// themselves), the filter that was applied, what opened the pane that was answered, else the title, which announces the
// page.
let focusAfter = '';
on('submit', e => {
  if (e.target.method === 'post') $('#toasts').replaceChildren(); // what an earlier attempt said is over
  const filter = document.activeElement?.closest('[data-filter]');
  const pane = document.activeElement?.closest('dialog');
  focusAfter = filter ? `#${filter.dataset.filter}` : pane ? `.frame [data-pane="${pane.id}"]` : '';
});
on('htmx:afterSettle', e => {
  if (e.target.id !== 'blade' && e.target !== document.body) return;
  const blade = $('#blade');
  if (!blade || blade.contains(document.activeElement)) return;
  ((focusAfter && $(focusAfter)) || $('#blade-title') || $('#main'))?.focus();
  focusAfter = '';
});

// ---- notifications ----

// What takes longer than half a second says so until it is answered. The form may name it in data-progress.
let slow;
on('htmx:beforeRequest', e => {
  const { elt, requestConfig } = e.detail;
  if (requestConfig.verb === 'post' && elt.matches('[hx-boost] form:not([hx-post])')) slow = setTimeout(() => {
    const toast = $('#toast-progress').content.cloneNode(true);
    if (elt.dataset.progress) $('strong', toast).textContent = elt.dataset.progress;
    $('#toasts').append(toast);
  }, 500);
});
on('htmx:afterRequest', e => {
  if (e.detail.requestConfig.verb !== 'post') return;
  clearTimeout(slow);
  $('#toasts [data-toast="progress"]')?.remove();
});

setInterval(() => {
  for (const toast of $$('.toasts [data-toast="success"]')) {
    const age = toast.matches(':hover, :focus-within') ? 0 : +(toast.dataset.age ?? 0) + 1;
    if (age >= 5) toast.remove();
    else toast.dataset.age = age;
  }
}, 1000);
on('click', e => { e.target.closest('[data-toast-close], [data-dismiss]')?.closest('.toast, .msg').remove(); });

// ---- left navigation and menu column ----

const label = (button, open, what) => {
  button.ariaExpanded = open;
  button.ariaLabel = `${open ? 'Collapse' : 'Expand'} ${what}`;
};

on('submit', e => {
  if (!e.target.matches('[data-nav-toggle]')) return;
  e.preventDefault();
  const open = root.dataset.nav === 'collapsed';
  root.dataset.nav = open ? '' : 'collapsed';
  label($('button', e.target), open, 'side menu');
  fetch(e.target.action, { method: 'POST', body: new FormData(e.target), redirect: 'manual' });
});

// A narrow window begins with what the page is about; a wide one keeps the column as it was left.
const small = matchMedia('(max-width: 767px)');
let wanted = true;
const menu = open => {
  const button = $('[data-menu-toggle]');
  if (!button) return;
  button.closest('.split').dataset.menu = open ? 'open' : 'collapsed';
  label(button, open, 'menu');
};
const begin = () => menu(wanted && !small.matches);
on('click', e => {
  const button = e.target.closest('[data-menu-toggle]');
  if (button) menu(wanted = button.ariaExpanded !== 'true');
});
on(SETTLED, () => { if ($('.split:not([data-menu])')) begin(); });
small.onchange = begin;
begin();

on('input', e => {
  if (!e.target.matches('[data-menu-filter]')) return;
  const text = e.target.value.trim().toLowerCase();
  const menu = e.target.closest('.menu');
  let hits = 0;
  for (const list of $$('ul', menu)) {
    let shown = 0;
    for (const item of list.children) {
      item.hidden = !item.textContent.toLowerCase().includes(text);
      shown += !item.hidden;
    }
    const heading = list.previousElementSibling;
    if (heading?.matches('h2')) heading.hidden = !shown;
    hits += shown;
  }
  $('.menu__none', menu).hidden = hits > 0;
  $('[data-menu-hits]', menu).textContent = text && hits ? `${hits} results` : '';
});
on('keydown', e => {
  if (e.key !== 'Escape' || !e.target.matches('[data-menu-filter]')) return;
  e.preventDefault();
  e.target.value = '';
  e.target.dispatchEvent(new Event('input', { bubbles: true }));
});

// ---- title menu ----

on('click', e => {
  if (!e.target.closest('[data-copy-link]')) return;
  navigator.clipboard?.writeText(location.href);
  $('#blade-more').hidePopover();
});

// ---- keyboard: Ctrl+/ and G followed by a key; G may be held down ----

const go = {
  ',': () => $('.commands .cmd'),
  '.': () => ($('.top').contains(document.activeElement) ? $('.nav a') : $('.top__btn')),
  '/': () => ($('#global-search')?.offsetParent ? $('#global-search') : $('.top__find')),
  b: () => $('.nav a[title="All services"]'),
  d: () => $('.nav a[title="Dashboard"]'),
};
let pressed = 0;
on('keydown', e => {
  if (e.ctrlKey && e.key === '/') {
    e.preventDefault();
    menu(true);
    $('[data-menu-filter]')?.focus();
    return;
  }
  if (!('singleKeys' in root.dataset) || e.ctrlKey || e.altKey || e.metaKey || e.target.matches('textarea, select, input:not([type=checkbox], [type=radio])')) return;
  const key = e.key.toLowerCase();
  if (key === 'g') {
    pressed = Date.now();
    return;
  }
  const target = Date.now() - pressed < 1500 && go[key]?.();
  pressed = 0;
  if (!target) return;
  e.preventDefault();
  target[key < 'a' ? 'focus' : 'click']();
});
