# SPDX-License-Identifier: Apache-2.0
"""Makes tests/golden/recommender/: small random models of both families, with the scores that torch computes from
them in float64 for bags of any length. Not needed to build or test; run it to add a case:

    python tests/peers/make_recommender_golden.py          (torch, numpy, safetensors)

Made with torch 2.15 on a CPU.
"""
import json
import pathlib

import safetensors.torch
import torch

from torch_dlrm import Recommender

OUT = pathlib.Path(__file__).resolve().parents[1] / "golden" / "recommender"
BATCH = 12
SMALL = dict(dense_features=13, embedding_width=12, table_rows=[40, 7, 3, 1, 90], bottom_mlp=[24, 12])
CASES = {
    "dlrm-one-hot": dict(family="dlrm", **SMALL, top_mlp=[20, 16, 1]),
    "dlrm-bags": dict(family="dlrm", **SMALL, lookups=[3, 1, 2, 1, 9], top_mlp=[20, 1]),
    "dlrm-dcnv2-bags": dict(family="dlrm_dcnv2", **SMALL, lookups=[3, 1, 2, 1, 9], cross_layers=3, cross_rank=5,
                            top_mlp=[20, 16, 1]),
}


def bag_lengths(m, generator):
    """Of each table: as many lookups in all as the model's fixed bags have, but spread at random: empty bags, bags of
    one row, and long ones; the tables get shares of their own, too."""
    lookups = m.get("lookups")
    if lookups is None:
        return [[1] * BATCH for _ in m["table_rows"]]
    tables, total = len(lookups), BATCH * sum(lookups)
    bags = torch.randint(tables * BATCH, (total,), generator=generator) ** 2 // (tables * BATCH)
    return torch.bincount(bags, minlength=tables * BATCH).reshape(tables, BATCH).tolist()


def make(name, m, seed):
    generator = torch.Generator().manual_seed(seed)
    model = Recommender(m)
    with torch.no_grad():
        for key, weight in model.named_parameters():
            rows = 0.3 if "lookups" in m else 0.8  # such that scores differ, and none is nearly 0 or 1
            gain = rows if key.startswith("tables") else 0.3 if key.endswith("bias") else weight.shape[-1] ** -0.5
            weight.copy_(torch.randn(weight.shape, generator=generator) * gain)
    weights = {key: value.clone().contiguous() for key, value in model.state_dict().items()}
    dense = torch.randn(BATCH, m["dense_features"], generator=generator)
    lengths = bag_lengths(m, generator)
    ids = [torch.randint(rows, (sum(bags),), generator=generator) for rows, bags in zip(m["table_rows"], lengths)]
    offsets = [torch.tensor([0] + bags).cumsum(0) for bags in lengths]
    with torch.no_grad():
        scores = model.double()(dense.double(), ids, offsets)
    folder = OUT / name
    folder.mkdir(parents=True, exist_ok=True)
    safetensors.torch.save_file(weights, folder / "model.safetensors")
    begins = [0]
    for bags in lengths:
        for count in bags:
            begins.append(begins[-1] + count)
    expected = {"model": m, "batch": BATCH, "dense": dense.flatten().tolist(),
                "ids": torch.cat(ids).tolist(), "offsets": begins, "scores": scores.tolist()}
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")
    print(name, "bags of", sorted({c for bags in lengths for c in bags}), "scores", scores.min().item(),
          scores.max().item())


for seed, (name, m) in enumerate(CASES.items()):
    make(name, m, seed)
