# SPDX-License-Identifier: Apache-2.0
"""assay's side of the GPU side by side: one case in a process of its own, with the kernels that it chose before."""
import json
import pathlib
import shutil
import signal
import subprocess
import tempfile


class Failed(Exception):
    """A run of assay gave no figures; the text says why."""


class Assay:
    def __init__(self, program, device, choices=None):
        self.program, self.device, self.given = shutil.which(program) or program, device, choices
        self.temporary = tempfile.TemporaryDirectory(prefix="assay-peers-")
        self.folder = pathlib.Path(self.temporary.name)
        self.process = None
        self.chosen = {}  # by case

    def prepare(self, case):
        """Kernels are chosen once: two choices of one machine may differ, and would be taken for noise."""
        folder = self.folder / "choices" / str(len(self.chosen))
        self.launch(case, folder, ["--set", "/measure/min_seconds=0", "--set", "/measure/max_seconds=0.2"]
                    + (["--choices", self.given, "--choose-missing"] if self.given else []))
        self.chosen[case["label"]] = folder / "result.json"

    def run(self, case):
        """The case of result.json."""
        chosen = str(self.chosen[case["label"]])
        return self.launch(case, self.folder / "run", ["--choices", chosen, "--choose-missing"])

    def launch(self, case, folder, options):
        folder.mkdir(parents=True, exist_ok=True)
        config = folder / "config.json"
        config.write_text(json.dumps(case["config"]))
        for kept in ("result.json", "cases.jsonl"):
            (folder / kept).unlink(missing_ok=True)
        # A session of its own: who stops this script decides when assay is stopped.
        self.process = subprocess.Popen(
            [self.program, "--quiet", "run", str(config), "--device", self.device, "--out", str(folder), "--format",
             "json", "--no-op-times", "--no-probes", *options],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True)
        _, told = self.process.communicate()
        code, self.process = self.process.returncode, None
        if not (folder / "result.json").exists():
            raise Failed(f"assay gave no result (exit code {code}): {told.strip()[:200]}")
        found = json.loads((folder / "result.json").read_text())["cases"][0]
        if code != 0 or found["status"] != "ok":
            raise Failed(f"assay: {found['status']} (exit code {code}): {found['reason'] or told.strip()[:200]}")
        return found

    def end(self):
        """Of a run that is under way."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def close(self):
        self.end()
        self.temporary.cleanup()
