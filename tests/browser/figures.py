# SPDX-License-Identifier: Apache-2.0
"""What a cell of a report says as a number, read apart from the page's own script."""
import re

SCALE = {"p": 1e-12, "n": 1e-9, "\u00b5": 1e-6, "m": 1e-3, "": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15,
         "E": 1e18, "Z": 1e21}
BINARY = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40, "PiB": 2**50}
UNIT = re.compile(r"(KiB|MiB|GiB|TiB|PiB)\b|([pn\u00b5mkMGTPEZ]?)(?:s|B|B/s|FLOP|FLOP/s|W|J|Hz)(?![\w])")


def value_of(text):
    """None for what is unknown; (1, text) for words, which stand behind the numbers (0, value)."""
    text = text.strip()
    if text in ("", "-"):
        return None
    number = re.search(r"-?\d[\d,]*(\.\d+)?(e[-+]?\d+)?", text)
    if not number:
        return (1, text)
    rest = re.sub(r"^ to [-+\d.,e]+", "", text[number.end():]).lstrip()
    unit = UNIT.match(rest)
    scale = 1 if not unit else BINARY[unit.group(1)] if unit.group(1) else SCALE[unit.group(2)]
    return (0, float(number.group().replace(",", "")) * scale)
