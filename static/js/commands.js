// The command bar: one tab stop, overflow into ⋯. A greyed out command does nothing by its markup alone: its balloon says
// why, or the server does where nothing is ticked.
import { $, $$, on, SETTLED } from "./dom.js";

const items = bar => $$('.cmd', bar).filter(item => !item.hidden);

on('keydown', e => {
  const bar = e.target.closest('[role="toolbar"]');
  const step = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity }[e.key];
  if (!bar || !step || !e.target.matches('.cmd')) return;
  e.preventDefault();
  const all = items(bar);
  const next = all[Math.max(0, Math.min(all.length - 1, all.indexOf(e.target) + step))];
  for (const item of all) item.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
});

const watcher = new ResizeObserver(entries => entries.forEach(entry => fit(entry.target)));

function fit(bar) {
  const menu = document.getElementById('command-overflow');
  const more = $('.cmd__more', bar);
  if (!menu || !more || bar.contains(document.activeElement) && menu.matches(':popover-open')) return;
  const all = bar.commands ??= [...bar.children].filter(item => item !== more);
  const held = document.activeElement;
  if (menu.firstChild) more.before(...all);
  more.hidden = true;
  if (bar.scrollWidth > bar.clientWidth && getComputedStyle(bar).flexWrap === 'nowrap') {
    more.hidden = false;
    for (const item of all.filter(item => !item.matches('[data-keep]')).reverse()) {
      if (bar.scrollWidth <= bar.clientWidth && !item.matches('.cmd__sep')) break;
      menu.prepend(item);
    }
    for (const item of $$('.cmd', menu)) item.tabIndex = 0;
  }
  if (bar.contains(held)) held.focus();
  items(bar).forEach((item, n) => { item.tabIndex = n ? -1 : 0; });
}

function start() {
  watcher.disconnect();
  for (const bar of $$('.commands')) {
    fit(bar);
    watcher.observe(bar);
  }
}
on(SETTLED, start);
document.fonts.ready.then(start);
start();

// A command that takes over the filters of the list shown (an export).
on('click', e => {
  const link = e.target.closest('a[data-follow-query]');
  if (link) link.search = location.search;
}, true);
