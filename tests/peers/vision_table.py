# SPDX-License-Identifier: Apache-2.0
"""The table of cpu_side_by_side.py --suite vision, from its data alone."""
import functools
import statistics

import cpu_table
import vision_notes
from recommender_table import over_faster, shapes
from vision_rows import PEERS


def figures(rows, of_shape):
    """`of_shape` of the rows of each shape whose pairs were undisturbed; of all where there is none, which decides
    nothing."""
    every = shapes(rows).values()
    quiet = [same for same in every if all(row["quiet"] for row in same)]
    values = cpu_table.Figures(of_shape(same) for same in quiet or every)
    values.undecided = bool(every) and not quiet
    values.left_out = len(every) - len(values)
    return values


def over_fastest(rows):
    return figures(rows, lambda same: over_faster(same)[0])


def of_probe(rows):
    return figures(rows, lambda same: statistics.median(
        value for row in same for value in cpu_table.shares(row, row["kept"], as_counted=True)))


def of_network(rows):
    return figures(rows, lambda same: statistics.median(cpu_table.overhead(same[0]["kept"])))


def targets(kept_rows):
    """(key, target, bound, at most?, values)"""
    f32, bf16 = (kept_rows.of("network", dtype=dtype) for dtype in ("f32", "bf16"))

    def piece(of):
        return over_fastest([row for row in kept_rows.of("piece") if row["of"] == of])
    yield ("network-f32", "networks f32, times the speed of the fastest of ONNX Runtime, OpenVINO and torch", 1.0,
           False, over_fastest(f32))
    yield ("network-onnxruntime", "networks f32, times ONNX Runtime's speed", 1.1, False,
           over_fastest([row for row in f32 if row["peer"] == "onnxruntime"]))
    yield "network-bf16", "networks bf16, times OpenVINO's speed", 1.0, False, over_fastest(bf16)
    yield ("probe", "ResNet-50 f32, batch 16, of the FMA probe, by the FLOPs that the network counts", 0.85, False,
           of_probe([row for row in f32 if (row["of"], row["shape"]) == ("ResNet-50", "batch 16")]))
    yield "decode", "JPEG decode, times the fastest peer's speed", 1.0, False, piece("JPEG decode")
    yield ("after-resize", "decoded picture to tensor, times the fastest peer's speed", 2.0, False,
           piece("resize to tensor"))
    yield ("after-copy", "the same, with our copy to the device, which is the CPU here", 2.0, False,
           piece("copy, resize to tensor"))
    yield ("whole", "end to end, what it takes beside decoding and the network, of those two", 0.05, True,
           of_network(kept_rows.of("whole")))
    yield ("nms", "suppression, of the time of YOLOX-S's network before it", 0.01, True,
           of_network(kept_rows.of("nms")))


HEADINGS = (("network", "Networks, on tensors in memory"), ("piece", "From files to tensors"),
            ("whole", "End to end: all but decoding and the network"), ("nms", "Suppression"),
            ("release", "The same program on two releases of oneDNN"))


def render(data, notes):
    kept_rows = cpu_table.Kept(data)
    table, explained = cpu_table.targets_table(kept_rows, targets)
    lines = ["# CPU: images beside their peers", "", notes.introduction, "", "## Targets", "", *table, "",
             *cpu_table.explanations(kept_rows, targets, notes.misses, explained)]
    for what, heading in HEADINGS:
        if any(row["what"] == what for row in kept_rows.rows):
            lines += ["", f"## {heading}", "", *cpu_table.rows_table(kept_rows.rows, what)]
    lines += ["", *cpu_table.disturbance(kept_rows), "", "## Where and how", "", *cpu_table.environment(data, PEERS),
              cpu_table.counted(kept_rows), "", vision_notes.METHOD, ""]
    return "\n".join(lines)


of_zen4 = functools.partial(render, notes=vision_notes.ZEN4)
of_zen3 = functools.partial(render, notes=vision_notes.ZEN3)
