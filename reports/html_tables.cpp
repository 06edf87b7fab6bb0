// SPDX-License-Identifier: Apache-2.0
// What a reader may do with a page's tables: sort, filter, and take away as CSV. The page is whole without
// it, so it makes every control itself. Text of the page only ever becomes text again.
#include "reports/formats.h"

namespace assay {

std::string_view table_script() {
  return R"js((() => {
'use strict';
const SORTED = 4, FILTERED = 9; // rows from which on a table has it
const SCALE = {p: 1e-12, n: 1e-9, '\u00b5': 1e-6, m: 1e-3, k: 1e3, K: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18, Z: 1e21};
const FIGURE = /(-?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?)(?: to [-+\d.,e]+)? ?(?:([pn\u00b5mkKMGTPEZ])(i?)(?:s|B|FLOP|W|J|Hz)\b)?/;
const NEXT = {none: 'ascending', ascending: 'descending', descending: 'none'};
const collator = new Intl.Collator('en', {numeric: true});
const make = (tag, attributes, ...children) => {
  const element = document.createElement(tag);
  for (const name in attributes) element.setAttribute(name, attributes[name]);
  element.append(...children);
  return element;
};
// A second line of a cell stands apart from the first.
const textOf = cell => [...cell.childNodes].map(n => (n.nodeName === 'SMALL' ? ' ' : '') + n.textContent).join('').trim();

// Numbers by their value, then words, and what is unknown last whichever way is up.
const keyOf = (cell, number) => {
  const text = cell ? textOf(cell) : '';
  if (text === '' || text === '-') return {rank: 2, text};
  const found = number && FIGURE.exec(text);
  if (!found) return {rank: number ? 1 : 0, text};
  const [, digits, prefix, binary] = found;
  const scale = !prefix ? 1 : binary ? 1024 ** ('KMGTPE'.indexOf(prefix) + 1) : SCALE[prefix];
  return {rank: 0, text, value: Number(digits.replace(/,/g, '')) * scale};
};
const compare = (a, b) => a.value !== undefined && b.value !== undefined ? a.value - b.value : collator.compare(a.text, b.text);
const sort = (table, rows, head) => {
  const way = NEXT[head.getAttribute('aria-sort')];
  for (const other of table.tHead.rows[0].cells) other.setAttribute('aria-sort', other === head ? way : 'none');
  const number = head.classList.contains('n');
  let sorted = rows;
  if (way !== 'none')
    sorted = rows.map(row => ({row, key: keyOf(row.cells[head.cellIndex], number)}))
      .sort((a, b) => a.key.rank - b.key.rank || (way === 'ascending' ? 1 : -1) * compare(a.key, b.key))
      .map(each => each.row);
  table.tBodies[0].append(...sorted);
};

// What a spreadsheet would run as a formula it gets as text.
const quoted = text => '"' + (/^[=+\-@\t\r]/.test(text) && !/^-?[\d.,]* ?[\w%/]*$/.test(text) ? "'" : '') + text.replace(/"/g, '""') + '"';
const download = (table, name) => {
  const rows = [table.tHead.rows[0], ...table.tBodies[0].rows].filter(row => !row.hidden);
  const csv = rows.map(row => [...row.cells].map(cell => quoted(textOf(cell))).join(',') + '\r\n').join('');
  const url = URL.createObjectURL(new Blob(['\ufeff' + csv], {type: 'text/csv;charset=utf-8'}));
  const link = make('a', {href: url, download: (name.toLowerCase().replace(/[^a-z0-9]+/g, '-').slice(0, 60) || 'table') + '.csv'});
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
};

// Every word anywhere in a row; but a number as one of its own: "device 2" is not at 4.02 ms.
const finder = word => {
  if (!/^\d+$/.test(word)) return text => text.includes(word);
  const number = new RegExp('(^|[^\\d.,])' + word + '(?!\\d|[.,]\\d)');
  return text => number.test(text);
};
const filter = (rows, bar, shown) => {
  const input = make('input', {type: 'search'});
  const texts = rows.map(() => null);
  input.addEventListener('input', () => {
    const finders = input.value.toLowerCase().split(/\s+/).filter(Boolean).map(finder);
    let count = 0;
    rows.forEach((row, i) => {
      texts[i] = texts[i] || [...row.cells].map(textOf).join(' ').toLowerCase();
      row.hidden = !finders.every(find => find(texts[i]));
      count += !row.hidden;
    });
    bar.classList.toggle('filtered', count < rows.length);
    shown.textContent = count + ' of ' + rows.length + ' rows';
  });
  shown.textContent = rows.length + ' rows';
  bar.append(make('label', {}, 'Filter ', input), shown);
};
for (const table of document.querySelectorAll('main table')) {
  const rows = [...table.tBodies[0].rows];
  if (rows.length < SORTED) continue;
  const name = table.caption ? table.caption.textContent : table.getAttribute('aria-label');
  for (const head of table.tHead.rows[0].cells) {
    head.setAttribute('aria-sort', 'none');
    const button = make('button', {type: 'button'}, ...head.childNodes);
    button.addEventListener('click', () => sort(table, rows, head));
    head.append(button);
  }
  const bar = make('div', {class: 'tools'}), csv = make('button', {type: 'button', 'aria-label': 'CSV of the table: ' + name}, 'CSV');
  if (rows.length >= FILTERED) filter(rows, bar, make('output', {'aria-live': 'polite'}));
  csv.addEventListener('click', () => download(table, name));
  bar.append(csv);
  table.parentNode.before(bar);
}
})();
)js";
}

}  // namespace assay
