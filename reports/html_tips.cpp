// SPDX-License-Identifier: Apache-2.0
// A mark of a chart says its title where the pointer, a finger or the arrow keys are. Without it the
// browser's own tip says the same to a mouse alone.
#include "reports/formats.h"

namespace assay {

std::string_view tip_script() {
  return R"js((() => {
'use strict';
const clamp = (value, low, high) => Math.max(low, Math.min(value, high));
const tip = document.createElement('div');
tip.className = 'tip';
tip.setAttribute('role', 'status');
document.body.append(tip);
let shown = null;
const hide = () => {
  if (shown) shown.firstElementChild.textContent = shown.dataset.said;
  tip.textContent = tip.style.left = tip.style.top = ''; // nor may it widen the page where it was
  shown = null;
};
const show = (mark, place) => {
  if (mark === shown) return;
  hide();
  shown = mark;
  const title = mark.firstElementChild;
  mark.dataset.said = title.textContent;
  title.textContent = ''; // else the browser's own tip stands beside this one
  tip.textContent = mark.dataset.said + (place || '');
  const box = mark.getBoundingClientRect(), own = tip.getBoundingClientRect(), above = box.top - own.height - 6;
  tip.style.left = scrollX + clamp(box.left + box.width / 2 - own.width / 2, 4, document.documentElement.clientWidth - own.width - 4) + 'px';
  tip.style.top = scrollY + clamp(above < 4 ? box.bottom + 6 : above, 4, innerHeight - own.height - 4) + 'px';
};
const marksOf = chart => [...chart.querySelectorAll('.chart > * > title')].map(title => title.parentNode);
const markAt = node => node.parentNode && node.parentNode.classList && node.parentNode.classList.contains('chart') &&
  node.firstElementChild && node.firstElementChild.nodeName === 'title' ? node : null;
const distance = (mark, x, y) => { // to the edge of a bar; to the middle of what may have any form
  const box = mark.getBoundingClientRect(), bar = mark.localName === 'rect', w = bar ? 0 : box.width / 2, h = bar ? 0 : box.height / 2;
  return Math.hypot(x - clamp(x, box.left + w, box.right - w), y - clamp(y, box.top + h, box.bottom - h));
};
addEventListener('pointerover', event => { const mark = markAt(event.target); if (mark) show(mark); });
addEventListener('pointerout', event => { if (event.pointerType === 'mouse' && event.target === shown) hide(); });
addEventListener('pointerdown', event => { // a finger is wider than a mark
  if (event.pointerType === 'mouse') return;
  const chart = event.target.closest('.chart');
  const hit = markAt(event.target), near = hit ? {mark: hit, d: 0} : chart ? marksOf(chart).map(mark => ({mark, d: distance(mark, event.clientX, event.clientY)})).sort((a, b) => a.d - b.d)[0] : null;
  if (near && near.d < 24) show(near.mark); else hide();
});
const walk = (figure, step) => {
  const marks = marksOf(figure), at = marks.indexOf(shown);
  if (marks.length === 0) return;
  const to = clamp(at < 0 ? 0 : at + step, 0, marks.length - 1);
  marks[to].scrollIntoView({behavior: 'instant', block: 'nearest', inline: 'nearest'});
  show(marks[to], ' (' + (to + 1) + ' of ' + marks.length + ', arrow keys)');
};
addEventListener('focusin', event => { if (event.target.matches('figure:focus-visible')) walk(event.target, 0); });
addEventListener('focusout', hide);
addEventListener('resize', hide);
addEventListener('keydown', event => {
  const step = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity}[event.key];
  if (event.key === 'Escape') hide();
  if (!step || !event.target.matches('figure') || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  walk(event.target, step);
});
})();
)js";
}

}  // namespace assay
