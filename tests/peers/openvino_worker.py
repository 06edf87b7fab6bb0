# SPDX-License-Identifier: Apache-2.0
"""OpenVINO's side of cpu_side_by_side.py --suite vision: its CPU plugin, for the latency of one request."""
import os

import numpy
import openvino

import peer_process
from onnx_file import onnx_file
from peer_timing import faster, repeated

THREADS = int(os.environ["OMP_NUM_THREADS"])
PRECISIONS = {"f32": openvino.Type.f32, "bf16": openvino.Type.bf16}
core = openvino.Core()


def network(request):
    precision = PRECISIONS[request["dtype"]]
    compiled = core.compile_model(openvino.convert_model(onnx_file(request)), "CPU",
                                  {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": THREADS,
                                   "INFERENCE_PRECISION_HINT": precision})
    computes = compiled.get_property("INFERENCE_PRECISION_HINT")
    if computes != precision:
        raise peer_process.Unsupported(f"asked for {request['dtype']} its plugin computes in {computes}")
    x = numpy.random.default_rng(1).standard_normal(tuple(compiled.input(0).shape), dtype=numpy.float32)
    asked = compiled.create_infer_request()
    asked.set_input_tensor(openvino.Tensor(x))
    name, run, times = faster({"latency": lambda: asked.infer})
    return {"kernel": name, "tried": times}, repeated(run)


def about():
    return {"openvino": openvino.__version__, "threads": THREADS}


if __name__ == "__main__":
    peer_process.serve(network, about)
