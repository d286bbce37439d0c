"""Writes the pictures beside this file, and what Pillow decodes from each as .npy.

Run with Pillow 13.0 and NumPy: python3 make.py
"""

import pathlib

import numpy as np
from PIL import Image

here = pathlib.Path(__file__).parent
y, x = np.mgrid[0:19, 0:23]
red = (11 * x + 3 * y) % 256
green = (128 + 90 * np.sin(x / 3.0) * np.cos(y / 4.0)).astype(int)
blue = (255 - 13 * y) % 256
color = np.stack([red, green, blue], -1).astype(np.uint8)
alpha = ((x * y) % 256).astype(np.uint8)
grey = color[..., 0]


def save(name, image, **options):
    image.save(here / name, **options)
    read = Image.open(here / name)
    if read.mode == "P":
        read = read.convert("RGBA" if "transparency" in read.info else "RGB")
    pixels = np.asarray(read)
    if read.mode == "1":
        pixels = pixels.astype(np.uint8) * 255
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    np.save(here / (name.replace(".", "-") + ".npy"), pixels)


save("grey.png", Image.fromarray(grey))
save("bits.png", Image.fromarray(grey > 100))
save("deep.png", Image.fromarray((grey.astype(np.uint16) * 257 + y).astype(np.uint16)))
save("color.png", Image.fromarray(color))
save("alpha.png", Image.fromarray(np.dstack([color, alpha])))
save("grey-alpha.png", Image.fromarray(np.dstack([grey, alpha])))
save("palette.png", Image.fromarray(color).quantize(16))
save("palette-alpha.png", Image.fromarray(np.dstack([color, alpha])).quantize(16))
save("grey.jpg", Image.fromarray(grey), quality=80)
save("color-420.jpg", Image.fromarray(color), quality=80, subsampling="4:2:0")
save("color-422.jpg", Image.fromarray(color), quality=80, subsampling="4:2:2")
save("color-444.jpg", Image.fromarray(color), quality=95, subsampling="4:4:4")
save("progressive.jpg", Image.fromarray(color), quality=80, progressive=True)
save("rgb.jpg", Image.fromarray(color), quality=90, keep_rgb=True)
Image.fromarray(color).convert("CMYK").save(here / "cmyk.jpg", quality=80)

# Resizing: Pillow's antialiased bilinear filter, with and without a change of aspect.
for name, size in [("smaller", (9, 7)), ("larger", (40, 33)), ("wider", (46, 19)), ("flat", (23, 5))]:
    resized = Image.fromarray(color).resize(size, Image.Resampling.BILINEAR)
    np.save(here / f"resized-{name}.npy", np.asarray(resized))
np.save(here / "luma.npy", np.asarray(Image.fromarray(color).convert("L"))[..., None])
