// SPDX-License-Identifier: Apache-2.0
// Helpers that every check has: where an element stands, whether it is seen, and colours.
const pathOf = element => {
  const parts = [];
  for (let e = element; e && e.nodeType === 1 && e !== document.documentElement; e = e.parentNode) {
    if (e.id) { parts.unshift(e.localName + '#' + e.id); break; }
    const same = e.parentNode ? [...e.parentNode.children].filter(o => o.localName === e.localName) : [e];
    const kind = e.getAttribute('class') ? '.' + e.getAttribute('class').trim().split(/\s+/).join('.') : '';
    parts.unshift(e.localName + kind + (same.length > 1 ? `:nth-of-type(${same.indexOf(e) + 1})` : ''));
  }
  return parts.join(' > ');
};
const excerpt = text => { const t = text.trim().replace(/\s+/g, ' '); return '"' + (t.length > 40 ? t.slice(0, 40) + '...' : t) + '"'; };
const isSeen = element => {
  for (let e = element; e && e.nodeType === 1; e = e.parentNode) {
    const style = getComputedStyle(e);
    if (style.display === 'none' || style.opacity === '0') return false;
  }
  const style = getComputedStyle(element), box = element.getBoundingClientRect();
  return style.visibility === 'visible' && box.right > 0 && box.width > 0 && box.height > 0;
};
// [red, green, blue, alpha] of what getComputedStyle() says.
const colourOf = text => {
  const numbers = (text.match(/-?[\d.]+(e-?\d+)?/g) || []).map(Number);
  if (/^rgba?\(/.test(text)) return [numbers[0], numbers[1], numbers[2], numbers[3] === undefined ? 1 : numbers[3]];
  if (/^color\(srgb/.test(text)) return [255 * numbers[0], 255 * numbers[1], 255 * numbers[2], numbers[3] === undefined ? 1 : numbers[3]];
  return null;
};
const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
const luminance = colour => {
  const [r, g, b] = colour.map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (a, b) => {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
};
// What an element's text stands on: every background beneath it, composited; the canvas below them all.
const backgrounds = new Map();
const canvas = matchMedia('(prefers-color-scheme: dark)').matches && !matchMedia('print').matches ? [18, 18, 18, 1] : [255, 255, 255, 1];
const backgroundOf = element => {
  if (!element || element.nodeType !== 1) return canvas;
  if (!backgrounds.has(element)) {
    const own = colourOf(getComputedStyle(element).backgroundColor) || [0, 0, 0, 0];
    backgrounds.set(element, own[3] === 1 ? own : over(own, backgroundOf(element.parentNode)));
  }
  return backgrounds.get(element);
};
const opacityOf = element => {
  let opacity = 1;
  for (let e = element; e && e.nodeType === 1; e = e.parentNode) opacity *= Number(getComputedStyle(e).opacity);
  return opacity;
};
