# SPDX-License-Identifier: Apache-2.0
"""The marks of every chart say their titles to a mouse, a finger and the keyboard."""

MARKS = """[...document.querySelectorAll('svg.chart')].map((svg, i) => {
  const titles = [...svg.children].filter(e => e.querySelector(':scope > title'));
  if (!titles.length) return null;
  svg.scrollIntoView({behavior: 'instant', block: 'center'});
  const spot = m => { const b = m.getBoundingClientRect();
    for (const fx of [.5, .1, .9, .3, .7]) for (const fy of [.5, .2, .8]) {
      const x = Math.round(b.left + b.width * fx), y = Math.round(b.top + b.height * fy);
      if (document.elementFromPoint(x, y) === m) return [x, y];
    } };
  const alone = m => { const at = spot(m); // a finger would find no other there
    return at && [[9, 0], [-9, 0], [0, 9], [0, -9]].every(([dx, dy]) => {
      const other = document.elementFromPoint(at[0] + dx, at[1] + dy);
      return other === m || !titles.includes(other); }); };
  const free = titles.find(alone), mark = free || titles.find(spot);
  return mark && {i, path: pathOf(mark), title: mark.querySelector('title').textContent, at: spot(mark), alone: !!free,
                  count: titles.length};
})"""
DRAWN = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
TIP = "(t => t ? t.textContent : '')(document.querySelector('.tip'))"


def marks(page):
    """Of each chart one that the pointer reaches; its place holds while the page is scrolled there."""
    for i in range(page.value("document.querySelectorAll('svg.chart').length")):
        look = MARKS.replace("document.querySelectorAll('svg.chart')", f"[document.querySelectorAll('svg.chart')[{i}]]")
        page.value(look)  # scrolls there, which lays out what had not been seen
        page.value(DRAWN)
        mark = page.value(look)[0]
        if mark:
            mark["i"] = i
            yield mark


def tips(page):
    for mark in marks(page):
        page.point(1, 1)
        page.point(*mark["at"])
        if page.value(TIP) != mark["title"]:
            yield f"tips: over it {page.value(TIP)!r} is said, not its title {mark['title']!r}: {mark['path']}"
        elif not page.value("(b => b.left >= 0 && b.right <= innerWidth && b.top >= 0 && b.bottom <= innerHeight)"
                            "(document.querySelector('.tip').getBoundingClientRect())"):
            yield f"tips: is not whole in the window: {mark['path']}"
        page.point(1, 1)
        if page.value(TIP):
            yield f"tips: stays when the pointer has left: {mark['path']}"
        page.value(f"document.querySelectorAll('svg.chart')[{mark['i']}].closest('figure').focus({{preventScroll: true}})")
        page.press("End")
        if f"({mark['count']} of {mark['count']}" not in page.value(TIP):
            yield f"tips: the End key leads to {page.value(TIP)!r}, not to mark {mark['count']}: {mark['path']}"
        page.press("Escape")
        if page.value(TIP):
            yield f"tips: Escape leaves it there: {mark['path']}"
        page.value("document.activeElement.blur()")


def touch(page):
    page.call("Emulation.setTouchEmulationEnabled", enabled=True)
    for mark in marks(page):
        if not mark["alone"]:
            continue
        page.tap(*mark["at"])
        if page.value(TIP) != mark["title"]:
            yield f"touch: {page.value(TIP)!r} is said, not its title {mark['title']!r}: {mark['path']}"
        page.tap(1, 1)
    page.call("Emulation.setTouchEmulationEnabled", enabled=False)
