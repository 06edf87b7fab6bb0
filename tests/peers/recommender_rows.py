# SPDX-License-Identifier: Apache-2.0
"""What cpu_side_by_side.py --suite recommender compares: groups of rows, each ours against one peer. All sides look
the same ids up, which ours draws."""

DIM, BATCH = 128, 2048
BAGS = (1, 20, 100)
ROWS = {"1e4": 10 ** 4, "1e7": 10 ** 7}
SKEWS = (0, 1.05)
ROW_BYTES = {"f32": 4 * DIM, "int8": DIM + 8}
# Of rows that ids name before they come again: far more than a cache holds, and so many that what translates their
# addresses is as cold as beside the probe.
IDS_BYTES = 2 << 30

MAX_ROWS = 100_000
DCN = {"config": "configs/recommender/dlrm-dcnv2.json", "model": "configs/models/dlrm-dcnv2.json"}
DLRM = {"config": "configs/recommender/dlrm.json", "model": "configs/models/dlrm.json"}
BATCHES = (1, 128, 2048)
# A group of layers: of which model, steps of its plan, what binds it.
PARTS = (("bottom MLP", DCN, ["bottom"], "fma"), ("cross products", DCN, ["cross_v", "cross_w"], "fma"),
         ("top MLP", DCN, ["top"], "fma"), ("cross, elementwise", DCN, ["cross"], "read"),
         ("interaction", DLRM, ["interaction"], "fma"))


def bags(dtype, rows, skew):
    # FBGEMM's own package is beside torch, which has FBGEMM's kernels built in, on one table alone (see the notes).
    peers = ("torch", "fbgemm") if (rows, skew) == ("1e4", 0) else ("torch",)
    for bag in BAGS:
        unit = {"unit": "bag", "rows": ROWS[rows], "dim": DIM, "dtype": dtype, "batch": BATCH, "bag": bag,
                "skew": skew, "sets": -(-IDS_BYTES // (BATCH * bag * ROW_BYTES[dtype])), "ids_file": "bags"}
        # The probe reads that very table, evenly: beside skewed ids it only tells quiet from disturbed.
        yield {"what": "bag", "of": f"{rows} rows, skew {skew}", "shape": f"{BATCH} bags of {bag}", "dtype": dtype,
               "binds": "own", "probe": f"random read, {ROW_BYTES[dtype]} B of {rows} rows", "ours": unit,
               "peers": {peer: {**unit, "library": peer} for peer in peers}, "pairs": 8}

def load(files, dtype, batch):
    return {"unit": "recommender", **files, "dtype": dtype, "rows": dtype, "max_rows": MAX_ROWS, "skew": 1.05,
            "batch": batch}

def models(dtype, batch):
    unit = {**load(DCN, dtype, batch), "ids_file": "model"}
    yield {"what": "model", "of": "DLRM-DCNv2", "shape": f"batch {batch}", "dtype": dtype,
           "binds": "read" if batch == 1 else "fma", "ours": unit, "peers": {"torch": unit}, "pairs": 8}

def parts(dtype):
    for name, files, labels, binds in PARTS:
        yield {"what": "part", "of": name, "shape": f"batch {BATCH}", "dtype": dtype, "binds": binds,
               "ours": {**load(files, dtype, BATCH), "labels": labels}, "peers": {}, "pairs": 8}

# One hold of the machine each: about a minute.
GROUPS = {f"bags-{dtype}-{rows}-{skew}": lambda dtype=dtype, rows=rows, skew=skew: bags(dtype, rows, skew)
          for dtype in ROW_BYTES for rows in ROWS for skew in SKEWS}
GROUPS |= {f"model-{dtype}-{batch}": lambda dtype=dtype, batch=batch: models(dtype, batch)
           for dtype in ("f32", "bf16") for batch in BATCHES}
GROUPS |= {f"parts-{dtype}": lambda dtype=dtype: parts(dtype) for dtype in ("f32", "bf16")}
