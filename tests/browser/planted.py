# SPDX-License-Identifier: Apache-2.0
"""The checks are checked: each fault is planted in a page that is right, and its check must find it."""
import pathlib

SCRIPT = "<script>{}</script></body>"
# Of each: what it does wrong, the part of the examination that must say so, a text of the page and what takes its place.
FAULTS = (
    ("too wide", "layout", "</main>", "<div style='width:1500px'>wide</div></main>"),
    ("a box that the keyboard misses", "layout", 'class="scroll" role="region" tabindex="0"', 'class="scroll" role="region"'),
    ("pale text", "contrast", "</h1>", "</h1><p style='color:#999;background:#fff'>pale</p>"),
    ("text that is half seen through", "contrast", "</h1>", "</h1><p style='opacity:.4'>thin</p>"),
    ("text that is pale in the dark", "contrast", "</h1>", "</h1><p style='color:#444'>dark</p>"),
    ("large text may be paler, but not so", "contrast", "</h1>", "</h1><p style='color:#aaa;background:#fff;font-size:30px'>big</p>"),
    ("small text in charts", "charts", ".chart{font:12px", ".chart{font:10px"),
    ("pale text in charts", "charts", ".c-muted{fill:#5d6878}", ".c-muted{fill:#b0b8c0}"),
    ("pale text on a mark", "charts", "</svg>", '<rect width="200" height="40" class="c-0"/><text x="50" y="20" class="c-ink">on it</text></svg>'),
    ("a pale mark", "charts", ".c-2{fill:#2b7a4b}", ".c-2{fill:#cfe8da}"),
    ("no language", "structure", '<html lang="en">', "<html>"),
    ("a heading left out", "structure", "<h2>Ratios</h2>", "<h4>Ratios</h4>"),
    ("two of one name", "structure", "</h1>", '</h1><p id="content_">twice</p>'),
    ("a link to nowhere", "structure", 'href="#ratios"', 'href="#nowhere"'),
    ("no way past the contents", "structure", 'class="skip" href="#content_"', 'class="skip"'),
    ("a table without a name", "structure", "</main>", "<table><thead><tr><th scope='col'>A</th></tr></thead><tbody></tbody></table></main>"),
    ("a header without scope", "structure", '<th scope="col">Case</th>', "<th>Case</th>"),
    ("a chart without a title", "structure", ' role="img"', ""),
    ("a field without a label", "structure", "</h1>", "</h1><input>"),
    ("a region without a name", "structure", 'aria-labelledby="table_1"', ""),
    ("a button without a name", "structure", "</h1>", "</h1><button></button>"),
    ("a picture without a text", "structure", "</h1>", "</h1><img src='data:,'>"),
    ("two titles", "structure", "</h1>", "</h1><h1>Second</h1>"),
    ("a page that may fetch", "structure", "default-src 'none'", "default-src *"),
    ("a row that a page may end in", "print", "tr,li,", "li,"),
    ("a chart that a page may end in", "print", "break-inside:avoid}\nfigcaption", "}\nfigcaption"),
    ("a head that is not repeated", "print", "thead{display:table-header-group}", "thead{display:table-row-group}"),
    ("a control in a head on paper", "print", "th button{display:contents}", ""),
    ("too wide for paper", "layout in print", "</main>", "<div style='width:800px'>wide</div></main>"),
    ("text that is pale on paper", "contrast in print", "html,body{background:#fff", "p{color:#bbb}html,body{background:#fff"),
    ("hundreds of pages", "pdf", "</main>", "<div style='break-after:page'>page</div>" * 450 + "</main>"),
    ("a field on paper", "print", "nav,.skip,.tip,.tools{display:none}", "nav,.skip,.tip{display:none}"),
    ("a dead button", "without scripts", "</h1>", "</h1><button>Dead</button>"),
    ("numbers as words", "sorting", "const found = number &&", "const found = false &&"),
    ("prefixes that are not heeded", "sorting", "const scale = !prefix ?", "const scale = true ?"),
    ("the unknown first", "sorting", "a.key.rank - b.key.rank ||", "b.key.rank - a.key.rank ||"),
    ("only upwards", "sorting", "(way === 'ascending' ? 1 : -1)", "1"),
    ("a way that is not said", "sorting", "other === head ? way : 'none'", "'none'"),
    ("no way back", "sorting", "let sorted = rows;", "let sorted = [...rows].reverse();"),
    ("a header that is no button", "keyboard", "make('button', {type: 'button'}, ...head.childNodes)", "make('button', {tabindex: -1, disabled: ''}, ...head.childNodes)"),
    ("a focus that is not seen", "keyboard", ":focus-visible{outline:2px solid", ":focus-visible{outline:0 none"),
    ("a filter that does nothing", "filtering", "row.hidden = !finders.every", "row.hidden = false && !finders.every"),
    ("a number that is part of another", "filtering", "if (!/^\\d+$/.test(word))", "if (true)"),
    ("a count that is not said", "filtering", "count + ' of '", "'some of '"),
    ("a quote that ends its cell", "csv", "text.replace(/\"/g, '\"\"')", "text.replace(/m/g, '\"')"),
    ("no tip", "tips", "if (mark) show(mark);", ""),
    ("a tip that stays", "tips", "event.target === shown) hide()", "false) hide()"),
    ("marks that keys do not reach", "tips", "End: Infinity", "End: 0"),
    ("no tip for a finger", "touch", "near.d < 24", "near.d < -1"),
    ("a script that fails", "script", "</body>", SCRIPT.format("throw new Error('planted')")),
    ("a message", "console", "</body>", SCRIPT.format("console.error('planted')")),
    ("a request that the policy stops", "console", "</main>", '<img alt="" src="http://elsewhere.invalid/x.png"></main>'),
    ("a request", "network", "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\">", "default-src *\"><img alt=\"\" src=\"http://elsewhere.invalid/x.png\">"),
)


def missed(page, bases, folder, complaints):
    """What no check found, though it was planted in each page that has the place for it."""
    texts = [pathlib.Path(base).read_text() for base in bases]
    path = pathlib.Path(folder) / "planted.html"
    for name, check, old, new in FAULTS:
        fit = [text for text in texts if old in text]
        if not fit:
            yield f"planted: {name}: no page has {old!r} to replace"
        for text in fit:
            path.write_text(text.replace(old, new))
            if any(complaint.startswith(check.split(" in ")[0] + ":") for complaint in complaints(page, path, [check])):
                break
        else:
            yield f"planted: {name}: {check} did not find it"
