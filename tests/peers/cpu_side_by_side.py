#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Puts assay's CPU kernels and models beside other software on this machine, and beside the machine's own
ceilings.

Every figure is a ratio of times taken in pairs: ours, theirs, ours, theirs, the order swapped each time, each
side in a process of its own that sleeps while the other works, with a probe of the machine (multiply-adds from
registers, reads from memory) before, between and after. A pair with a probe below 95 % of the best seen (the
95th percentile of the probes, the very highest being luck) counts as disturbed: it is dropped, and counted, and others are taken while time lasts. What is written: a JSON file
with every pair, and a Markdown table made from it.

    P=/path/to/venv/bin/python
    tests/peers/cpu_side_by_side.py --build build --python $P --out reports/examples/peers-cpu.md
    tests/peers/cpu_side_by_side.py --only 'prefill|decode' --python $P   these groups again, the others kept
    tests/peers/cpu_side_by_side.py --only nothing                        only the table again
    tests/peers/cpu_side_by_side.py --suite recommender --python $P       into peers-recommender-cpu.md
    tests/peers/cpu_side_by_side.py --suite vision --python $P            into peers-vision-cpu.md
    tests/peers/cpu_side_by_side.py --suite vision-avx2 --python $P       into peers-vision-avx2.md, of a CPU without AVX-512

The Python named by --python needs torch and transformers for PyTorch's side, llama_cpp (llama-cpp-python), gguf
and numpy for llama.cpp's, for recommenders torch, numpy and fbgemm_gpu (fbgemm-gpu-cpu of torch's release), and for
vision torch, torchvision, onnx, onnxscript, onnxruntime, openvino and Pillow; Pillow-SIMD has Pillow's
name, so it wants a folder of its own (pip install --target), which PILLOW_SIMD names. OTHER_ONEDNN names what starts
another build's peer_worker: these sources, linked with another release of oneDNN. A peer that is missing is left out with a line that says so. This script itself needs none. It wants a machine that does nothing else; a group takes one to five minutes."""
import argparse
import contextlib
import datetime
import fcntl
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import cpu_rows
import cpu_table
import recommender_rows
import recommender_table
import vision_rows
import vision_table
from peer_process import Peer, Unsupported

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BATCH_SECONDS = 0.012  # of work between two probes, at least
QUIET_SECONDS = 1.0  # to wait for a probe as good as the best before a pair starts, at most
PAUSE_SECONDS = 0.015  # until the threads of the side that just worked have stopped to spin
WARM_SECONDS = 0.2  # shorter work is done once untimed before it is timed: the other side had the caches
WORKERS = {"torch": "torch_worker.py", "fbgemm": "torch_worker.py", "llama.cpp": "llama_worker.py",
           "onnxruntime": "onnxruntime_worker.py", "openvino": "openvino_worker.py", "pillow": "pillow_worker.py",
           "pillow-simd": "pillow_worker.py PILLOW_SIMD"}
OTHER_BUILD = {"other oneDNN": "OTHER_ONEDNN"}  # peers that are assay: where their worker stands
SUITES = {  # rows, the peers of them, the table, where it goes
    "llm": (cpu_rows, ("torch", "llama.cpp"), cpu_table.render, "peers-cpu.md"),
    "recommender": (recommender_rows, ("torch", "fbgemm"), recommender_table.render, "peers-recommender-cpu.md"),
    "vision": (vision_rows, vision_rows.PEERS, vision_table.of_zen4, "peers-vision-cpu.md"),
    "vision-avx2": (vision_rows, vision_rows.PEERS, vision_table.of_zen3, "peers-vision-avx2.md")}
COMMANDS = {"help": ["--help"], "inspect": ["inspect", str(ROOT / "configs/models/llama-3.1-8b.json")]}
COMMAND_RUNS = 40


class Bench:
    def __init__(self, options):
        # Probes have a process of their own: what a side finds when it starts must not depend on who probed.
        worker = [str(options.build / "peer_worker")]
        self.ours, self.prober = Peer(worker, options.threads), Peer(worker, options.threads)
        self.peers, self.missing, self.rates = {"oneDNN": self.ours}, {}, {}
        self.lock = options.lock and open(options.lock, "a")
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.temporary.name)
        self.versions = {"assay": self.ours.ask(do="about")}
        for name in SUITES[options.suite][1]:
            try:
                peer = Peer(self.command(name, options.python), options.threads)
                self.versions[name] = peer.ask(do="about")
                self.peers[name] = peer
            except (Unsupported, OSError) as why:
                self.missing[name] = str(why)
                print(f"{name} is left out: {why}", file=sys.stderr)

    @staticmethod
    def command(name, python):
        if name in OTHER_BUILD:
            if OTHER_BUILD[name] not in os.environ:
                raise Unsupported(f"{OTHER_BUILD[name]} is not set")
            return [os.environ[OTHER_BUILD[name]]]
        script, *arguments = WORKERS[name].split()
        return [python, str(HERE / script), *arguments]

    def close(self):
        for peer in {self.prober, *self.peers.values()}:
            peer.close()
        self.temporary.cleanup()

    def probe(self, kind, dtype):
        """`kind` "own": that of our own unit, on its data."""
        time.sleep(PAUSE_SECONDS)
        if kind == "own":
            rate = self.ours.ask(do="probe", id="ours")["rate"]
        else:
            rate = self.prober.ask(do="probe", kind=kind, dtype=dtype)["rate"]
        self.rates.setdefault((kind, dtype), []).append(rate)
        return rate

    def quiet(self, rate, kind, dtype):
        return rate >= cpu_table.DISTURBED * cpu_table.high(self.rates[kind, dtype])

    def wait_for_quiet(self, kind, dtype):
        """A probe; while it is poor, another one, for a while. What disturbs comes in bursts."""
        deadline = time.monotonic() + QUIET_SECONDS
        rate = self.probe(kind, dtype)
        while not self.quiet(rate, kind, dtype) and time.monotonic() < deadline:
            time.sleep(10 * PAUSE_SECONDS)
            rate = self.probe(kind, dtype)
        return rate

    def timed(self, peer, unit, repeats, warm=False):
        time.sleep(PAUSE_SECONDS)
        if warm:
            peer.ask(do="run", id=unit, repeats=1)
        return peer.ask(do="run", id=unit, repeats=repeats)

    @contextlib.contextmanager
    def alone(self):
        """Of all who measure on this machine and ask the same file."""
        if self.lock:
            fcntl.flock(self.lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            if self.lock:
                fcntl.flock(self.lock, fcntl.LOCK_UN)

    def pairs(self, row, sides, seconds_limit):
        """Pairs of one row until enough are undisturbed; `sides`: [(worker, id)], one or two."""
        with self.alone():
            return self.pairs_alone(row, sides, seconds_limit)

    def pairs_alone(self, row, sides, seconds_limit):
        repeats, warm = [], []
        for worker, unit in sides:
            steps = cpu_rows.DECODE_STEPS if row["what"] in ("decode", "overhead") else 1
            start = time.monotonic()
            once = self.timed(worker, unit, 1)["seconds"] * steps
            if time.monotonic() - start < 1:  # the first may have been a cold one
                once = min(once, self.timed(worker, unit, 1)["seconds"] * steps)
            warm.append(once < WARM_SECONDS)
            fill = max(1, min(1000, int(BATCH_SECONDS / max(once, 1e-6))))
            repeats.append(row.get("repeats", fill))
        ceiling = row["binds"], row["dtype"]
        if row["binds"] == "own":
            self.rates.pop(ceiling, None)  # the last row's was of other data
        pairs, started = [], time.monotonic()
        while (sum(self.quiet(min(pair["probes"]), *ceiling) for pair in pairs) < row["pairs"] and
               (len(pairs) < 3 or time.monotonic() - started < seconds_limit)):
            order = list(range(len(sides)))[:: -1 if len(pairs) % 2 else 1]
            seconds, extra, probes = [None] * len(sides), None, [self.wait_for_quiet(*ceiling)]
            for side in order:
                reply = self.timed(*sides[side], repeats[side], warm[side])
                seconds[side] = reply["seconds"]
                extra = reply.get("facts", extra)
                probes.append(self.probe(*ceiling))
            extra = {key: extra[key] for key in ("step_seconds", "slices") if extra and key in extra}
            pairs.append({"seconds": seconds, "probes": probes, "first": order[0], **extra})
        return {"repeats": repeats, "pairs": pairs}

    def prepare(self, peer, unit, request):
        # One side writes them, and the others read them.
        request = {key: str(self.folder / value) if key.endswith("_file") else value for key, value in request.items()}
        files = {key: str(ROOT / request[key]) for key in ("config", "model") if key in request}
        return peer.ask(do="prepare", id=unit, **{**request, **files})

    def compare(self, row, seconds_limit):
        """Result rows of one row of cpu_rows: one a peer."""
        facts = self.prepare(self.ours, "ours", row["ours"])
        common = {key: row[key] for key in ("what", "of", "shape", "dtype", "binds", "probe", "ceiling") if key in row}
        common |= {"kernel": facts["kernel"], "flops": facts["flops"], "bytes": facts["bytes"]}
        if "flops_saved" in facts:
            common["flops_saved"] = facts["flops_saved"]
        if not row["peers"]:
            yield common | {"peer": None} | self.pairs(row, [(self.ours, "ours")], seconds_limit)
        for name, request in row["peers"].items():
            if name not in self.peers:
                yield common | {"peer": name, "unsupported": self.missing[name], "pairs": []}
                continue
            peer, note = self.peers[name], None
            try:
                try:
                    theirs = self.prepare(peer, "theirs", request)
                except Unsupported as why:
                    if name != "oneDNN" or request["dtype"] == "f32":
                        raise
                    # The same product in the type that it does multiply here.
                    note = f"{why}; its f32 product instead"
                    theirs = self.prepare(peer, "theirs", {**request, "dtype": "f32"})
                told = {"peer_kernel": theirs["kernel"], "tried": theirs.get("tried"), "note": note}
                yield (common | {"peer": name} | told |
                       self.pairs(row, [(self.ours, "ours"), (peer, "theirs")], seconds_limit))
                peer.ask(do="drop", id="theirs")
            except Unsupported as why:
                yield common | {"peer": name, "unsupported": str(why), "pairs": []}
        self.ours.ask(do="drop", id="ours")

    def commands(self, binary):
        """Wall time of a whole process, again and again."""
        rows = []
        for name, arguments in COMMANDS.items():
            pairs = []
            for _ in range(COMMAND_RUNS):
                probes = [self.wait_for_quiet("fma", "f32")]
                start = time.perf_counter()
                subprocess.run([str(binary), *arguments], stdout=subprocess.DEVNULL, check=True)
                seconds = time.perf_counter() - start
                probes.append(self.probe("fma", "f32"))
                pairs.append({"seconds": [seconds], "probes": probes, "first": 0})
            rows.append({"what": name, "binds": "fma", "dtype": "f32", "peer": None, "pairs": pairs})
        return rows


def run(options, data):
    groups = SUITES[options.suite][0].GROUPS
    names = [name for name in groups if re.search(options.only, name)]
    if not names:
        return
    bench = Bench(options)
    revision = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"],
                              capture_output=True, text=True)
    data["versions"] = {**data.get("versions", {}), **bench.versions}
    for name in names:
        print(f"{name} ...", file=sys.stderr, flush=True)
        rows = []
        data.setdefault("groups", {})[name] = {
            "measured_at": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "revision": revision.stdout.strip(), "threads": options.threads, "rows": rows}
        if groups[name] is None:
            rows.extend(bench.commands(options.build / "assay"))
            save(options.out.with_suffix(".json"), json.dumps(data, indent=1) + "\n")
            continue
        for row in groups[name]():
            for result in bench.compare(row, options.seconds):
                rows.append(result)
                print("  " + cpu_table.line(result), file=sys.stderr, flush=True)
                save(options.out.with_suffix(".json"), json.dumps(data, indent=1) + "\n")
    bench.close()


def save(path, text):
    temporary = path.with_suffix(".tmp")
    temporary.write_text(text)
    os.replace(temporary, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build",
                        help="build folder, with assay and peer_worker in it (default: build)")
    parser.add_argument("--python", default=sys.executable,
                        help="Python that has the peers (default: this one)")
    parser.add_argument("--suite", choices=SUITES, default="llm", help="what is compared (default: llm)")
    parser.add_argument("--out", type=pathlib.Path,
                        help="the table; its data go beside it, as .json (default: reports/examples/peers-*cpu.md)")
    parser.add_argument("--only", default=".", metavar="REGEX",
                        help="groups to measure: " + "; ".join(
                            f"{suite}: {' '.join(rows.GROUPS)}" for suite, (rows, *_) in SUITES.items()))
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="of every side")
    parser.add_argument("--lock", metavar="FILE",
                        help="a file to lock (flock) while pairs are timed: for a machine where others measure too")
    parser.add_argument("--seconds", type=float, default=60,
                        help="for the pairs of a row, at most (three pairs at least; default: 60)")
    options = parser.parse_args()
    *_, render, file = SUITES[options.suite]
    options.out = options.out or ROOT / "reports/examples" / file
    stored = options.out.with_suffix(".json")
    data = json.loads(stored.read_text()) if stored.exists() else {}
    run(options, data)
    save(options.out, render(data))
    print(options.out)


if __name__ == "__main__":
    main()
