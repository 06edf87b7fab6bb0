#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Packs the series of result files into a text that tests read: nothing but draws, in units of 100 ns.

    tests/data/noise/pack.py CONDITION RESULT... >> tests/data/noise/CONDITION.txt

A line begins each run: "run CONDITION STARTED [ID SIDE BLOCKS...]", the part in brackets where it was interleaved. Then a
line a figure: "CASE METRIC SERIES | BLOCK BLOCK ... | ...", sessions between bars, the draws of a block between commas.
Of the figures those that configs/limits/default.json asks about: medians of times that are no shares of a peak."""
import json
import sys

UNIT = 1e-7


def lines(condition, result):
    turns = result.get("interleaving")
    yield " ".join(["run", condition, result["started_at"],
                    *([turns["id"].replace(" ", "_"), turns["side"], *turns["blocks"]] if turns else [])])
    for case in result["cases"]:
        seen = set()
        for name, metric in sorted(case["metrics"].items(), key=lambda item: item[1]["better"] != "lower"):
            if metric["statistic"] != "median" or metric["peak_of"] or metric["of"] in seen:
                continue
            seen.add(metric["of"])
            series = case["series"][metric["of"]]
            blocks = [",".join(str(round(draw / UNIT)) for draw in block) for block in series["blocks"]]
            yield f"{case['id']} {name} {metric['of']} " + " ".join(sessions(blocks, series["sessions"]))


def sessions(blocks, sizes):
    at = 0
    for size in sizes or [len(blocks)]:
        yield "|"
        yield from blocks[at:at + size]
        at += size


for path in sys.argv[2:]:
    with open(path) as file:
        for line in lines(sys.argv[1], json.load(file)):
            print(line)
