// Unsaved edits: edited rows turn violet, and leaving asks first.
import { $, $$, on } from "./dom.js";

let leaving = false;
const guard = () => $('form[data-dirty-guard]');
const edited = () => !leaving && guard() && $('#blade .row[data-dirty]');

const changed = control => {
  if (control.matches('[type=radio], [type=checkbox]')) return control.checked !== control.defaultChecked;
  if (control.matches('select')) return [...control.options].some(option => option.selected !== option.defaultSelected);
  return control.value !== control.defaultValue;
};

on('input', e => {
  const row = e.target.closest('form[data-dirty-guard] .row');
  // "server" marks a value that differs from what is saved although the page was drawn with it
  if (row && row.dataset.dirty !== 'server') row.toggleAttribute('data-dirty', $$('input, select, textarea', row).some(changed));
});

on('submit', e => { if (!e.defaultPrevented) leaving = true; });
on('htmx:afterRequest', () => { leaving = false; });
addEventListener('pageshow', () => { leaving = false; });
addEventListener('beforeunload', e => { if (edited()) e.preventDefault(); });

// Links are caught before htmx sees them. A step of the same wizard ([data-keep]) asks only for what is not stored yet.
let wanted;
on('click', e => {
  const link = e.target.closest('a[href]');
  if (!link || link.target || link.closest('dialog') || e.ctrlKey || e.metaKey || e.shiftKey) return;
  const draft = !leaving && guard()?.dataset.dirtyGuard === 'dirty' && !link.matches('[data-keep]');
  const dialog = $('#discard');
  if (!dialog || link.getAttribute('href').startsWith('#') || !(edited() || draft)) return;
  e.preventDefault();
  e.stopImmediatePropagation();
  wanted = link;
  dialog.showModal();
}, true);
on('click', e => {
  if (!e.target.closest('[data-discard-ok]')) return;
  leaving = true;
  e.target.closest('dialog').close();
  wanted.click();
});

on('change', e => {
  if (e.target.matches('[data-submit-on-change]')) e.target.form.requestSubmit();
});
