# SPDX-License-Identifier: Apache-2.0
"""How a peer's side of the side-by-side runs is timed, and how the fastest of its ways is found."""
import gc
import time

import peer_process


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
            # Seconds say enough after one try; an eager variant had its own with the first.
            tries = [first if first > 5 and name == "eager" else seconds_of(run)]
            while len(tries) < 5 and sum(tries) < 2:
                tries.append(seconds_of(run))
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
