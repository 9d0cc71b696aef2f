// What every behaviour is written with.
export const $ = (s, r = document) => r.querySelector(s);
export const $$ = (s, r = document) => [...r.querySelectorAll(s)];

// types: names of events, apart by spaces. Everything is heard on the document, because htmx replaces the rest.
export const on = (types, run, capture) => types.split(' ').forEach(type => document.addEventListener(type, run, capture));

// After every swap, and after Back.
export const SETTLED = 'htmx:afterSettle htmx:historyRestore';
