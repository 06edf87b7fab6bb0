// SPDX-License-Identifier: Apache-2.0
// Text stands out from what it stands on: 4.5 to 1, large text 3 to 1.
() => {
  const complaints = [], told = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const e = node.parentElement;
    if (!node.data.trim() || e.closest('svg, script, style') || told.has(e) || !isSeen(e)) continue;
    told.add(e);
    const style = getComputedStyle(e), size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const colour = colourOf(style.color), below = backgroundOf(e);
    if (!colour || style.backgroundImage !== 'none') { complaints.push(`contrast: cannot be told: ${pathOf(e)}`); continue; }
    const ratio = contrast(over([...colour.slice(0, 3), colour[3] * opacityOf(e)], below), below);
    if (ratio < (large ? 3 : 4.5)) complaints.push(`contrast: ${ratio.toFixed(2)} to 1: ${excerpt(node.data)} in ${pathOf(e)}`);
  }
  return complaints;
}
