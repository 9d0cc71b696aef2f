// Lists and filters: select all, commands that need a selection, filter popovers, full text of cut cells.
import { $, $$, on, SETTLED } from "./dom.js";

function count() {
  const table = $('.grid:has(tbody .check)');
  const rows = table ? $$('tbody .check', table) : [];
  const ticked = rows.filter(box => box.checked).length;
  const all = table && $('[data-select-all]', table);
  if (all) {
    all.checked = ticked > 0 && ticked === rows.length;
    all.indeterminate = ticked > 0 && ticked < rows.length;
  }
  for (const number of $$('[data-selected]')) number.textContent = ticked;
  for (const command of $$('[data-needs-selection]')) command.ariaDisabled = ticked ? null : true;
}
on('change', e => {
  const table = e.target.closest('.grid');
  if (!table || !e.target.matches('.check')) return;
  if (e.target.matches('[data-select-all]')) for (const box of $$('tbody .check', table)) box.checked = e.target.checked;
  count();
});
on(SETTLED, count);
count();

on('mouseover', e => {
  const cell = e.target.closest('.grid td, .essentials dd');
  if (cell && !cell.title && cell.scrollWidth > cell.clientWidth) cell.title = cell.textContent.trim();
});

// ---- filter popovers: "All" stands for every value; closing without Apply puts the ticks back ----

const values = pop => $$('[name]:is(.check, .radio):not([data-filter-all])', pop);

on('toggle', e => {
  const pop = e.target;
  if (!pop.matches('[data-filter]')) return;
  if (e.newState === 'open') {
    if ($('[data-filter-all].check', pop)?.checked) for (const box of values(pop)) box.checked = true;
  } else {
    for (const box of $$('.check, .radio', pop)) box.checked = box.defaultChecked;
    for (const text of $$('.input[name]', pop)) text.value = text.defaultValue;
    const search = $('[data-filter-search]', pop);
    if (search?.value) { search.value = ''; narrow(search); }
  }
}, true);

on('change', e => {
  const pop = e.target.closest('[data-filter]');
  const all = pop && $('[data-filter-all].check', pop);
  if (!all) return;
  if (e.target === all) for (const box of values(pop)) box.checked = all.checked;
  else all.checked = values(pop).every(box => box.checked);
});

// "All" needs no parameters, and neither does a filter that was left alone.
on('submit', e => {
  if (!e.target.matches('[data-filters]')) return;
  for (const pop of $$('[data-filter]', e.target)) {
    const open = pop.matches(':popover-open');
    if (!open) for (const box of $$('.check, .radio', pop)) box.checked = box.defaultChecked;
    if ($('[data-filter-all].check', pop)?.checked) for (const box of values(pop)) box.checked = false;
  }
}, true);

function narrow(search) {
  const text = search.value.trim().toLowerCase();
  for (const item of $$('.pop__list li', search.closest('.pop')).slice(1)) item.hidden = !item.textContent.toLowerCase().includes(text);
}
on('input', e => { if (e.target.matches('[data-filter-search]')) narrow(e.target); });
on('keydown', e => {
  if (e.key === 'Enter' && e.target.matches('[data-filter-search]')) e.preventDefault();
});
