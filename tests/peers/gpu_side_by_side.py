#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""PyTorch on the shapes of an assay result: same device, shapes, dtype and cache state; CUDA-graphed; medians.

Reads a result.json, runs each op of its cases' stages (as many calls, with weights of their own, from a cold cache)
and each whole stage of the decoder-only models it knows, and writes both figures side by side, also where PyTorch
wins. What PyTorch has no like of is listed with the reason. PyTorch's side is what its users call: eager operators
recorded in a CUDA graph, and torch.compile for whole stages while the time lasts.
"""
import argparse
import json
import re
import statistics
import sys
import time

import torch
import torch.nn.functional as F

DTYPES = {"bf16": torch.bfloat16, "f16": torch.float16, "f32": torch.float32}


class NoLike(Exception):
    """PyTorch has no operator for this."""


class Bench:
    """Medians of work that is recorded once and replayed, each time after the cache was flushed."""

    def __init__(self, device):
        self.device = torch.device(device)
        self.cuda = self.device.type == "cuda"
        cache = torch.cuda.get_device_properties(0).L2_cache_size if self.cuda else 32 << 20
        self.flush = torch.empty(max(3 * cache, 32 << 20), dtype=torch.uint8, device=self.device)

    def tensor(self, *shape, dtype):
        return torch.randn(*shape, device=self.device, dtype=torch.float32).to(dtype)

    def record(self, work):
        if not self.cuda:
            work()
            return work
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(3):
                work()
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            work()
        return graph.replay

    def once(self, replay, cold):
        if cold:
            self.flush.fill_(1)
        if not self.cuda:
            began = time.perf_counter()
            replay()
            return time.perf_counter() - began
        begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        begin.record()
        replay()
        end.record()
        end.synchronize()
        return begin.elapsed_time(end) / 1e3

    def samples(self, work, cold, seconds=0.25, at_most=400):
        replay = self.record(work)
        at_least = 10 if self.cuda else 2  # on the CPU this script is only rehearsed
        for _ in range(at_least // 2):
            self.once(replay, cold)
        taken, began = [], time.perf_counter()
        while len(taken) < at_least or (time.perf_counter() - began < seconds and len(taken) < at_most):
            taken.append(self.once(replay, cold))
        return taken


def options_of(shape):
    """'1x64 heads 9/3x64 bf16 +scale 0.125' -> {'scale': '0.125'}"""
    return {m[1]: m[2] for m in re.finditer(r"\+(\w+)(?: ([^ +]+))?", shape)}


def matmul(bench, op, dtype):
    m, n, k = map(int, re.match(r"(\d+)x(\d+)x(\d+) ", op["shape"]).groups())
    options = options_of(op["shape"])
    unknown = set(options) - {"bias", "residual", "gelu_tanh", "gelu", "gelu_erf", "relu", "silu"}
    if unknown:
        raise NoLike(f"matmul with {', '.join(sorted(unknown))}")
    x = bench.tensor(m, k, dtype=dtype)
    w = [bench.tensor(n, k, dtype=dtype) for _ in range(op["calls"])]
    bias = bench.tensor(n, dtype=dtype) if "bias" in options else None
    residual = bench.tensor(m, n, dtype=dtype) if "residual" in options else None

    def work():
        for each in w:
            y = F.linear(x, each, bias)
            if "gelu_tanh" in options or "gelu" in options:
                y = F.gelu(y, approximate="tanh")
            if residual is not None:
                y = y + residual
    return work


def rmsnorm(bench, op, dtype):
    rows, columns = map(int, re.match(r"(\d+)x(\d+) ", op["shape"]).groups())
    options = options_of(op["shape"])
    x, residual = bench.tensor(rows, columns, dtype=dtype), bench.tensor(rows, columns, dtype=dtype)
    w = [bench.tensor(columns, dtype=dtype) for _ in range(op["calls"])]
    eps = float(options.get("eps", 1e-5))

    def work():
        for each in w:
            F.rms_norm(x + residual if "residual" in options else x, (columns,), each, eps)
    return work


def layernorm(bench, op, dtype):
    rows, columns = map(int, re.match(r"(\d+)x(\d+) ", op["shape"]).groups())
    options = options_of(op["shape"])
    x, residual = bench.tensor(rows, columns, dtype=dtype), bench.tensor(rows, columns, dtype=dtype)
    w = [(bench.tensor(columns, dtype=dtype), bench.tensor(columns, dtype=dtype)) for _ in range(op["calls"])]

    def work():
        for weight, bias in w:
            F.layer_norm(x + residual if "residual" in options else x, (columns,), weight, bias)
    return work


def gated(bench, op, dtype):
    rows, columns = map(int, re.match(r"(\d+)x(\d+) ", op["shape"]).groups())
    x = bench.tensor(rows, 2 * columns, dtype=dtype)
    silu = "silu" in op["shape"]

    def work():
        for _ in range(op["calls"]):
            gate, up = x[:, :columns], x[:, columns:]
            (F.silu(gate) if silu else F.gelu(gate, approximate="tanh")) * up
    return work


def embedding(bench, op, dtype):
    rows, table, columns = map(int, re.match(r"(\d+) of (\d+)x(\d+) ", op["shape"]).groups())
    w = bench.tensor(table, columns, dtype=dtype)
    ids = torch.randint(table, (rows,), device=bench.device)
    return lambda: [F.embedding(ids, w) for _ in range(op["calls"])]


def heads_of(shape):
    return tuple(map(int, re.search(r"heads (\d+)/(\d+)x(\d+)", shape).groups()))


def scaled_attention(options):
    if "softcap" in options:
        raise NoLike("scaled_dot_product_attention has no soft-cap")
    return {"enable_gqa": True, **({"scale": float(options["scale"])} if "scale" in options else {})}


def attention_prefill(bench, op, dtype):
    batch, tokens = map(int, re.match(r"(\d+)x(\d+) heads", op["shape"]).groups())
    queries, keys, width = heads_of(op["shape"])
    options = options_of(op["shape"])
    how = scaled_attention(options)
    if int(options.get("window", tokens)) < tokens:
        raise NoLike("scaled_dot_product_attention has a window only as a mask in memory")
    qkv = bench.tensor(batch, tokens, queries + 2 * keys, width, dtype=dtype).transpose(1, 2)
    q, k, v = qkv.split([queries, keys, keys], 1)
    return lambda: [F.scaled_dot_product_attention(q, k, v, is_causal=True, **how) for _ in range(op["calls"])]


def attention_decode(bench, op, dtype):
    batch, context = map(int, re.match(r"(\d+)x(\d+) of \d+ heads", op["shape"]).groups())
    queries, keys, width = heads_of(op["shape"])
    options = options_of(op["shape"])
    how = scaled_attention(options)
    context = min(context, int(options.get("window", context)))
    q = bench.tensor(batch, queries, 1, width, dtype=dtype)
    caches = [[bench.tensor(batch, keys, context, width, dtype=dtype) for _ in "kv"] for _ in range(op["calls"])]
    return lambda: [F.scaled_dot_product_attention(q, k, v, **how) for k, v in caches]


OPS = {f.__name__: f for f in (matmul, rmsnorm, layernorm, gated, embedding, attention_prefill, attention_decode)}
LLAMA_LIKE = {"LlamaForCausalLM", "MistralForCausalLM", "Qwen2ForCausalLM"}


class Decoder:
    """A Llama-like model in PyTorch operators: fused qkv and gate_up, a contiguous cache, greedy."""

    def __init__(self, bench, model, batch, prompt, generated, dtype):
        self.hidden, self.layers = model["hidden_size"], model["num_hidden_layers"]
        self.queries = model["num_attention_heads"]
        self.keys = model.get("num_key_value_heads") or self.queries
        self.width = model.get("head_dim") or self.hidden // self.queries
        self.inner, self.vocabulary = model["intermediate_size"], model["vocab_size"]
        self.eps = model.get("rms_norm_eps", 1e-6)
        self.batch, self.prompt, self.middle = batch, prompt, prompt + generated // 2
        biased = model["architectures"][0] == "Qwen2ForCausalLM" or model.get("attention_bias", False)
        rows = (self.queries + 2 * self.keys) * self.width

        def weight(n, k):
            return (torch.randn(n, k, device=bench.device, dtype=dtype) / k**0.5)
        self.embed = weight(self.vocabulary, self.hidden)
        self.head = self.embed if model.get("tie_word_embeddings") else weight(self.vocabulary, self.hidden)
        ones = torch.ones(self.hidden, device=bench.device, dtype=dtype)
        self.last_norm = ones.clone()
        self.stack = [
            {"n1": ones.clone(), "n2": ones.clone(), "qkv": weight(rows, self.hidden),
             "b": bench.tensor(rows, dtype=dtype) if biased else None,
             "o": weight(self.hidden, self.queries * self.width), "gu": weight(2 * self.inner, self.hidden),
             "d": weight(self.hidden, self.inner),
             "k": bench.tensor(batch, self.keys, prompt + generated, self.width, dtype=dtype),
             "v": bench.tensor(batch, self.keys, prompt + generated, self.width, dtype=dtype)}
            for _ in range(self.layers)]
        angles = torch.outer(torch.arange(prompt + generated, device=bench.device),
                             1e4 ** (-torch.arange(0, self.width, 2, device=bench.device) / self.width))
        self.cos, self.sin = angles.cos().to(dtype), angles.sin().to(dtype)
        self.tokens = torch.randint(self.vocabulary, (batch, prompt), device=bench.device)

    def turned(self, x, begin, end):
        a, b = x.chunk(2, -1)
        cos, sin = self.cos[begin:end], self.sin[begin:end]
        return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)

    def run(self, tokens, begin):
        """tokens [batch, n] at positions begin..; returns the next token of each sequence."""
        batch, n = tokens.shape
        x = F.embedding(tokens, self.embed)
        for layer in self.stack:
            qkv = F.linear(F.rms_norm(x, (self.hidden,), layer["n1"], self.eps), layer["qkv"], layer["b"])
            qkv = qkv.view(batch, n, -1, self.width).transpose(1, 2)
            q, k, v = qkv.split([self.queries, self.keys, self.keys], 1)
            q, k = self.turned(q, begin, begin + n), self.turned(k, begin, begin + n)
            layer["k"][:, :, begin:begin + n] = k
            layer["v"][:, :, begin:begin + n] = v
            if n > 1:
                y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
            else:
                y = F.scaled_dot_product_attention(q, layer["k"][:, :, :begin + 1], layer["v"][:, :, :begin + 1],
                                                   enable_gqa=True)
            x = x + F.linear(y.transpose(1, 2).reshape(batch, n, -1), layer["o"])
            gate, up = F.linear(F.rms_norm(x, (self.hidden,), layer["n2"], self.eps), layer["gu"]).chunk(2, -1)
            x = x + F.linear(F.silu(gate) * up, layer["d"])
        x = F.rms_norm(x[:, -1], (self.hidden,), self.last_norm, self.eps)
        return F.linear(x, self.head).argmax(-1)

    def prefill(self):
        return self.run(self.tokens, 0)

    def decode(self):
        return self.run(self.tokens[:, :1], self.middle)


def figures(samples):
    ordered = sorted(samples)
    return {"median_s": statistics.median(ordered), "p10_s": ordered[len(ordered) // 10],
            "p90_s": ordered[len(ordered) * 9 // 10], "n": len(ordered)}


def row_of(case, stage, what, name, kernel, shape, calls, assay_s):
    return {"case": case["id"], "stage": stage["name"], "what": what, "name": name, "kernel": kernel, "shape": shape,
            "calls": calls, "assay_s": assay_s, "torch": None, "torch_how": None, "torch_over_assay": None,
            "reason": None}


def settle(row, samples, calls, how):
    taken = figures([s / calls for s in samples])
    if row["torch"] is None or taken["median_s"] < row["torch"]["median_s"]:
        row |= {"torch": taken, "torch_how": how, "torch_over_assay": taken["median_s"] / row["assay_s"]}


def attempt(row, work):
    try:
        with torch.no_grad():
            work()
    except NoLike as no:
        row["reason"] = f"PyTorch has no like of it: {no}"
    except Exception as error:  # noqa: BLE001  one op's failure must not lose the others
        row["reason"] = f"{type(error).__name__}: {error}".splitlines()[0][:200]
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("result")
    parser.add_argument("--device", default="cuda", choices=["cuda", "cpu"])
    parser.add_argument("--out", required=True, help="JSON with every row")
    parser.add_argument("--report", help="the same as a Markdown table")
    parser.add_argument("--seconds", type=float, default=70, help="what is not reached by then is listed as such")
    parser.add_argument("--no-compile", action="store_true", help="leave torch.compile out")
    arguments = parser.parse_args()
    began = time.perf_counter()

    def spent():
        return time.perf_counter() - began > arguments.seconds

    with open(arguments.result) as file:
        result = json.load(file)
    bench = Bench(arguments.device)
    torch.manual_seed(1)
    rows, later = [], []
    models = {run["model_name"]: run["model"] for run in result["config"]["runs"]} if "runs" in result["config"] \
        else {result["config"]["model_name"]: result["config"]["model"]}
    cases = [c for c in result["cases"] if c["status"] == "ok" and c["device"].startswith(arguments.device)]
    if not cases:
        sys.exit(f"{arguments.result} has no finished case on {arguments.device}")

    def load_of(case, key):
        for run in result["config"].get("runs", [result["config"]]):
            if case["id"].split("/")[1] == run["model_name"]:
                return int(case["axes"].get(key, run["load"][key] if not isinstance(run["load"][key], list) else 0))
        raise NoLike(f"no {key} of {case['id']}")

    def decoder_of(case, model):
        dtype = DTYPES[case["axes"]["dtype"]] if "dtype" in case["axes"] else torch.bfloat16
        return Decoder(bench, model, load_of(case, "batch"), load_of(case, "prompt_tokens"),
                       load_of(case, "generate_tokens"), dtype)

    for case in cases:  # whole stages first: they say most
        model = models.get(case["id"].split("/")[1])
        for stage in case["stages"]:
            row = row_of(case, stage, "stage", stage["name"], None, None, 1, stage["time_s"]["value"])
            rows.append(row)

            def whole(case=case, stage=stage, row=row, model=model):
                if model is None or model["architectures"][0] not in LLAMA_LIKE:
                    raise NoLike("this script has no such model")
                work = getattr(decoder_of(case, model), stage["name"])
                settle(row, bench.samples(work, cold=False), 1, "eager, graph" if bench.cuda else "eager")
            if spent():
                row["reason"] = "not reached in the time given"
            else:
                attempt(row, whole)
            if row["torch"] and not arguments.no_compile:
                later.append((row, case, stage, model))

    for case in cases:
        for stage in case["stages"]:
            for op in stage["ops"]:
                row = row_of(case, stage, "op", op["name"], op["kernel"], op["shape"], op["calls"],
                             op["time_s"]["value"])
                if op["kind"] not in OPS:
                    row["reason"] = f"PyTorch has no like of it: {op['kind']} is ours"
                elif spent():
                    row["reason"] = "not reached in the time given"
                else:
                    def one(op=op, row=row):
                        work = OPS[op["kind"]](bench, op, DTYPES[op["dtype"]])
                        settle(row, bench.samples(work, cold=True), op["calls"],
                               "eager, graph" if bench.cuda else "eager")
                    attempt(row, one)
                rows.append(row)

    for row, case, stage, model in sorted(later, key=lambda each: each[0]["assay_s"]):
        if spent():
            row["reason"] = "torch.compile: not reached in the time given"
            continue

        def compiled(row=row, case=case, stage=stage, model=model):
            work = torch.compile(getattr(decoder_of(case, model), stage["name"]))
            settle(row, bench.samples(work, cold=False), 1, "compiled, graph" if bench.cuda else "compiled")
        attempt(row, compiled)

    name = torch.cuda.get_device_name(0) if bench.cuda else result["devices"][0]["name"]
    document = {"schema": "assay.peers-gpu/1", "device": name, "torch": torch.__version__, "cuda": torch.version.cuda,
                "assay": result["tool"], "result": arguments.result, "rows": rows}
    with open(arguments.out, "w") as file:
        json.dump(document, file, indent=1)
    compared = [row["torch_over_assay"] for row in rows if row["torch_over_assay"]]
    if arguments.report:
        with open(arguments.report, "w") as file:
            print(f"# assay beside PyTorch {torch.__version__} on {name}\n", file=file)
            print("Medians, in microseconds a call. PyTorch / assay above 1: assay took less time.\n", file=file)
            print("| case | stage | what | shape | calls | assay | PyTorch | how | PyTorch / assay |", file=file)
            print("|---|---|---|---|--:|--:|--:|---|--:|", file=file)
            for row in rows:
                theirs = f"{row['torch']['median_s'] * 1e6:.1f}" if row["torch"] else "-"
                ratio = f"{row['torch_over_assay']:.2f}" if row["torch_over_assay"] else row["reason"]
                print(f"| {row['case']} | {row['stage']} | {row['name']} | {row['shape'] or 'whole'} | {row['calls']} "
                      f"| {row['assay_s'] * 1e6:.1f} | {theirs} | {row['torch_how'] or '-'} | {ratio} |", file=file)
    print(f"{len(compared)} of {len(rows)} rows compared; PyTorch / assay: median "
          f"{statistics.median(compared):.2f}, least {min(compared):.2f}" if compared else "nothing compared")
    sys.exit(0 if compared else 1)


if __name__ == "__main__":
    main()
