# SPDX-License-Identifier: Apache-2.0
"""Makes tests/golden/recommender/: small random models of both families, with the scores that torch computes from
them in float64 for bags of any length; and bags of 8-bit rows as FBGEMM quantises them, with the sums of torch's
kernel for such rows. Not needed to build or test; run it to add a case:

    python tests/peers/make_recommender_golden.py [CASE ...]      (torch, numpy, safetensors, fbgemm_gpu)

The models were made with torch 2.15, the 8-bit bags with torch 2.14 and fbgemm-gpu-cpu 1.9, on a CPU.
"""
import json
import pathlib
import sys

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


BAGS = {
    "ragged": dict(table_rows=[9, 5], dim=24, lengths=[[3, 0, 7, 1, 12, 4], [0, 0, 5, 8, 1, 2]]),
    "weighted": dict(table_rows=[11], dim=128, lengths=[[6, 0, 9, 1]], weighted=True),
    "one-hot": dict(table_rows=[7, 3], dim=36, lengths=[[1] * 5, [1] * 5], one_hot=True),
}


def bags_of(case, generator):
    """Rows of one table after the other, in bytes; what is looked up; and y [batch, tables, dim]."""
    rows, ids, offsets, weights, sums = [], [], [0], [], []
    for count, lengths in zip(case["table_rows"], case["lengths"]):
        # Of their own width and middle each, and one that is constant.
        table = torch.randn(count, case["dim"], generator=generator)
        table = table * torch.rand(count, 1, generator=generator) * 3 + torch.randn(count, 1, generator=generator)
        table[count // 2] = 0.75
        packed = torch.ops.fbgemm.FloatToFused8BitRowwiseQuantized(table)
        assert packed.shape == (count, case["dim"] + 8)  # values, then scale and bias as f32
        tail = packed[:, case["dim"]:].contiguous().view(torch.float32)
        decoded = packed[:, :case["dim"]] * tail[:, :1] + tail[:, 1:]
        assert (decoded - table).abs().max() <= tail[:, 0].max() * 0.51
        of_table = torch.randint(count, (sum(lengths),), generator=generator, dtype=torch.int32)
        weight = torch.randn(sum(lengths), generator=generator) if case.get("weighted") else None
        begins = torch.tensor([0] + lengths, dtype=torch.int32).cumsum(0, dtype=torch.int32)
        sums.append(torch.ops.quantized.embedding_bag_byte_rowwise_offsets(
            packed, of_table, begins, False, 0, per_sample_weights=weight, include_last_offset=True))
        rows += packed.flatten().tolist()
        offsets += (begins[1:] + offsets[-1]).tolist()
        ids += of_table.tolist()
        weights += weight.tolist() if weight is not None else []
    told = {"rows": rows, "ids": ids, "offsets": offsets, "weights": weights,
            "y": torch.stack(sums, dim=1).flatten().tolist()}
    return {key: case.get(key, False) for key in ("table_rows", "dim", "weighted", "one_hot")} | \
        {"batch": len(case["lengths"][0])} | told


def make_bags():
    import fbgemm_gpu  # noqa: F401 (registers its ops)
    generator = torch.Generator().manual_seed(1)
    cases = {name: bags_of(case, generator) for name, case in BAGS.items()}
    text = ",\n".join(f'"{name}": {json.dumps(case)}' for name, case in cases.items())
    (OUT / "int8-bags.json").write_text("{" + text + "}\n")


wanted = sys.argv[1:] or [*CASES, "int8-bags"]
for seed, (name, m) in enumerate(CASES.items()):
    if name in wanted:
        make(name, m, seed)
if "int8-bags" in wanted:
    make_bags()
