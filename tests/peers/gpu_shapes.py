# SPDX-License-Identifier: Apache-2.0
"""The shapes of ops as a result writes them, read back into numbers."""
import re


def options_of(shape):
    """'1x64 heads 9/3x64 bf16 +scale 0.125 +gelu' -> {'scale': '0.125', 'gelu': None}"""
    return {m[1]: m[2] for m in re.finditer(r"\+(\w+)(?: ([^ +]+))?", shape)}


def numbers(pattern, shape):
    """The groups of `pattern`, from the shape's start, as integers."""
    return tuple(map(int, re.match(pattern, shape).groups()))


def matmul_of(shape):
    """'16x1024x512 bf16 +bias' -> rows, columns, depth"""
    return numbers(r"(\d+)x(\d+)x(\d+) ", shape)


def rows_of(shape):
    """'64x576 bf16' -> rows, columns"""
    return numbers(r"(\d+)x(\d+) ", shape)


def embedding_of(shape):
    """'64 of 49152x576 bf16' -> rows, of a table of rows, columns"""
    return numbers(r"(\d+) of (\d+)x(\d+) ", shape)


def prefill_of(shape):
    """'2x1024 heads 32/8x128 bf16' -> sequences, tokens"""
    return numbers(r"(\d+)x(\d+) heads ", shape)


def decode_of(shape):
    """'2x1040 of 1056 heads 32/8x128 bf16' -> sequences, context"""
    return numbers(r"(\d+)x(\d+) of \d+ heads ", shape)


def heads_of(shape):
    """'... heads 32/8x128 ...' -> query heads, key heads, width of one"""
    return tuple(map(int, re.search(r"heads (\d+)/(\d+)x(\d+)", shape).groups()))


def conv_of(shape):
    """'8x56x56x64 k128 3x3 /2 p1 f16 +relu' -> a dictionary; padding is top, left, bottom, right"""
    found = re.match(r"(\d+)x(\d+)x(\d+)x(\d+) k(\d+) (\d+)x(\d+)(.*)", shape)
    names = ("batch", "height", "width", "channels", "filters", "kernel_h", "kernel_w")
    conv = dict(zip(names, map(int, found.groups()[:7])))
    conv |= {"stride": (1, 1), "padding": (0, 0, 0, 0), "dilation": 1, "groups": 1}
    for mark, digits in re.findall(r"(?:^| )([/pdg])(\d[\dx]*)(?= )", found[8]):
        values = tuple(map(int, digits.split("x")))
        if mark == "/":
            conv["stride"] = values if len(values) == 2 else values * 2
        elif mark == "p":
            conv["padding"] = values if len(values) == 4 else values * 4
        else:
            conv["dilation" if mark == "d" else "groups"] = values[0]
    return conv
