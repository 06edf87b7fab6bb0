# SPDX-License-Identifier: Apache-2.0
"""Pillow's side of the pieces of cpu_side_by_side.py --suite vision; with an argument the Pillow of the folder that
this environment variable names."""
import io
import multiprocessing
import os
import sys

if len(sys.argv) > 1:
    sys.path.insert(0, os.environ[sys.argv[1]])

import numpy
import PIL
from PIL import Image, features

import peer_process
import picture_pieces
from peer_timing import faster, repeated
from picture_pieces import DEVIATION, MEAN, SHORTER, SIDE, THREADS, for_each, threads

Image.MAX_IMAGE_PIXELS = None


def decoded(data):
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def decode_and_forget(data):
    decoded(data)


def decode(request):
    data = picture_pieces.files(request)

    def in_processes():
        pool = multiprocessing.get_context("fork").Pool(THREADS)
        return lambda: pool.map(decode_and_forget, data, chunksize=1)
    name, run, times = faster({"threads": lambda: for_each(threads(), decoded, data), "processes": in_processes})
    return {"kernel": name, "tried": times}, repeated(run)


def normalised(picture):
    x = numpy.asarray(picture, dtype=numpy.float32)
    x *= numpy.float32(1 / 255) / numpy.array(DEVIATION, numpy.float32)
    x -= numpy.array(MEAN, numpy.float32) / numpy.array(DEVIATION, numpy.float32)
    return x


def resized_and_cut(picture):
    scale = SHORTER / min(picture.size)
    wide, high = (int(side * scale) for side in picture.size)
    left, top = (wide - SIDE) // 2, (high - SIDE) // 2
    return normalised(picture.resize((wide, high), Image.BILINEAR).crop((left, top, left + SIDE, top + SIDE)))


def resized_from_box(picture):
    """Only what is shown."""
    shown = SIDE * min(picture.size) / SHORTER
    left, top = ((side - shown) / 2 for side in picture.size)
    return normalised(picture.resize((SIDE, SIDE), Image.BILINEAR, (left, top, left + shown, top + shown)))


def after_decode(request):
    pictures = [decoded(data) for data in picture_pieces.files(request)]
    name, run, times = faster({"resize, crop": lambda: for_each(threads(), resized_and_cut, pictures),
                               "resize of the box": lambda: for_each(threads(), resized_from_box, pictures)})
    return {"kernel": name, "tried": times}, repeated(run)


def prepare(request):
    return {"decode": decode, "after_decode": after_decode}[request["unit"]](request)


def about():
    return {"pillow": PIL.__version__, "libjpeg-turbo": features.version("libjpeg_turbo"), "numpy": numpy.__version__,
            "threads": THREADS}


if __name__ == "__main__":
    peer_process.serve(prepare, about)
