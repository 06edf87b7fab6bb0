# SPDX-License-Identifier: Apache-2.0
"""A worker that stays: requests and replies are JSON, a line each, over its standard streams (the protocol
stands in tests/bench/peer_worker.cpp). The same module serves both ends: Peer drives a worker, serve() is one."""
import json
import os
import subprocess
import sys


class Unsupported(Exception):
    """A worker cannot do what it was asked; the text says why."""


class Peer:
    def __init__(self, command, threads):
        # Huge pages for the tables of torch, as ours have.
        environment = dict(os.environ, OMP_NUM_THREADS=str(threads), PYTHONUNBUFFERED="1",
                           THP_MEM_ALLOC_ENABLE="1")
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=environment)

    def ask(self, **request):
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise Unsupported(f"the worker ended (exit code {self.process.wait()})")
        reply = json.loads(line)
        if "unsupported" in reply:
            raise Unsupported(reply["unsupported"])
        return reply

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def serve(prepare, about):
    """`prepare(request)` gives (facts, run), run(repeats) the seconds of one run; `about()` the versions."""
    replies, sys.stdout = sys.stdout, sys.stderr  # what libraries print must not look like a reply
    units = {}
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["do"] == "prepare":
                facts, units[request["id"]] = prepare(request)
                reply = {"ready": True, **facts}
            elif request["do"] == "run":
                reply = {"seconds": units[request["id"]](request.get("repeats", 1))}
            elif request["do"] == "drop":
                units.pop(request["id"], None)
                reply = {"dropped": True}
            else:
                reply = about()
        except Exception as problem:  # a peer that fails is a line in the table, not the end of the run
            reply = {"unsupported": f"{type(problem).__name__}: {problem}"}
        print(json.dumps(reply), file=replies, flush=True)
