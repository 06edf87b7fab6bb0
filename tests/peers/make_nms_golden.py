# SPDX-License-Identifier: Apache-2.0
"""Makes tests/golden/nms.json: boxes, scores and classes with the indices that torchvision.ops.batched_nms keeps of
those whose score reaches the threshold. Not needed to build or test; run it to add a case:

    python tests/peers/make_nms_golden.py          (torch, torchvision)

Made with torch 2.14 and torchvision 0.29 on a CPU. Coordinates are multiples of 1/4 and scores of 1/64, so that no
overlap is in doubt and scores are often equal.
"""
import json
import pathlib

import torch
from torchvision.ops import batched_nms

OUT = pathlib.Path(__file__).resolve().parents[1] / "golden" / "nms.json"
SQUARE = [0, 0, 4, 4]


def by_hand():
    """Name, rows of x1, y1, x2, y2, score, class; score threshold, IoU threshold."""
    yield "equal scores: the lowest index wins", [SQUARE + [0.5, 0], SQUARE + [0.5, 0], [1, 0, 5, 4, 0.5, 0]], 0.25, 0.5
    yield "boxes that touch", [SQUARE + [0.5, 0], [4, 0, 8, 4, 0.75, 0], [0, 4, 4, 8, 0.25, 0]], 0.25, 0
    yield "nested boxes", [[1, 1, 3, 3, 0.75, 0], SQUARE + [0.5, 0], [1, 1, 4, 4, 0.25, 0]], 0.25, 0.5
    yield "equal boxes of different classes", [SQUARE + [0.5, 0], SQUARE + [0.5, 1], SQUARE + [0.25, 1]], 0.25, 0.5
    yield "an overlap of just the threshold", [SQUARE + [0.5, 0], [0, 0, 4, 2, 0.25, 0], [0, 0, 4, 3, 0.25, 0]], 0.25, 0.5
    yield "suppressed ones suppress nothing", [SQUARE + [0.75, 0], [1, 0, 5, 4, 0.5, 0], [2, 0, 6, 4, 0.25, 0]], 0.25, 0.5
    yield "a score of just the threshold", [SQUARE + [0.25, 0], [8, 8, 9, 9, 0.234375, 0]], 0.25, 0.5
    yield "none above the threshold", [SQUARE + [0.5, 0], SQUARE + [0.25, 1]], 0.75, 0.5
    yield "boxes of no area", [[2, 2, 2, 2, 0.5, 0], [2, 2, 2, 2, 0.5, 0], [0, 2, 4, 2, 0.5, 0]], 0.25, 0.5


def at_random(count, classes, seed):
    random = torch.Generator().manual_seed(seed)

    def draw(high, *shape):
        return torch.randint(0, high, shape, generator=random)

    corner, size = draw(160, count, 2) / 4, 1 + draw(80, count, 2) / 4
    scores, ids = draw(65, count, 1) / 64, draw(classes, count, 1)
    return torch.cat([corner, corner + size, scores, ids], 1).tolist()


def kept(rows, score_threshold, iou_threshold):
    table = torch.tensor(rows, dtype=torch.float32)
    candidates = torch.nonzero(table[:, 4] >= score_threshold)[:, 0]
    chosen = table[candidates]
    return candidates[batched_nms(chosen[:, :4], chosen[:, 4], chosen[:, 5].long(), iou_threshold)].tolist()


cases = list(by_hand())
for count, classes, score_threshold, iou_threshold in [(60, 1, 0, 0.25), (150, 1, 0.25, 0.5), (150, 3, 0.5, 0.625),
                                                       (200, 2, 0, 0)]:
    name = f"{count} boxes of {classes} classes at {score_threshold} and {iou_threshold}"
    cases.append((name, at_random(count, classes, count + classes), score_threshold, iou_threshold))
lines = [json.dumps({"name": name, "boxes": rows, "score_threshold": scores, "iou_threshold": overlap,
                     "kept": kept(rows, scores, overlap)}) for name, rows, scores, overlap in cases]
OUT.write_text("[\n" + ",\n".join(lines) + "\n]\n")
