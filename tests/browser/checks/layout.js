// SPDX-License-Identifier: Apache-2.0
// The page does not scroll sideways; what does has a box that the keyboard reaches and that has a name.
() => {
  const complaints = [], root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) {
    complaints.push(`layout: the page is ${root.scrollWidth} px wide in a window of ${root.clientWidth} px`);
    for (const e of document.body.querySelectorAll('*'))
      if (e.getBoundingClientRect().right > root.clientWidth + 1 && isSeen(e)) { complaints.push(`layout: beyond its edge: ${pathOf(e)}`); break; }
  }
  for (const e of document.querySelectorAll('section')) // what is laid out late cuts what is too wide
    if (e.scrollWidth > e.clientWidth) complaints.push(`layout: ${e.scrollWidth} px wide in ${e.clientWidth} px: ${pathOf(e)}`);
  for (const e of document.body.querySelectorAll('*')) {
    if (e.scrollWidth <= e.clientWidth + 1 || !/auto|scroll/.test(getComputedStyle(e).overflowX)) continue;
    if (e.tabIndex < 0) complaints.push(`layout: scrolls, but not by keyboard: ${pathOf(e)}`);
    const named = e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') || e.querySelector(':scope > figcaption');
    if (!named) complaints.push(`layout: scrolls, but has no name: ${pathOf(e)}`);
  }
  return complaints;
}
