// SPDX-License-Identifier: Apache-2.0
// On paper: rows, charts and notices stay whole, a table's head stands on every page, and what only works on a screen
// is gone.
() => {
  const complaints = [];
  const whole = document.querySelectorAll('tbody tr, figure, .notice, .chart, .tiles > div');
  for (const e of whole)
    if (getComputedStyle(e).breakInside !== 'avoid') complaints.push(`print: a page may end inside: ${pathOf(e)}`);
  for (const e of document.querySelectorAll('thead'))
    if (getComputedStyle(e).display !== 'table-header-group') complaints.push(`print: its head is not repeated: ${pathOf(e)}`);
  for (const e of document.querySelectorAll('thead button')) // a head with a control in it is not repeated
    if (getComputedStyle(e).display !== 'contents') complaints.push(`print: keeps its head from being repeated: ${pathOf(e)}`);
  for (const e of document.querySelectorAll('nav, input, .tools button, .tip, .skip'))
    if (isSeen(e)) complaints.push(`print: is of use on a screen alone: ${pathOf(e)}`);
  for (const e of document.querySelectorAll('.scroll, figure'))
    if (e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== 'visible') complaints.push(`print: cut at its edge: ${pathOf(e)}`);
  return complaints;
}
