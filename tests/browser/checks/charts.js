// SPDX-License-Identifier: Apache-2.0
// Text of charts is large enough on the screen, and stands out from the mark or page below it; marks stand out from
// the page, 3 to 1. Grid, axes, leaders and shaded bands only guide the eye, and need not.
options => {
  const complaints = [], guides = /\bc-(grid|axis|leader|band|back)\b/;
  for (const chart of document.querySelectorAll('svg.chart')) {
    if (!isSeen(chart)) continue;
    const page = backgroundOf(chart.parentNode), shapes = [];
    for (const e of chart.children) {
      const style = getComputedStyle(e);
      if (e.localName === 'text') {
        const scale = e.getScreenCTM(), px = parseFloat(style.fontSize) * Math.hypot(scale.a, scale.b);
        if (px < options.smallest - 0.05) complaints.push(`charts: text of ${px.toFixed(1)} px: ${excerpt(e.textContent)} in ${pathOf(e)}`);
        const box = e.getBoundingClientRect(), x = box.left + box.width / 2, y = box.top + box.height / 2;
        const under = shapes.filter(s => s.box.left <= x && s.box.right >= x && s.box.top <= y && s.box.bottom >= y).pop();
        const halo = style.paintOrder.startsWith('stroke') && colourOf(style.stroke);
        const below = halo || (under ? under.fill : page), ratio = contrast(over(colourOf(style.fill), below), below);
        if (ratio < 4.5) complaints.push(`charts: text at ${ratio.toFixed(2)} to 1: ${excerpt(e.textContent)} in ${pathOf(e)}`);
        continue;
      }
      if (!/^(rect|path|line|circle|polygon)$/.test(e.localName)) continue;
      const [fill, stroke] = [style.fill, style.stroke].map(colourOf);
      const drawn = [e.localName === 'line' ? null : fill, stroke].filter(c => c && c[3] > 0);
      if (fill && fill[3] > 0 && e.localName !== 'line') shapes.push({box: e.getBoundingClientRect(), fill: over(fill, page)});
      if (drawn.length === 0 || guides.test(e.getAttribute('class'))) continue;
      const best = Math.max(...drawn.map(c => contrast(over(c, page), page)));
      if (best < 3) complaints.push(`charts: a mark at ${best.toFixed(2)} to 1: ${pathOf(e)}`);
    }
  }
  return complaints;
}
