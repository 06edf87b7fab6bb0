#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Puts assay's stages and ops on a GPU beside PyTorch's, by turns, and writes every row, also where PyTorch wins.

    P=tests/peers/gpu_side_by_side.py C=configs/suites/gpu-peers.json
    python3 $P --assay build/assay --config $C --mode eager --out peers-eager.json --report peers-eager.md
    python3 $P --assay build/assay --config $C --mode compiled --out peers-compiled.json --report peers-compiled.md
    python3 $P --result out/result.json --ops --out peers-ops.json --report peers-ops.md

How both sides are timed stands in gpu_torch.py and at the top of the report (gpu_report.py). What PyTorch has no like
of, and what was not reached, is listed with the reason. A call ends within --seconds, and on SIGINT or SIGTERM at
once, with what it has. This script needs no torch itself; the Python named by --python does, and torchvision for
vision.
"""
import argparse
import json
import os
import pathlib
import re
import signal
import sys
import time

import gpu_cases
import gpu_report
import gpu_rows
from gpu_assay import Assay, Failed
from peer_process import Peer, Unsupported

HERE = pathlib.Path(__file__).resolve().parent
SCHEMA = "assay.peers-gpu/2"
OPS_SHARE = 0.3  # of --seconds, where both stages and ops are asked for
WRITING_SECONDS = 3  # of --seconds, kept for what is done last
OP_SECONDS = 0.25
ELSEWHERE = "not timed on PyTorch's side, which is the network alone"
OPS = ("matmul", "rmsnorm", "layernorm", "gated", "embedding", "attention_prefill", "attention_decode", "conv2d")


class Stopped(BaseException):
    """Someone asks for the end; nothing that catches failures catches this."""


class Overtime(Stopped):
    """So does the clock."""


class Torch:
    """The worker; a new one after one that ended, as a fault on a GPU ends every work of its process."""

    def __init__(self, python, device, compiled):
        self.command, self.compiled, self.peer = [python, str(HERE / "gpu_worker.py"), device], compiled, None
        self.start()

    def start(self):
        self.peer = Peer(self.command, len(os.sched_getaffinity(0)))

    def ask(self, **request):
        if self.peer.process.poll() is not None:
            self.start()
        return self.peer.ask(**request)

    def close(self):
        self.peer.process.kill()
        self.peer.process.wait()


def short(problem):
    """The first line, without the name of the exception that says what it is by its text."""
    text = (str(problem).splitlines() or [""])[0][:240]
    return re.sub(r"^NoLike: ", "PyTorch has no like of it: ", text)


class SideBySide:
    def __init__(self, options, document, save):
        self.options, self.document, self.save = options, document, save
        self.torch = Torch(options.python, options.device, options.mode == "compiled")

    @property
    def rows(self):
        return self.document["rows"]

    def ask_versions(self):
        versions = self.torch.ask(do="about")
        self.document["versions"] |= {key: value for key, value in versions.items() if key != "gpu"}
        self.document["device"] = versions["gpu"] or self.options.device

    def stages(self, assay):
        cases = gpu_cases.cases_of(self.options.config)
        waiting = [gpu_rows.row(case["label"], "whole") for case in cases]
        self.rows.extend(waiting)
        self.save()
        for case, placeholder in zip(cases, waiting):
            placeholder["reason"] = "stopped before its first round was over"
            try:
                self.case(assay, case, placeholder)
            except (Failed, Unsupported) as why:
                self.fail(case, placeholder, short(why))
            self.save()

    def fail(self, case, placeholder, why):
        placeholder["reason"] = why
        for row in self.rows:
            if row["case"] == case["label"] and row["what"] == "stage" and not row["torch_over_assay"]:
                row["reason"] = why

    def case(self, assay, case, placeholder):
        # Of a case that PyTorch has no like of nothing is run.
        told = self.torch.ask(do="prepare", id="case", case=case, compiled=self.torch.compiled)
        try:
            self.rounds(assay, case, told, placeholder)
        except (Failed, Unsupported):  # not where it was stopped: then the worker may be at work, and is ended
            self.torch.ask(do="drop", id="case")
            raise
        self.torch.ask(do="drop", id="case")

    def rounds(self, assay, case, told, placeholder):
        assay.prepare(case)
        rows = {}
        for number in range(self.options.rounds):
            print(f"{case['label']}: round {number + 1}", file=sys.stderr, flush=True)
            self.round(assay, case, told, rows, number)
            if number == 0:
                self.replace(placeholder, rows.values())
            self.save()

    def replace(self, placeholder, rows):
        at = self.rows.index(placeholder)
        self.rows[at:at + 1] = rows

    def round(self, assay, case, told, rows, number):
        found = {}
        for side in gpu_rows.order_of(number):
            if side == "assay":
                found[side] = assay.run(case)
            else:
                found[side] = self.torch.ask(do="run", id="case", repeats=self.options.torch_seconds)["seconds"]
        for stage in found["assay"]["stages"]:
            name = stage["name"]
            row = rows.setdefault(name, gpu_rows.row(case["label"], name, reason=ELSEWHERE))
            if name not in told["stages"]:
                continue
            theirs = found["torch"]["stages"][name]
            row |= {"how": told["how"], "compile_s": told["compile_s"].get(name)}
            row["rounds"].append({
                "first": gpu_rows.order_of(number)[0], "assay_s": stage["time_s"]["value"],
                "assay_ci95_s": stage["time_s"]["ci95"], "torch_s": theirs["median_s"], "torch": theirs,
                "assay_mhz": found["assay"]["telemetry"]["clock_mhz"], "torch_mhz": found["torch"]["clock_mhz"][name],
                "late": found["torch"]["late"], "turns": found["torch"]["turns"],
                "assay_warnings": found["assay"]["warnings"]})
            gpu_rows.settle(row)

    def ops(self, result):
        planned = []
        for case in result["cases"]:
            if case["status"] != "ok" or not case["device"].startswith(self.options.device.split(":")[0]):
                continue
            for stage in case["stages"]:
                for op in stage["ops"]:
                    row = gpu_rows.row(case["id"], stage["name"], "op", name=op["name"], kernel=op["kernel"],
                                       shape=op["shape"], calls=op["calls"])
                    planned.append((row, op))
                    self.rows.append(row)
        for row, op in planned:
            self.refuse(row, op)
        for row, op in planned:
            if row["reason"] == gpu_rows.NOT_REACHED:
                self.op(row, op)
                self.save()

    def refuse(self, row, op):
        if op["kind"] not in OPS:
            row["reason"] = f"PyTorch has no like of it: {op['kind']} is ours"
        elif not op.get("time_s") or not op["time_s"].get("value"):
            row["reason"] = "the result has no time of it"

    def op(self, row, op):
        try:
            self.torch.ask(do="prepare", id="op", op={key: op[key] for key in ("kind", "shape", "calls", "dtype")})
            row["torch"] = self.torch.ask(do="run", id="op", repeats=OP_SECONDS)["seconds"]
            self.torch.ask(do="drop", id="op")
        except Unsupported as why:
            row["reason"] = short(why)
            return
        row["assay"] = {"median_s": op["time_s"]["value"], "ci95_s": op["time_s"]["ci95"]}
        row |= {"how": "eager, graph, cold", "reason": None}
        row["torch_over_assay"] = gpu_rows.spread([row["torch"]["median_s"] / row["assay"]["median_s"]])

    def close(self):
        self.torch.close()


def write(path, text):
    """Whole, or as it was: who reads it may come at any moment."""
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text(text)
    os.replace(temporary, path)


def options_of(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assay", default="assay", help="the program")
    parser.add_argument("--config", type=pathlib.Path, help="run config or suite whose stages are compared")
    parser.add_argument("--device", default="cuda", help="cuda, cuda:N, or cpu to rehearse (default: cuda)")
    parser.add_argument("--mode", choices=("eager", "compiled"), default="eager",
                        help="of PyTorch's side (default: eager)")
    parser.add_argument("--rounds", type=int, default=4, help="turns of each side a case (default: 4)")
    parser.add_argument("--seconds", type=float, default=100, help="of the whole call (default: 100)")
    parser.add_argument("--torch-seconds", type=float, default=0.5, help="of PyTorch's samples a turn (default: 0.5)")
    parser.add_argument("--result", help="result.json of assay run: its kernels are used again, and its ops with --ops")
    parser.add_argument("--ops", action="store_true", help="the ops of --result, after the stages; eager mode alone")
    parser.add_argument("--python", default=sys.executable, help="one that has torch (default: this one)")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="JSON with every row and round")
    parser.add_argument("--report", type=pathlib.Path, help="the same as Markdown")
    options = parser.parse_args(arguments)
    if options.ops and (not options.result or options.mode != "eager"):
        parser.error("--ops wants --result, and --mode eager")
    if not options.config and not options.ops:
        parser.error("--config, or --result with --ops, says what is compared")
    return options


def stop(number, _frame):
    if number == signal.SIGALRM:
        raise Overtime("the time given was over")
    raise Stopped(f"stopped by {signal.Signals(number).name}")


def alarm(at):
    signal.setitimer(signal.ITIMER_REAL, max(0.1, at - time.monotonic()))


def both(options, sides, assay, ends):
    """Stages, then ops, which are kept a share of the time; gives how it ended."""
    ended = "All of it was reached."
    if options.config:
        try:
            alarm(ends - OPS_SHARE * options.seconds if options.ops else ends)
            sides.stages(assay)
        except Overtime as why:
            ended = f"Not all stages were reached: {why}."
            assay.end()
            sides.torch.close()  # it may be at work
    if options.ops:
        alarm(ends)
        sides.ops(json.loads(pathlib.Path(options.result).read_text()))
    return ended


def measure(options, document, save):
    """Until it is through, or stopped; gives how it ended."""
    sides, assay, ends = None, None, time.monotonic() + options.seconds - WRITING_SECONDS
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
            signal.signal(number, stop)
        alarm(ends)
        sides, assay = SideBySide(options, document, save), Assay(options.assay, options.device, options.result)
        sides.ask_versions()
        return both(options, sides, assay, ends)
    except Stopped as why:
        return f"Not all of it was reached: {why}."
    except Unsupported as why:
        return f"PyTorch's side failed: {short(why)}."
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        for side in (assay, sides):
            if side:
                side.close()


def main(arguments=None):
    options = options_of(arguments)
    document = {"schema": SCHEMA, "mode": options.mode, "device": options.device, "versions": {},
                "rounds": options.rounds, "torch_seconds": options.torch_seconds, "config": str(options.config),
                "result": options.result, "ended": "It is still running.", "rows": []}

    def save():
        write(options.out, json.dumps(document, indent=1) + "\n")
        if options.report:
            write(options.report, gpu_report.render(document) + "\n")
    save()
    document["ended"] = measure(options, document, save)
    save()
    compared = [row["torch_over_assay"]["median"] for row in document["rows"] if row["torch_over_assay"]]
    print(document["ended"], f"{len(compared)} of {len(document['rows'])} rows compared; PyTorch / assay: "
          + (f"{min(compared):.3f} to {max(compared):.3f}" if compared else "nothing"))
    return 0 if compared else 1


if __name__ == "__main__":
    sys.exit(main())
