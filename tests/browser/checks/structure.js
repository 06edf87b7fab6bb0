// SPDX-License-Identifier: Apache-2.0
// What a screen reader goes by: language, headings, names of tables, charts, boxes and controls.
() => {
  const complaints = [], say = (what, e) => complaints.push(`structure: ${what}${e ? ': ' + pathOf(e) : ''}`);
  if (!document.documentElement.lang) say('the page has no language');
  if (!document.title.trim()) say('the page has no title');
  if (!document.querySelector('main')) say('the page has no main');
  const policy = document.querySelector('meta[http-equiv="Content-Security-Policy"]');
  if (!policy || !policy.content.startsWith("default-src 'none'")) say('the page may fetch from elsewhere');
  let level = 0;
  for (const h of document.querySelectorAll('h1, h2, h3, h4, h5, h6')) {
    const own = Number(h.localName[1]);
    if (own > level + 1) say(`a heading of level ${own} follows one of level ${level}`, h);
    if (!h.textContent.trim()) say('an empty heading', h);
    level = own;
  }
  if (document.querySelectorAll('h1').length !== 1) say('not one heading of level 1');
  const ids = new Set();
  for (const e of document.querySelectorAll('[id]')) { if (ids.has(e.id)) say(`a second element is called ${e.id}`, e); ids.add(e.id); }
  for (const link of document.querySelectorAll('a[href^="#"]')) if (!ids.has(decodeURIComponent(link.hash.slice(1)))) say('a link to nowhere', link);
  const first = document.body.querySelector('a[href], button, input, [tabindex]');
  if (!first || first.closest('nav') || !/^#/.test(first.getAttribute('href') || '')) say('no link skips to the content');
  const nameOf = e => (e.getAttribute('aria-label') || (e.getAttribute('aria-labelledby') || '').split(/\s+/)
    .map(id => { const of = id && document.getElementById(id); return of ? of.getAttribute('aria-label') || of.textContent : ''; }).join(' ')).trim();
  for (const table of document.querySelectorAll('table')) {
    if (!(table.caption && table.caption.textContent.trim()) && !nameOf(table)) say('a table without a name', table);
    for (const th of table.querySelectorAll('th')) if (!th.scope) say('a header without scope', th);
    if (!table.querySelector('thead th')) say('a table without column headers', table);
    for (const th of table.querySelectorAll('thead th')) if (!th.textContent.trim()) say('an empty column header', th);
  }
  for (const svg of document.querySelectorAll('svg')) {
    if (svg.getAttribute('role') !== 'img') say('a chart that is no image', svg);
    if (!svg.querySelector(':scope > title') || !svg.querySelector(':scope > desc')) say('a chart without title and description', svg);
    if (!nameOf(svg)) say('a chart without a name', svg);
  }
  for (const e of document.querySelectorAll('[role=region]')) if (!nameOf(e)) say('a region without a name', e);
  for (const e of document.querySelectorAll('button')) if (!e.textContent.trim() && !nameOf(e)) say('a button without a name', e);
  for (const e of document.querySelectorAll('input')) if (!(e.labels && e.labels.length) && !nameOf(e)) say('a field without a label', e);
  for (const e of document.querySelectorAll('img')) if (!e.hasAttribute('alt')) say('a picture without a text', e);
  return complaints;
}
