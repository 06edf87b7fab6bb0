# SPDX-License-Identifier: Apache-2.0
"""Makes tests/golden/vision/resized.json: pictures of a formula, resized by Pillow's antialiased bilinear, whole or
with the middle cut out as torchvision does. Not needed to build or test; run it to add a case:

    python tests/peers/make_vision_golden.py          (Pillow)
"""
import json
import pathlib

import PIL
from PIL import Image

OUT = pathlib.Path(__file__).resolve().parents[1] / "golden" / "vision" / "resized.json"
# height, width, resized height, resized width, and of that how much is cut out of the middle
STRETCHED = [(37, 53, 16, 20), (90, 41, 17, 13), (11, 9, 23, 31), (1, 50, 5, 7), (200, 3, 12, 12),
             (375, 500, 14, 15)]
CROPPED = [(45, 71, 24, 20), (71, 45, 24, 21), (50, 50, 19, 16), (120, 160, 27, 24), (20, 35, 32, 29)]


def picture(height, width):
    image = Image.new("RGB", (width, height))
    for y in range(height):
        for x in range(width):
            image.putpixel((x, y), tuple(((x * 7 + y * 13 + c * 50) ^ (x * y)) & 255 for c in range(3)))
    return image


def values(image):
    return list(image.tobytes())


def cropped(height, width, size, out):
    """torchvision's Resize(size) and CenterCrop(out)."""
    short, long = min(height, width), max(height, width)
    longer = int(size * long / short)
    resized = (size, longer) if width <= height else (longer, size)
    left, top = (int(round((side - out) / 2.0)) for side in resized)
    image = picture(height, width).resize(resized, Image.Resampling.BILINEAR, reducing_gap=None)
    return image.crop((left, top, left + out, top + out))


def main():
    stretched = [dict(height=h, width=w, out_h=oh, out_w=ow,
                      values=values(picture(h, w).resize((ow, oh), Image.Resampling.BILINEAR, reducing_gap=None)))
                 for h, w, oh, ow in STRETCHED]
    cut = [dict(height=h, width=w, resize=size, out=out, values=values(cropped(h, w, size, out)))
           for h, w, size, out in CROPPED]
    OUT.parent.mkdir(parents=True, exist_ok=True)
    rows = ",\n".join(json.dumps(case, separators=(",", ":")) for case in stretched)
    cut_rows = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cut)
    OUT.write_text(f'{{"pillow":"{PIL.__version__}","stretched":[\n{rows}\n],"cropped":[\n{cut_rows}\n]}}\n')


if __name__ == "__main__":
    main()
