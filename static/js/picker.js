// The group picker: ticks survive a search, Selected items follow, Cancel puts everything back.
import { $, $$, on } from "./dom.js";

const chosen = picker => $('[data-picker-chosen]', picker);
const boxes = picker => $$('[data-picker-list] input', picker);
const item = (picker, id) => $(`[data-id="${CSS.escape(id)}"]`, chosen(picker));

// The list ticks what is chosen, and the count follows.
function tally(picker) {
  for (const box of boxes(picker)) box.checked = Boolean(item(picker, box.value));
  const section = chosen(picker);
  const n = $$('li', $('ul', section)).length;
  $('[data-picker-count]', section).textContent = n;
  $('.chosen__none', section).hidden = n > 0;
}

function add(picker, id, box) {
  const section = chosen(picker);
  if (item(picker, id)) return;
  const row = $('template', section).content.cloneNode(true).firstElementChild;
  row.dataset.id = id;
  const label = box.closest('.pick');
  const name = $('[data-name]', label).textContent;
  $('.avatar', row).replaceWith($('.avatar', label).cloneNode(true));
  $('[data-name]', row).textContent = name;
  $('[data-picker-remove]', row).setAttribute('aria-label', `Remove ${name}`);
  $('ul', section).append(row);
  carry(picker);
}

// Every chosen group travels with the form, whether the list shows it or not.
function carry(picker) {
  const { name, form } = chosen(picker).dataset;
  for (const row of $$('li[data-id]', chosen(picker))) {
    if ($('input', row)) continue;
    const input = document.createElement('input');
    input.type = 'hidden';
    input.name = name;
    input.value = row.dataset.id;
    input.setAttribute('form', form);
    row.append(input);
  }
}

on('change', e => {
  const picker = e.target.closest('[data-picker]');
  if (!picker || !e.target.closest('[data-picker-list]')) return;
  if (e.target.type === 'radio') for (const row of $$('li[data-id]', chosen(picker))) row.remove();
  if (e.target.checked) add(picker, e.target.value, e.target);
  else item(picker, e.target.value)?.remove();
  tally(picker);
});

on('click', e => {
  const button = e.target.closest('[data-picker-remove]');
  if (!button) return;
  e.preventDefault();
  const picker = button.closest('[data-picker]');
  button.closest('li').remove();
  tally(picker);
  $('input[type=search]', picker).focus();
});

// Enter in the search field searches; it must not submit the form around.
on('keydown', e => {
  if (e.key === 'Enter' && e.target.matches('[data-picker] input[type=search]')) e.preventDefault();
});

on('htmx:afterSettle', e => {
  const picker = e.target.closest?.('[data-picker]');
  if (picker) tally(picker);
});

// What was chosen when the pane opened comes back unless Select is pressed.
const before = new WeakMap();
on('pane:open', e => {
  if (!e.target.matches('[data-picker]')) return;
  carry(e.target);
  before.set(e.target, $('ul', chosen(e.target)).cloneNode(true));
  e.target.returnValue = '';
});
on('close', e => {
  const picker = e.target;
  if (!picker.matches('[data-picker]') || picker.returnValue === 'select' || !before.has(picker)) return;
  $('ul', chosen(picker)).replaceWith(before.get(picker));
  tally(picker);
}, true);
on('click', e => {
  const select = e.target.closest('[data-picker-select]');
  if (select) select.closest('dialog').returnValue = 'select';
}, true);
