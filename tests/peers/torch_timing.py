# SPDX-License-Identifier: Apache-2.0
"""How PyTorch's side of the side-by-side runs is timed, and how the fastest of its ways is found."""
import gc
import time

import torch

import peer_process

DTYPES = {"bf16": torch.bfloat16, "f32": torch.float32}


def seconds_of(run):
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def repeated(run, steps=1):
    """`run` does `steps` steps; gives seconds of one."""
    return lambda repeats: sum(seconds_of(run) for _ in range(repeats)) / repeats / steps


def faster(variants):
    """The variant that takes least, of several tries each; a variant that fails is told."""
    best, times = None, {}
    for name, make in variants.items():
        try:
            run = make()
            first = seconds_of(run)  # compiles, allocates
            # Seconds say enough after one try; the eager variant had its own with the first.
            slow = first > 5
            tries = [first] if slow and name == "eager" else [seconds_of(run) for _ in range(1 if slow else 5)]
            times[name] = min(tries)
        except Exception as problem:
            times[name] = f"{type(problem).__name__}: {str(problem).splitlines()[0][:160]}"
            continue
        if best is None or times[name] < times[best[0]]:
            best = (name, run)
        gc.collect()
    if best is None:
        raise peer_process.Unsupported(str(times))
    return best[0], best[1], times
