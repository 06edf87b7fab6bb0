#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Packs the series of result files into a text that tests read: nothing but draws, in units of 100 ns.

    tests/data/noise/pack.py [--sessions] CONDITION RESULT... >> tests/data/noise/CONDITION.txt

With --sessions a session is one number, the median of its blocks' medians: what the gate makes of it, and a hundredth of the bytes.

A line begins each run: "run CONDITION STARTED [ID SIDE BLOCKS...]", the part in brackets where it was interleaved. Then a
line a figure: "CASE METRIC SERIES | BLOCK BLOCK ... | ...", sessions between bars, the draws of a block between commas.
Of the figures those that configs/limits/default.json asks about: medians of times that are no shares of a peak."""
import json
import statistics
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
            words = [word for session in sessions(series) for word in ("|", *pack(session))]
            yield f"{case['id']} {name} {metric['of']} " + " ".join(words)


def sessions(series):
    """Their blocks."""
    at = 0
    for size in series["sessions"] or [len(series["blocks"])]:
        yield series["blocks"][at:at + size]
        at += size


def every_draw(blocks):
    return [",".join(str(round(draw / UNIT)) for draw in block) for block in blocks]


def one_number(blocks):
    return [f"{statistics.median(statistics.median(block) for block in blocks) / UNIT:.2f}"]


arguments = sys.argv[1:]
pack = one_number if "--sessions" in arguments else every_draw
condition, *paths = [word for word in arguments if word != "--sessions"]
for path in paths:
    with open(path) as file:
        for line in lines(condition, json.load(file)):
            print(line)
