"""The machine's hot single-precision matrix-multiply rate in libtorch, in GFLOP/s."""

import argparse
import time

import rounds

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("--shapes", default="100x784x500,100x500x500,2048x2048x2048")
parser.add_argument("--bf16", action="store_true")
options = parser.parse_args()

import torch  # noqa: E402

torch.set_num_threads(options.threads)
dtype = torch.bfloat16 if options.bf16 else torch.float32
for shape in options.shapes.split(","):
    m, k, n = map(int, shape.split("x"))
    a, b = torch.randn(m, k).to(dtype), torch.randn(k, n).to(dtype)
    out = torch.empty(m, n, dtype=dtype)
    flops = 2 * m * k * n
    repeats = max(1, int(2e10 / flops))
    for _ in range(max(1, repeats // 4)):
        torch.mm(a, b, out=out)
    rates = []
    for _ in range(options.rounds):
        began = time.perf_counter()
        for _ in range(repeats):
            torch.mm(a, b, out=out)
        rates.append(flops * repeats / (time.perf_counter() - began) / 1e9)
    rates.sort()
    rounds.say(name=f"gemm {shape}" + (" bf16" if options.bf16 else ""), threads=options.threads,
               gflops_median=round(rates[len(rates) // 2], 1), gflops_best=round(rates[-1], 1))
