# SPDX-License-Identifier: Apache-2.0
"""ONNX Runtime's side of cpu_side_by_side.py --suite vision: its CPU provider, all graph optimisations."""
import os

import numpy
import onnxruntime

import peer_process
from onnx_file import onnx_file
from peer_timing import faster, repeated

THREADS = int(os.environ["OMP_NUM_THREADS"])


def session_of(path):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.intra_op_num_threads = THREADS
    # Its threads wait for the next run by spinning, through the probes and the other side's turn, unless told not to.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def network(request):
    if request["dtype"] != "f32":
        raise peer_process.Unsupported("its CPU provider has no bf16 kernels of convolutions and matrix products")
    session = session_of(onnx_file(request))
    what = session.get_inputs()[0]
    x = numpy.random.default_rng(1).standard_normal(what.shape, dtype=numpy.float32)

    def as_arrays():
        return lambda: session.run(None, {what.name: x})

    def bound():
        binding = session.io_binding()
        binding.bind_cpu_input(what.name, x)
        for out in session.get_outputs():
            binding.bind_output(out.name, "cpu")
        return lambda: session.run_with_iobinding(binding)
    name, run, times = faster({"arrays": as_arrays, "bound": bound})
    return {"kernel": name, "tried": times}, repeated(run)



def about():
    return {"onnxruntime": onnxruntime.__version__, "threads": THREADS}


if __name__ == "__main__":
    peer_process.serve(network, about)
