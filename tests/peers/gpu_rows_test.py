# SPDX-License-Identifier: Apache-2.0
"""What of the GPU side by side needs neither torch nor a GPU: ratios over rounds, shapes, cases, the report."""
import json
import math
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import gpu_cases
import gpu_report
import gpu_rows
import gpu_shapes

HERE = pathlib.Path(__file__).resolve().parent
SUITE = HERE.parents[1] / "configs/suites/gpu-peers.json"

# In place of gpu_worker.py: a case's stage takes 20 ms there, and 10 ms on assay's side.
WORKER = """
import json, sys
for line in sys.stdin:
    request = json.loads(line)
    reply = {"torch": "0", "gpu": None}
    if request["do"] == "prepare":
        reply = {"stages": ["prefill"], "compile_s": {}, "how": "eager"}
        if request["case"]["config"]["load"]["batch"] == 2:
            reply = {"unsupported": "NoLike: two"}
    if request["do"] == "run":
        reply = {"seconds": {"stages": {"prefill": {"median_s": 0.02}}, "clock_mhz": {"prefill": None}, "turns": 1,
                             "late": 0}}
    print(json.dumps(reply), flush=True)
"""
ASSAY = """#!{python}
import json, sys, time
folder = sys.argv[sys.argv.index("--out") + 1]
config = json.load(open(folder + "/config.json"))
time.sleep(config.get("sleeps", 0))
time_s = {{"value": 0.01, "ci95": None}}
stages = [{{"name": "prefill", "time_s": time_s}}, {{"name": "decode", "time_s": time_s}}]
json.dump({{"cases": [{{"status": "ok", "stages": stages, "warnings": [], "telemetry": {{"clock_mhz": 1000}}}}]}},
          open(folder + "/result.json", "w"))
"""


def rounds(pairs):
    return [{"assay_s": assay, "torch_s": torch} for assay, torch in pairs]


class Rows(unittest.TestCase):
    def test_the_ratio_is_the_median_of_the_rounds_ratios(self):
        row = gpu_rows.row("case", "decode", rounds=rounds([(1, 2), (2, 2), (1, 3)]))
        gpu_rows.settle(row)
        self.assertEqual(row["torch_over_assay"]["median"], 2)
        self.assertEqual((row["torch_over_assay"]["smallest"], row["torch_over_assay"]["largest"]), (1, 3))
        self.assertIsNone(row["torch_over_assay"]["ci95"])
        self.assertIsNone(row["reason"])

    def test_a_round_without_one_side_does_not_count(self):
        row = gpu_rows.row("case", "decode", rounds=rounds([(1, None)]))
        gpu_rows.settle(row)
        self.assertIsNone(row["torch_over_assay"])
        self.assertEqual(row["reason"], gpu_rows.NOT_REACHED)

    def test_noise_is_each_round_over_the_one_before(self):
        row = gpu_rows.settle(gpu_rows.row("case", "decode", rounds=rounds([(1, 4), (2, 4), (4, 2)])))
        self.assertEqual(row["noise"]["assay"]["median"], 2)
        self.assertEqual(row["noise"]["torch"]["smallest"], 0.5)
        one = gpu_rows.settle(gpu_rows.row("case", "decode", rounds=rounds([(1, 4)])))
        self.assertIsNone(one["noise"])

    def test_four_rounds_make_an_interval(self):
        # The logarithms are -1, 1, -1, 1: mean 0, deviation 2 / sqrt(3), t of 3 degrees of freedom.
        low, high = gpu_rows.spread([math.exp(-1), math.exp(1)] * 2)["ci95"]
        self.assertAlmostEqual(math.log(high), 3.182 * 2 / math.sqrt(3) / 2)
        self.assertAlmostEqual(low * high, 1)
        self.assertEqual(gpu_rows.spread([2.0] * 20)["ci95"], [2.0, 2.0])

    def test_the_order_swaps_each_round(self):
        self.assertEqual([gpu_rows.order_of(i)[0] for i in range(4)], ["assay", "torch", "assay", "torch"])


class Shapes(unittest.TestCase):
    def test_options(self):
        self.assertEqual(gpu_shapes.options_of("1x64 heads 9/3x64 bf16 +scale 0.125 +gelu"),
                         {"scale": "0.125", "gelu": None})

    def test_numbers(self):
        self.assertEqual(gpu_shapes.matmul_of("16x1024x512 bf16->f32 +bias"), (16, 1024, 512))
        self.assertEqual(gpu_shapes.rows_of("64x576 bf16 silu"), (64, 576))
        self.assertEqual(gpu_shapes.embedding_of("64 of 49152x576 bf16 +distinct 64"), (64, 49152, 576))
        self.assertEqual(gpu_shapes.prefill_of("2x1024 heads 32/8x128 bf16"), (2, 1024))
        self.assertEqual(gpu_shapes.decode_of("2x1040 of 1056 heads 32/8x128 bf16"), (2, 1040))
        self.assertEqual(gpu_shapes.heads_of("2x1040 of 1056 heads 32/8x128 bf16"), (32, 8, 128))

    def test_convolutions(self):
        plain = gpu_shapes.conv_of("1x56x56x64 k256 1x1 bf16")
        self.assertEqual((plain["stride"], plain["padding"], plain["groups"]), ((1, 1), (0, 0, 0, 0), 1))
        full = gpu_shapes.conv_of("8x57x56x64 k128 3x5 /2x1 p0x1x2x3 d2 g4 f16 +residual +relu")
        self.assertEqual(full, {"batch": 8, "height": 57, "width": 56, "channels": 64, "filters": 128, "kernel_h": 3,
                                "kernel_w": 5, "stride": (2, 1), "padding": (0, 1, 2, 3), "dilation": 2, "groups": 4})
        self.assertEqual(gpu_shapes.conv_of("1x9x9x3 k8 7x7 /2 p3 f32 +relu")["padding"], (3, 3, 3, 3))


class Cases(unittest.TestCase):
    def test_the_suite_is_a_config_a_case_without_lists(self):
        cases = gpu_cases.cases_of(SUITE)
        self.assertEqual(cases[0]["label"], "llm/llama-3.1-8b/bf16/batch=1")
        self.assertEqual(cases[1]["config"]["load"]["batch"], 16)
        self.assertEqual(len({case["label"] for case in cases}), len(cases))
        for case in cases:
            self.assertTrue(pathlib.Path(case["config"]["model"]).is_absolute())
            self.assertFalse(any(isinstance(value, list) for value in case["config"]["load"].values()))

    def test_a_suite_of_files(self):
        labels = [case["label"] for case in gpu_cases.cases_of(SUITE.with_name("quick.json"))]
        self.assertIn("llm/smollm2-135m/bf16", labels)


class Report(unittest.TestCase):
    def test_every_row_is_in_it(self):
        stage = gpu_rows.settle(gpu_rows.row("a", "decode", rounds=rounds([(1e-3, 2e-3), (1e-3, 3e-3)])))
        op = gpu_rows.row("a", "decode", "op", name="qkv", kernel="ours", shape="1x2x3 bf16", reason=None)
        op |= {"assay": {"median_s": 1e-6}, "torch": gpu_rows.samples([5e-7]),
               "torch_over_assay": gpu_rows.spread([0.5])}
        text = gpu_report.render({"mode": "eager", "device": "GPU", "versions": {"torch": "0"},
                                  "ended": "So it ended.", "rows": [stage, op, gpu_rows.row("b", "whole")]})
        self.assertIn("| a | decode | 1,000.0 | 2,500.0 | **2.500** (2.000 to 3.000) | - | 2 |", text)
        self.assertIn("| ours | 1.0 | 0.5 | 0.5 to 0.5 | **0.500** |", text)
        self.assertIn(f"| b | whole | {gpu_rows.NOT_REACHED} |", text)
        self.assertIn("So it ended.", text)


class Script(unittest.TestCase):
    """With stand-ins for both sides."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        for script in HERE.glob("*.py"):
            (self.folder / script.name).write_text(script.read_text())
        (self.folder / "gpu_worker.py").write_text(WORKER)
        (self.folder / "assay").write_text(ASSAY.format(python=sys.executable))
        (self.folder / "assay").chmod(0o755)

    def start(self, **config):
        (self.folder / "model.json").write_text("{}")
        config = {"workload": "llm", "model": "model.json", "load": {"batch": [1, 2]}, **config}
        (self.folder / "c.json").write_text(json.dumps(config))
        paths = {"assay": "assay", "config": "c.json", "out": "out.json"}
        return subprocess.Popen(
            [sys.executable, str(self.folder / "gpu_side_by_side.py"), "--device", "cpu", "--seconds", "60",
             *(f"--{option}={self.folder / name}" for option, name in paths.items())],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def document(self):
        return json.loads((self.folder / "out.json").read_text())

    def test_rounds_by_turns_and_reasons(self):
        process = self.start()
        said, told = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, said + told)
        document = self.document()
        self.assertEqual(document["schema"], "assay.peers-gpu/2")
        prefill, decode, two = document["rows"]
        self.assertEqual((prefill["torch_over_assay"]["median"], prefill["torch_over_assay"]["n"]), (2, 4))
        self.assertEqual([each["first"] for each in prefill["rounds"]], ["assay", "torch", "assay", "torch"])
        self.assertIn("not timed", decode["reason"])
        self.assertEqual(two["reason"], "PyTorch has no like of it: two")

    def test_a_signal_leaves_what_there_is(self):
        process = self.start(sleeps=20)
        while process.poll() is None and not self.rows_seen():
            time.sleep(0.02)
        os.kill(process.pid, signal.SIGTERM)
        process.communicate(timeout=10)
        self.assertEqual(process.returncode, 1)
        self.assertIn("SIGTERM", self.document()["ended"])

    def rows_seen(self):
        return self.document()["rows"] if (self.folder / "out.json").exists() else []


if __name__ == "__main__":
    unittest.main()
