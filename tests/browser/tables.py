# SPDX-License-Identifier: Apache-2.0
"""Sorts, filters and takes away every table of a page, and looks whether that did what it should."""
import csv
import io
import re

import figures

SORTED_FROM, FILTERED_FROM = 4, 9
TABLES = "document.querySelectorAll('main table')"
# Of a table: its columns, which of them hold numbers, and its rows as they are seen.
STATE = """(t => ({
  path: pathOf(t), rows: [...t.tBodies[0].rows].filter(r => getComputedStyle(r).display !== 'none').map(r => [...r.cells].map(c =>
    [...c.childNodes].map(n => (n.nodeName === 'SMALL' ? ' ' : '') + n.textContent).join('').trim())),
  heads: [...t.tHead.rows[0].cells].map(h => ({text: h.textContent, number: h.classList.contains('n'),
    sort: h.getAttribute('aria-sort'), button: !!h.querySelector('button')}))}))(""" + TABLES + "[{}])"
HEAD = TABLES + "[{}].tHead.rows[0].cells[{}].querySelector('button')"
TOOLS = TABLES + "[{}].parentNode.previousElementSibling"


def state(page, table):
    return page.value(STATE.replace("[{}]", f"[{table}]"))


def tables_of(page, rows):
    """Index and state of each that has at least so many rows."""
    for index in range(page.value(TABLES + ".length")):
        table = state(page, index)
        if len(table["rows"]) >= rows:
            yield index, table


def in_order(column, number, rising):
    known = [figures.value_of(text) if number else None if text in ("", "-") else text for text in column]
    while known and known[-1] is None:
        known.pop()
    if None in known:
        return False  # what is unknown stands last
    if not number:
        return True  # words are compared as people do: what matters is that up and down differ
    ranks = [rank for rank, _ in known]
    values = [value for rank, value in known if rank == 0]
    return ranks == sorted(ranks) and values == sorted(values, reverse=not rising)


def is_known(text, number):
    value = figures.value_of(text) if number else (0,)
    return text not in ("", "-") and value is not None and value[0] == 0


def sorting(page):
    for index, before in tables_of(page, SORTED_FROM):
        rows = before["rows"]
        for column, head in enumerate(before["heads"]):
            where = f"{before['path']}, column {head['text']!r}"
            if not head["button"]:
                yield f"sorting: no button in {where}"
                continue
            seen = {}
            for way in ("ascending", "descending", "none"):
                page.value(HEAD.format(index, column) + ".click()")
                now = state(page, index)
                seen[way] = [row[column] for row in now["rows"]]
                if [h["sort"] for h in now["heads"]] != ["none"] * column + [way] + ["none"] * (len(now["heads"]) - column - 1):
                    yield f"sorting: aria-sort is not {way} alone in {where}"
                if sorted(now["rows"]) != sorted(rows):
                    yield f"sorting: rows were lost in {where}"
                if way != "none" and not in_order(seen[way], head["number"], way == "ascending"):
                    yield f"sorting: {way} is {seen[way]} in {where}"
            if now["rows"] != rows:
                yield f"sorting: the third click does not bring the page's own order back in {where}"
            known, down = ([t for t in seen[way] if is_known(t, head["number"])] for way in ("ascending", "descending"))
            if len(set(known)) > 1 and known == down:
                yield f"sorting: up and down are the same in {where}"


def keyboard(page):
    """One header by keyboard: the rest are buttons as it is."""
    for index, table in tables_of(page, SORTED_FROM):
        page.value(HEAD.format(index, 0) + ".focus()")
        page.press("Enter")
        if state(page, index)["heads"][0]["sort"] != "ascending":
            yield f"keyboard: Enter does not sort {table['path']}"
        if page.value("getComputedStyle(document.activeElement).outlineStyle") == "none":
            yield f"keyboard: the focus is not seen in {table['path']}"
        page.value(HEAD.format(index, 0) + ".click()")
        page.value(HEAD.format(index, 0) + ".click()")
        return


def filtering(page):
    for index, before in tables_of(page, FILTERED_FROM):
        rows, tools = before["rows"], TOOLS.format(index)
        if not page.value(f"{tools}.querySelectorAll('input').length"):
            yield f"filtering: no field above {before['path']}"
            continue

        def fill(text):
            page.value(f"(i => {{ i.value = {text!r}; i.dispatchEvent(new Event('input', {{bubbles: true}})); }})"
                       f"({tools}.querySelector('input'))")
            return state(page, index)["rows"], page.value(f"{tools}.querySelector('[aria-live]').textContent")

        word = rows[-1][0].split()[0].lower()
        expected = [row for row in rows if word in " ".join(row).lower()]
        number = [row for row in expected if re.search(r"(^|[^\d.,])2(?!\d|[.,]\d)", " ".join(row))]
        for text, wanted in ((word, expected), (word.upper() + " 2", number), ("no such text <b>\"'", []), ("", rows)):
            left, count = fill(text)
            if left != wanted:
                yield f"filtering: {text!r} leaves {len(left)} rows, not {len(wanted)}, of {before['path']}"
            if str(len(wanted)) not in count.split() or str(len(rows)) not in count.split():
                yield f"filtering: says {count!r} of {len(wanted)} rows of {before['path']}"


def taking_away(page):
    """The CSV of each table holds what its rows say; a spreadsheet runs nothing of it."""
    page.value("""(() => { window.taken = []; const make = URL.createObjectURL;
      URL.createObjectURL = blob => { window.taken.push(blob); return make.call(URL, blob); };
      HTMLAnchorElement.prototype.click = function() { window.named = this.download; }; })()""")
    for index, table in tables_of(page, SORTED_FROM):
        said = page.value(f"""(async () => {{ const b = [...{TOOLS.format(index)}.querySelectorAll('button')].pop();
          b.click(); return (await window.taken.pop().text()) + '\\0' + window.named; }})()""")
        text, name = said.split("\0")
        rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))
        expected = [[h["text"] for h in table["heads"]], *table["rows"]]
        plain = [[cell[1:] if cell[:1] == "'" and cell[1:2] in "=+-@" else cell for cell in row] for row in rows]
        if plain != expected:
            yield f"csv: is not what the rows say in {table['path']}"
        if any(cell[:1] in "=@" and cell for row in rows for cell in row):
            yield f"csv: a formula in {table['path']}"
        if not name.endswith(".csv"):
            yield f"csv: is called {name!r} in {table['path']}"
