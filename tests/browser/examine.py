# SPDX-License-Identifier: Apache-2.0
"""Everything that is asked of one page."""
import itertools
import os
import re

import tables
import tips

SMALLEST = 11  # px of text in charts
WIDTHS = (390, 1440)
A4 = 703  # px between the margins of a report's paper
PAGES_AT_MOST = 400
PAGES = {"one-page.html": 1}  # of documents that promise it


def checked(name, **options):
    return lambda page: page.check(name, **options)


def unscripted(page):
    yield from page.check("without_scripts")
    for width in WIDTHS:
        page.look(width)
        yield from (f"{complaint} ({width} px, without scripts)" for complaint in page.check("layout"))


def in_every_look(name, schemes=("light", "dark"), **options):
    def look(page):
        for width, scheme in itertools.product(WIDTHS, schemes):
            page.look(width, scheme)
            yield from (f"{complaint} ({width} px, {scheme})" for complaint in page.check(name, **options))
    return look


def on_a_telephone(part):
    def look(page):
        page.look(WIDTHS[0])
        yield from part(page)
    return look


def on_paper(part):
    def look(page):
        page.look(A4, "light", "print")
        yield from (f"{complaint} (in print)" for complaint in part(page))
    return look


def as_pdf(page):
    printed = page.pdf()
    pages = len(re.findall(rb"/Type\s*/Page\b", printed))
    most = PAGES.get(os.path.basename(page.path), PAGES_AT_MOST)
    if not printed.startswith(b"%PDF-") or not 0 < pages <= most:
        yield f"pdf: {len(printed)} bytes of {pages} pages"


# In this order; tips at one width stand in the way of nothing at the next.
PARTS = {
    "without scripts": unscripted,
    "structure": checked("structure"),
    "sorting": tables.sorting,
    "keyboard": tables.keyboard,
    "filtering": tables.filtering,
    "csv": tables.taking_away,
    "tips": tips.tips,
    "layout": in_every_look("layout", ("light",)),
    "contrast": in_every_look("contrast"),
    "charts": in_every_look("charts", smallest=SMALLEST),
    "touch": on_a_telephone(tips.touch),
    "print": on_paper(checked("print")),
    "layout in print": on_paper(checked("layout")),
    "contrast in print": on_paper(checked("contrast")),
    "pdf": on_paper(as_pdf),
}


def complaints(page, path, only=None):
    """Texts, each with the check's name before a colon; of the parts `only`, or of every one."""
    scripts = None
    for name, part in PARTS.items():
        if only is not None and name not in only:
            continue
        if scripts != (name != "without scripts"):
            if scripts is not None:
                yield from page.unasked()
            scripts = name != "without scripts"
            page.look()
            page.open(path, scripts)
        yield from part(page)
    if not scripts:
        page.open(path)
    yield from page.unasked()
