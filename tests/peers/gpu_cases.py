# SPDX-License-Identifier: Apache-2.0
"""The cases of a run config or suite, a config each: without lists, its model's file as an absolute path."""
import itertools
import json
import pathlib


def runs_of(path):
    """Every run of a config, with the folder that its paths are of."""
    path = pathlib.Path(path).resolve()
    config = json.loads(path.read_text())
    for run in config.get("runs", [config]):
        if isinstance(run, str):
            yield from runs_of(path.parent / run)
        else:
            yield run, path.parent


def cases_of_run(run, folder):
    model = (folder / run["model"]).resolve()
    # Lists in load and of dtypes are sweeps; of these a case has one value each.
    axes = {key: value for key, value in {"dtype": run.get("dtype", "bf16"), **run.get("load", {})}.items()
            if isinstance(value, list)}
    for values in itertools.product(*axes.values()):
        chosen = dict(zip(axes, values))
        config = {**run, "model": str(model), "dtype": chosen.pop("dtype", run.get("dtype", "bf16")),
                  "load": {**run.get("load", {}), **chosen}}
        # tests/golden/tiny/NAME/config.json is called by its folder
        name = model.parent.name if model.stem == "config" else model.stem
        label = "/".join([run["workload"], name, config["dtype"], *(f"{key}={value}" for key, value in chosen.items())])
        yield {"label": label, "config": config, "model": json.loads(model.read_text())}


def cases_of(path):
    return [case for run, folder in runs_of(path) for case in cases_of_run(run, folder)]
