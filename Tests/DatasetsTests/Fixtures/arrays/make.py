"""Writes the fixtures of arrays beside this file: python3 make.py (needs numpy, scipy, safetensors).

Every array has the values 0, 1, 2, ... in row-major order (booleans: whether the value is odd), so that a
test can state all of them; the shapes are [2, 3, 4] unless said otherwise.
"""

import pathlib

import numpy as np
import safetensors.numpy
import scipy.io

HERE = pathlib.Path(__file__).parent
SHAPE = (2, 3, 4)
TYPES = "bool uint8 int8 uint16 int16 uint32 int32 uint64 int64 float16 float32 float64".split()


def ramp(dtype, shape=SHAPE):
    values = np.arange(np.prod(shape)).reshape(shape)
    return values % 2 == 1 if dtype == "bool" else values.astype(dtype)


np.save(HERE / "big-endian.npy", ramp(">i4"))
np.save(HERE / "fortran.npy", np.asfortranarray(ramp("float64")))
arrays = {dtype: ramp(dtype) for dtype in TYPES}
arrays["fortran"] = np.asfortranarray(ramp("int16"))
arrays["big_endian"] = ramp(">f8")
np.savez(HERE / "stored.npz", **arrays)
np.savez_compressed(HERE / "deflated.npz", **arrays)
np.savez_compressed(HERE / "one.npz", ramp("uint8"))

safetensors.numpy.save_file({d: ramp(d) for d in TYPES}, HERE / "types.safetensors", {"made by": "numpy"})
safetensors.numpy.save_file({"only": ramp("float32")}, HERE / "one.safetensors")

# SciPy has no float16 and stores what it is given; a logical array is a bool.
variables = {dtype: ramp(dtype) for dtype in TYPES if dtype != "float16"}
variables["matrix"] = ramp("float64", (3, 4))
variables["scalar"] = np.float64(7)
variables["complex"] = np.array([[1 + 2j]])
variables["text"] = "words"
variables["cell"] = np.array([1, "two"], dtype=object)
variables["record"] = {"field": 1.0}
variables["sparse"] = scipy.sparse.csc_matrix(np.eye(3))
scipy.io.savemat(HERE / "plain.mat", variables)
scipy.io.savemat(HERE / "compressed.mat", variables, do_compression=True)
scipy.io.savemat(HERE / "one.mat", {"only": ramp("uint8"), "note": "not an array of numbers"})
scipy.io.savemat(HERE / "level4.mat", {"x": ramp("float64", (3, 4))}, format="4")
# Two images in the layout of Street View House Numbers; label 10 is the digit 0.
scipy.io.savemat(
    HERE / "svhn.mat",
    {
        "X": (np.arange(32 * 32 * 3 * 2) % 251).astype("uint8").reshape(32, 32, 3, 2),
        "y": np.array([[10], [3]], dtype="uint8"),
    },
    do_compression=True,
)
