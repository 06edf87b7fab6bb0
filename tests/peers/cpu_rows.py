# SPDX-License-Identifier: Apache-2.0
"""What cpu_side_by_side.py compares: groups of rows, each ours against one peer."""

# n, k of the projections of a layer, as our plans fuse them: qkv, attention out, gate and up, down.
LAYERS = {
    "Qwen2.5-0.5B": [(1152, 896), (896, 896), (9728, 896), (896, 4864)],
    "TinyLlama-1.1B": [(2560, 2048), (2048, 2048), (11264, 2048), (2048, 5632)],
}
HEADS = {"Qwen2.5-0.5B": (151936, 896), "TinyLlama-1.1B": (32000, 2048)}
TOKENS = 512
ROTATED_BYTES = 256 << 20  # of weights that take turns, so that a matrix-vector product reads memory
DECODE_PROMPT, DECODE_STEPS = 128, 2
ELEMENT_BYTES = {"bf16": 2, "f32": 4}


def matmul(dtype):
    for model, shapes in LAYERS.items():
        for n, k in shapes:
            unit = {"unit": "matmul", "m": TOKENS, "n": n, "k": k, "dtype": dtype}
            yield {"what": "matmul", "of": model, "shape": f"{TOKENS}x{n}x{k}", "dtype": dtype,
                   "binds": "fma", "ours": unit, "pairs": 8,
                   "peers": {"oneDNN": {**unit, "unit": "raw_onednn"}, "torch": unit}}


def matvec(dtype):
    for model, shapes in LAYERS.items():
        for n, k in [*shapes, HEADS[model]]:
            copies = max(1, -(-ROTATED_BYTES // (n * k * ELEMENT_BYTES[dtype])))
            unit = {"unit": "matmul", "m": 1, "n": n, "k": k, "dtype": dtype, "copies": copies,
                    "kernel": "rows"}  # the fastest with cold weights, which is how `assay run` chooses
            yield {"what": "matvec", "of": model, "shape": f"1x{n}x{k}", "dtype": dtype, "binds": "read",
                   "ours": unit, "peers": {"torch": unit}, "pairs": 8}


def model(stage, name, file, dtype, prompt, generate, pairs):
    unit = {"unit": "model", "stage": stage, "dtype": dtype,
            "prompt_tokens": prompt, "generate_tokens": generate,
            "config": f"configs/llm/{file}.json", "model": f"configs/models/{file}.json"}
    return {"what": stage, "of": name, "shape": f"{prompt} tokens" if stage == "prefill" else
            f"batch 1, {generate - 1} steps after {prompt} tokens", "dtype": dtype,
            "binds": "fma" if stage == "prefill" else "read", "ours": unit, "pairs": pairs}


def prefill(dtype, peer):
    row = model("prefill", "Qwen2.5-0.5B", "qwen2.5-0.5b", dtype, TOKENS, 2, 4)
    if peer == "alone":  # with probes within a pass, which takes seconds
        sliced = {**row["ours"], "unit": "sliced", "binds": "fma"}
        yield {**row, "what": "prefill-slices", "ours": sliced, "peers": {}}
    else:
        yield {**row, "peers": {peer: row["ours"]}}


def decode(dtype, peer):
    row = model("decode", "TinyLlama-1.1B", "tinyllama-1.1b", dtype, DECODE_PROMPT, DECODE_STEPS + 1, 10)
    if peer == "alone":
        yield {**row, "what": "overhead", "repeats": 5, "ours": {**row["ours"], "unit": "overhead"}, "peers": {}}
        sliced = {**row["ours"], "unit": "sliced", "binds": "read", "slice_seconds": 0.015}
        yield {**row, "what": "decode-slices", "ours": sliced, "peers": {}, "pairs": 30}
    else:
        yield {**row, "peers": {peer: row["ours"]}}


# One hold of the machine each: a few minutes at most.
GROUPS = {f"{make.__name__}-{dtype}": lambda make=make, dtype=dtype: make(dtype)
          for make in (matmul, matvec) for dtype in ("bf16", "f32")}
GROUPS |= {f"prefill-{dtype}-{peer}": lambda dtype=dtype, peer=peer: prefill(dtype, peer)
           for dtype in ("bf16", "f32") for peer in ("alone", "llama.cpp", "torch")}
GROUPS |= {f"decode-bf16-{peer}": lambda peer=peer: decode("bf16", peer)
           for peer in ("alone", "llama.cpp", "torch")}
GROUPS["commands"] = None  # whole processes of ours, and no rows
