# SPDX-License-Identifier: Apache-2.0
"""Reports that the program makes of a result whose texts would break a page that trusts them, and of very many cases."""
import copy
import json
import pathlib
import re
import subprocess

import examine

HOSTILE = "</script><script>throw new Error('ran')</script><img src=x onerror=alert(1)>\"'&=1+1"
NAMES = {"name", "title", "label", "reason", "why", "model", "op", "os", "source", "warnings", "throttle_reasons"}

MANY = 250  # so that it is laid out as it comes into view


def hostile(value, key=None):
    if isinstance(value, dict):
        return {k: hostile(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [hostile(v, key) for v in value]
    return f"{HOSTILE} {value}" if isinstance(value, str) and key in NAMES else value


def many(result, count):
    """So many cases: those that it has, again and again, at other batches."""
    cases = []
    while len(cases) < count:
        for case in copy.deepcopy(result["cases"]):
            batch = len(cases) + 1
            case["id"] = case["id"].rsplit("=", 1)[0] + f"={batch}"
            case["axes"]["batch"] = batch
            cases.append(case)
    return {**result, "cases": cases[:count]}


def report(assay, result, folder, name, kind="html"):
    """Path of the report."""
    folder = pathlib.Path(folder) / name
    folder.mkdir()
    (folder / "result.json").write_text(json.dumps(result))
    ran = subprocess.run([assay, "report", str(folder), "--format", kind], capture_output=True, text=True)
    if ran.returncode != 0:
        raise RuntimeError(f"assay report of the {name} result: {ran.stderr}")
    return folder / f"report.{kind}"


def printed_wrongly(assay, result, folder):
    """What --format pdf lacks, with the Chromium that is here: a title, pages, structure for screen readers."""
    result = {**json.loads(pathlib.Path(result).read_text()), "title": "Printed title"}
    pdf = report(assay, result, folder, "printed", "pdf").read_bytes()
    for what in (b"/Title (Printed title)", b"/StructTreeRoot", b"/Lang (en)", b"/MarkInfo"):
        if what not in pdf:
            yield f"pdf: there is no {what.decode()} in it"
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    if not 3 <= pages <= 20:
        yield f"pdf: has {pages} pages"


def pages(assay, result, folder):
    """Of each: where it is, and the parts of the examination that it is for, or None for every one."""
    result = json.loads(pathlib.Path(result).read_text())
    # Its words are longer than a column of paper: there the whole page is printed smaller.
    yield report(assay, hostile(result), folder, "hostile"), set(examine.PARTS) - {"layout in print"}
    yield report(assay, many(result, MANY), folder, "many"), ("structure", "layout", "keyboard")
