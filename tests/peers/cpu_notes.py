# SPDX-License-Identifier: Apache-2.0
"""What people say in the table of cpu_side_by_side.py: how to read it, and why a target is missed."""

INTRODUCTION = """\
Every ratio is of times taken in pairs, ours and theirs in turn, in one run, with a probe of the machine
around each; medians, and in brackets their 95 % interval (the range, below six pairs). "Of probe" is the
share of what the probes beside the pair show that the machine can do: multiply-adds from registers where
arithmetic binds, reads from memory where memory does. "Ours is faster by" above 1 means that assay takes
less time. Peers are shown as they are, also where they win. A share of a probe above 1 is no feat: the
probes beside it were disturbed more than the work was, so it decides nothing.

The targets were set for a CPU with AVX-512 bf16. Where a CPU has no bf16 arithmetic, as here, bf16 values
are widened and multiplied in f32: the f32 rate is then the ceiling of bf16 too, and what the targets say of
bf16 instructions cannot be measured on it.

Recommenders, on another machine: [peers-recommender-cpu.md](peers-recommender-cpu.md); images, on that one too:
[peers-vision-cpu.md](peers-vision-cpu.md)."""

METHOD = """\
Made by `tests/peers/cpu_side_by_side.py`; the pairs are in the JSON beside this page. Same dtype and number
of threads on every side, a process each, the others asleep. torch: the faster of eager and `torch.compile`,
with `inference_mode`; models of transformers with SDPA, eager with a growing cache, compiled with a static
one. llama.cpp: weights of the same bits in GGUF, flash attention on or off, whichever is faster; its KV
cache is f16 where ours is bf16. All weights are random; every side takes the most likely token. oneDNN
directly: weights in the layout it asks for, packed beforehand; assay keeps weights as checkpoints have them."""

# By the beginning of a target's key (cpu_table.targets): what was tried, and what limits it.
MISSES = {
    "matmul-onednn":
        "ahead or level on most shapes; behind where N and K are both small (a launch of 4 ms). oneDNN gets "
        "weights packed beforehand, ours stay as checkpoints have them, so each launch widens them (2 % of "
        "it) and transposes x (1 to 3 %). Tried and kept: 96 weight rows a block instead of 48, lines of y "
        "fetched ahead (what comes after the products fell from 5 to 2 % of a launch); tried and dropped: k "
        "in blocks of 256 (no gain seen).",
    "matmul-probe":
        "measured on one thread, 91 to 95 % of a launch is register tiles at 97 % of the probe; the rest "
        "widens weights (2 %), transposes x (1 to 3 %), transposes and rounds sums (2 to 4 %; 3 to 8 % before"
        " lines of y were fetched ahead). 512x896x896 then stands at 0.93 of the probe on one thread; on two,"
        " waiting at the two barriers of a launch of 4 ms, for whichever core is disturbed, takes up to 7 % "
        "more. What is left: packing x once for the products that share it, and no barrier between packing "
        "and multiplying.",
    "matvec-probe":
        "matrices below 4 MB: 40 to 100 us a call, of which waking the second thread, four streams that have "
        "to get going and the wait at the end take several each. Large ones (lm_head) reach the target. Tried"
        " and kept: four streams a thread, work shared in chunks that the other thread may take over; tried "
        "and dropped: prefetch instructions on top of the hardware's (slower).",
    "prefill-probe":
        "95 % of the time is matrix products, so what limits them limits it; attention, norms and "
        "activations, bound by memory and exponentials, are the rest.",
    "decode-probe":
        "not settled: three runs gave 0.85, 0.96 and 1.03 of the probes beside them, on a host whose memory "
        "bandwidth moves between 35 and 54 GB/s with its neighbours' work. The products stream their weights "
        "at the rates above; 154 fork and join pairs a step (7 a layer) cost about 1 %, and each small product "
        "(attention out, qkv) starts its streams anew.",
}
