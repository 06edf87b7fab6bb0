# SPDX-License-Identifier: Apache-2.0
"""PyTorch's side of the GPU side by side, as a worker that stays (peer_process.py): it keeps a case's model and its
recorded stages in the GPU's memory, and does nothing while assay has its turn."""
import gc
import itertools
import signal
import sys
import time

import torch

import gpu_decoder
import gpu_networks
import gpu_rows
import gpu_torch
import peer_process
from gpu_ops import OPS
from torch_types import DTYPES

WORKLOADS = {"llm": gpu_decoder.stages, "vision": gpu_networks.vision, "recommender": gpu_networks.recommender}
WARM_SHARE = 0.3  # of the seconds asked for, thrown away before they begin: clocks rise, caches fill
FEWEST_PASSES = 3
COLD_TURN = 16  # cold samples enqueued before the device is waited for
REHEARSED = 3  # runs of a stage in a pass where there is no GPU


def dtype_of(name):
    if name not in DTYPES:
        raise gpu_torch.NoLike(f"this script has no {name}")
    return DTYPES[name]


class Stages:
    """Passes as assay's: each stage so many times back to back, then the next."""

    def __init__(self, timer, found):
        self.timer, self.compile_s, self.turns = timer, {}, {}
        for name, (works, times) in found.items():
            recorded = [timer.record(work) for work in works]
            self.compile_s[name] = sum(first for first, _ in recorded)
            replays = itertools.cycle([replay for _, replay in recorded])
            self.turns[name] = (replays, times if timer.cuda else min(times, REHEARSED))

    def a_pass(self):
        return {name: self.timer.turn(list(itertools.islice(replays, times)))
                for name, (replays, times) in self.turns.items()}

    def run(self, seconds):
        began, warm = time.perf_counter(), 0
        while warm < 2 or time.perf_counter() - began < WARM_SHARE * seconds:
            self.a_pass()
            warm += 1
        turns, late = self.timer.turns, self.timer.late
        samples, passes, began = {name: [] for name in self.turns}, 0, time.perf_counter()
        while passes < FEWEST_PASSES or time.perf_counter() - began < seconds:
            for name, taken in self.a_pass().items():
                samples[name] += taken
            passes += 1
        found = {name: gpu_rows.samples(taken) for name, taken in samples.items()}
        clocks = {name: self.timer.clock_mhz(list(itertools.islice(replays, times)))
                  for name, (replays, times) in self.turns.items()}
        return {"stages": found, "clock_mhz": clocks, "turns": self.timer.turns - turns, "late": self.timer.late - late}


class Op:
    def __init__(self, timer, op):
        self.timer, self.calls = timer, op["calls"]
        _, self.replay = timer.record(OPS[op["kind"]](timer, op, dtype_of(op["dtype"])))

    def run(self, seconds):
        samples, began, batch = [], time.perf_counter(), COLD_TURN if self.timer.cuda else 1
        self.timer.turn([self.replay] * batch, cold=True)
        while not samples or time.perf_counter() - began < seconds:
            samples += self.timer.turn([self.replay] * batch, cold=True)
        return gpu_rows.samples([each / self.calls for each in samples])


class Worker:
    def __init__(self, device):
        gpu_torch.set_up()
        self.device, self.timer = device, None  # CUDA starts with the first case: not while assay chooses kernels

    def prepare(self, request):
        gc.collect()
        if self.timer is None:
            self.timer = gpu_torch.Timer(self.device)
        elif self.timer.cuda:
            torch.cuda.empty_cache()
        try:
            if "op" in request:
                return {}, Op(self.timer, request["op"]).run
            return self.case(request["case"], request["compiled"])
        finally:
            gc.collect()

    def case(self, case, compiled):
        workload, dtype = case["config"]["workload"], dtype_of(case["config"]["dtype"])
        if workload not in WORKLOADS:
            raise gpu_torch.NoLike(f"this script has no workload {workload}")
        torch._dynamo.reset()
        unit = Stages(self.timer, WORKLOADS[workload](self.timer, case, dtype, compiled))
        how = ("compiled" if compiled else "eager") + (", graph" if self.timer.cuda else "")
        return {"stages": list(unit.turns), "compile_s": unit.compile_s if compiled else {}, "how": how}, unit.run


def about():
    try:
        import torchvision
        vision = torchvision.__version__
    except Exception as why:  # noqa: BLE001  it is optional, and may be of another torch
        vision = f"none ({type(why).__name__})"
    return gpu_torch.about() | {"torchvision": vision}


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started it ends it
    peer_process.serve(Worker(sys.argv[1]).prepare, about)
