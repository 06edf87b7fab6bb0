# SPDX-License-Identifier: Apache-2.0
"""What the pieces of cpu_side_by_side.py --suite vision share: the files that our side wrote, and threads that take a
picture each."""
import concurrent.futures
import glob
import os

THREADS = int(os.environ["OMP_NUM_THREADS"])
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # ImageNet's
SHORTER, SIDE = 256, 224


def files(request):
    """Their bytes, in order."""
    found = sorted(glob.glob(glob.escape(request["jpeg_file"]) + "*"))
    return [open(path, "rb").read() for path in found]


def threads(begin=None):
    return concurrent.futures.ThreadPoolExecutor(THREADS, initializer=begin)


def for_each(pool, work, pictures):
    return lambda: list(pool.map(work, pictures))
