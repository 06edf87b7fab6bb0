# SPDX-License-Identifier: Apache-2.0
"""Rows of the GPU side by side: what rounds by turns make of two times, and of the noise between them."""
import math
import statistics

# Student's t, two-sided 95 %, by degrees of freedom; beyond them that of the last.
QUANTILES = {3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262}
FEWEST_FOR_INTERVAL = 4
NOT_REACHED = "not reached in the time given"


def row(case, stage, what="stage", **facts):
    return {"case": case, "stage": stage, "what": what, "name": stage, "kernel": None, "shape": None, "calls": 1,
            "rounds": [], "assay": None, "torch": None, "torch_over_assay": None, "noise": None, "how": None,
            "compile_s": None, "reason": NOT_REACHED, **facts}


def spread(values):
    """The median with the smallest and the largest; with rounds enough, 95 % of the mean of logarithms: rounds
    are what is independent, not the samples within one."""
    found = {"median": statistics.median(values), "smallest": min(values), "largest": max(values), "n": len(values),
             "ci95": None}
    if len(values) >= FEWEST_FOR_INTERVAL:
        logarithms = [math.log(value) for value in values]
        centre, degrees = statistics.fmean(logarithms), len(values) - 1
        half = QUANTILES.get(degrees, QUANTILES[max(QUANTILES)]) * statistics.stdev(logarithms) / math.sqrt(len(values))
        found["ci95"] = [math.exp(centre - half), math.exp(centre + half)]
    return found


def neighbours(values):
    """Each round over the one before it, of one and the same side: 1 but for noise."""
    return [later / earlier for earlier, later in zip(values, values[1:])]


def seconds(values):
    found = spread(values)
    return {"median_s": found["median"], "smallest_s": found["smallest"], "largest_s": found["largest"]}


def settle(row):
    """Figures of a row from its rounds; a round counts once both sides have had their turn."""
    whole = [each for each in row["rounds"] if each["assay_s"] and each["torch_s"]]
    if not whole:
        return row
    sides = {side: [each[f"{side}_s"] for each in whole] for side in ("assay", "torch")}
    row |= {side: seconds(values) for side, values in sides.items()}
    row["torch_over_assay"] = spread([each["torch_s"] / each["assay_s"] for each in whole])
    if len(whole) > 1:
        row["noise"] = {side: spread(neighbours(values)) for side, values in sides.items()}
    row["reason"] = None
    return row


def order_of(round_number):
    """ABBA: what drifts steadily hits both sides alike."""
    return ("assay", "torch") if round_number % 2 == 0 else ("torch", "assay")


def samples(values):
    """Of samples taken in one stretch, for op rows."""
    ordered = sorted(values)
    return {"median_s": statistics.median(ordered), "p10_s": ordered[len(ordered) // 10],
            "p90_s": ordered[len(ordered) * 9 // 10], "n": len(ordered)}
