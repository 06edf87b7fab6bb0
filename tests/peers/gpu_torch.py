# SPDX-License-Identifier: Apache-2.0
"""How PyTorch is timed on a GPU: as assay times itself (src/measure/pass.cpp, src/measure/cold_timer.cpp).

Work is recorded in a CUDA graph. A turn holds the device back until all its replays and events are enqueued, so that
what the host takes is not on the clock. A cold sample comes after a read of more than the second-level cache: a flush
by writing would leave dirty lines, and the work under the clock would pay for writing them back.
"""
import subprocess
import time

import torch

CACHES = 3  # that the flush reads, at least
HELD_REPLAYS = 64  # enqueued while the device is held; a queue takes no end of them
LONGEST_HOLD = 1 << 28  # clocks
TRIES = 4  # of a turn that began before it was enqueued


class NoLike(Exception):
    """PyTorch has no operator for this."""


class Timer:
    def __init__(self, device):
        self.device = torch.device("cuda:0" if device == "cuda" else device)  # set_device wants the number
        self.cuda = self.device.type == "cuda"
        if self.cuda:
            torch.cuda.set_device(self.device)
        self.late = self.turns = 0
        self.hold_clocks = 1 << 20
        cache = torch.cuda.get_device_properties(self.device).L2_cache_size if self.cuda else 1 << 20
        self.flushed = torch.zeros(max(CACHES * cache, 1 << 20) // 4, dtype=torch.float32, device=self.device)
        self.sink = torch.zeros((), dtype=torch.float32, device=self.device)
        self.events = []

    def tensor(self, *shape, dtype):
        return torch.randn(*shape, device=self.device, dtype=torch.float32).to(dtype)

    def flush(self):
        torch.sum(self.flushed, dim=0, out=self.sink)

    def record(self, work):
        """The seconds of the first call (it compiles, where there is something to compile), and the replay."""
        began = time.perf_counter()
        work()
        if not self.cuda:
            return time.perf_counter() - began, work
        torch.cuda.synchronize()
        first = time.perf_counter() - began
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(2):  # libraries choose and allocate outside of the recording
                work()
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            output = work()
        self.flush()  # what it needs is allocated outside of the clock
        torch.cuda.synchronize()

        # A recording holds addresses: what the work reads must live as long as it does.
        def replay(graph=graph, _kept=(work, output)):
            graph.replay()
        return first, replay

    def turn(self, replays, cold=False):
        """Seconds of each of `replays`, enqueued back to back."""
        self.turns += 1
        if not self.cuda:
            return [self.on_the_host(replay, cold) for replay in replays]
        while len(self.events) < 2 * len(replays):
            self.events.append(torch.cuda.Event(enable_timing=True))
        for _ in range(TRIES):
            marks, late = self.enqueue(replays, cold)
            torch.cuda.synchronize()
            if not late:
                break
            self.hold_clocks = min(2 * self.hold_clocks, LONGEST_HOLD)
        else:
            self.late += 1
        return [self.events[a].elapsed_time(self.events[b]) / 1e3 for a, b in marks]

    def enqueue(self, replays, cold):
        if hasattr(torch.cuda, "_sleep"):
            torch.cuda._sleep(self.hold_clocks)
        marks, late = [], False
        for i, replay in enumerate(replays):
            begin, end = (2 * i, 2 * i + 1) if cold else (i, i + 1)
            if cold:
                self.flush()
            if cold or i == 0:
                self.events[begin].record()
            replay()
            self.events[end].record()
            marks.append((begin, end))
            if i + 1 == min(HELD_REPLAYS, len(replays)):
                late = self.events[0].query()
        return marks, late

    def on_the_host(self, replay, cold):
        if cold:
            self.flush()
        began = time.perf_counter()
        replay()
        return time.perf_counter() - began

    def clock_mhz(self, replays):
        """Of the multiprocessors while `replays` run."""
        if not self.cuda:
            return None
        for replay in replays:
            replay()
        try:
            return torch.cuda.clock_rate()
        except Exception:  # noqa: BLE001  it wants pynvml
            return clock_of_nvidia_smi()
        finally:
            torch.cuda.synchronize()


def clock_of_nvidia_smi():
    try:
        told = subprocess.run(["nvidia-smi", "--query-gpu=clocks.sm", "--format=csv,noheader,nounits"],
                              capture_output=True, text=True, timeout=5, check=True)
        return int(told.stdout.split()[0])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return None


def set_up():
    """As who cares for speed sets torch up, in the number formats that are named: f32 is no TF32."""
    torch.set_grad_enabled(False)
    torch.manual_seed(1)
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False


def about():
    cuda = torch.cuda.is_available()
    return {"torch": torch.__version__, "cuda": torch.version.cuda,
            "cudnn": torch.backends.cudnn.version() if cuda else None,
            "gpu": torch.cuda.get_device_name(0) if cuda else None}
