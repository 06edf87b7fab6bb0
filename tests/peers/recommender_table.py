# SPDX-License-Identifier: Apache-2.0
"""The table of cpu_side_by_side.py --suite recommender, from its data alone."""
import statistics

import cpu_table
import recommender_notes
from recommender_rows import PARTS

PEERS = ("torch", "fbgemm")
PRODUCTS = [name for name, _, labels, binds in PARTS if binds == "fma" and labels != ["interaction"]]


def shapes(rows):
    """Rows of the same work, beside each peer."""
    seen = {}
    for row in rows:
        seen.setdefault((row["of"], row["shape"]), []).append(row)
    return seen


def over_faster(rows):
    """A figure a shape: our speed over that of its faster peer."""
    return [min(statistics.median(cpu_table.ratios(row["kept"])) for row in same) for same in shapes(rows).values()]


def share(rows):
    return [statistics.median(value for row in same for value in cpu_table.shares(row, row["kept"]))
            for same in shapes(rows).values()]


def beyond_cache(row):
    return row["of"] == "1e7 rows, skew 0"


def targets(kept_rows):
    """(key, target, bound, at most?, values)"""
    for dtype in ("f32", "int8"):
        bags = kept_rows.of("bag", dtype=dtype)
        far = [row for row in bags if beyond_cache(row)]
        yield (f"bag-cached-{dtype}", f"embedding_bag {dtype}, in cache or skewed, times the faster peer's speed", 1.2,
               False, over_faster([row for row in bags if not beyond_cache(row)]))
        yield (f"bag-far-{dtype}", f"embedding_bag {dtype}, evenly over 10^7 rows, times the faster peer's speed", 1.0,
               False, over_faster(far))
        yield (f"bag-probe-{dtype}",
               f"embedding_bag {dtype}, evenly over 10^7 rows, of the probe that reads such rows at random", 0.85, False,
               share(far))
    for dtype in ("f32", "bf16"):
        yield (f"model-{dtype}", f"DLRM-DCNv2 {dtype}, end to end, times the speed of torch's faster way", 1.1, False,
               over_faster(kept_rows.of("model", dtype=dtype)))
    parts = kept_rows.of("part", dtype="f32")
    yield ("products", "MLPs and products of cross layers f32, of the FMA probe", 0.88, False,
           share([row for row in parts if row["of"] in PRODUCTS]))
    yield ("interaction", "interaction f32, of the FMA probe", 0.5, False,
           share([row for row in parts if row["of"] == "interaction"]))


HEADINGS = (("bag", "Embedding bags, rows of 128 elements"), ("model", "DLRM-DCNv2, end to end, tables cut to 100,000 rows"),
            ("part", "Parts of a batch"))


def render(data):
    kept_rows = cpu_table.Kept(data)
    table, explained = cpu_table.targets_table(kept_rows, targets)
    lines = ["# CPU: recommenders beside their peers", "", recommender_notes.INTRODUCTION, "", "## Targets", "", *table,
             "", *cpu_table.explanations(kept_rows, targets, recommender_notes.MISSES, explained)]
    for what, heading in HEADINGS:
        if any(row["what"] == what for row in kept_rows.rows):
            lines += ["", f"## {heading}", "", *cpu_table.rows_table(kept_rows.rows, what)]
    lines += ["", *cpu_table.disturbance(kept_rows), "", "## Where and how", "",
              *cpu_table.environment(data, PEERS), cpu_table.counted(kept_rows), "", recommender_notes.METHOD, ""]
    return "\n".join(lines)
