"""One round of DCGAN (Radford et al. 2016) on 28 x 28 pixels in PyTorch, as a competent user writes it: generated images are made
once, the critic moves on them and on real ones, then the generator on the same images.
"""

import os

import rounds

parser = rounds.arguments(__doc__)
parser.add_argument("--variant", choices=["default", "channels-last", "compile"], default="default",
                    help="default: Adam's default arguments; channels-last: both networks in that layout, and fused Adam; "
                         "compile: both networks under torch.compile, and fused Adam")
parser.set_defaults(batch=100)

if __name__ == "__main__":
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", str(options.threads))

import torch
import torch.nn.functional as F
from torch import nn

CODES = 100


def generator():
    return nn.Sequential(
        nn.Linear(CODES, 128 * 7 * 7), nn.Unflatten(1, (128, 7, 7)), nn.BatchNorm2d(128), nn.ReLU(inplace=True),
        nn.ConvTranspose2d(128, 64, 5, 2, 2, output_padding=1), nn.BatchNorm2d(64), nn.ReLU(inplace=True),
        nn.ConvTranspose2d(64, 1, 5, 2, 2, output_padding=1), nn.Sigmoid())


def critic():
    return nn.Sequential(
        nn.Conv2d(1, 64, 5, 2, 2), nn.LeakyReLU(0.2, inplace=True), nn.Conv2d(64, 128, 5, 2, 2), nn.BatchNorm2d(128),
        nn.LeakyReLU(0.2, inplace=True), nn.Flatten(), nn.Linear(128 * 7 * 7, 1))


def main(options):
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    images = (torch.rand(6000, 784) < 0.13).float().reshape(-1, 1, 28, 28)
    make, judge = generator(), critic()
    layout = torch.contiguous_format
    if options.variant == "channels-last":
        layout = torch.channels_last
        make, judge = make.to(memory_format=layout), judge.to(memory_format=layout)
    if options.variant == "compile":
        make, judge = torch.compile(make), torch.compile(judge)
    fused = {} if options.variant == "default" else {"fused": True}
    creator = torch.optim.Adam(make.parameters(), lr=2e-4, betas=(0.5, 0.999), **fused)
    adversary = torch.optim.Adam(judge.parameters(), lr=2e-4, betas=(0.5, 0.999), **fused)

    def run(n):
        for _ in range(n):
            x = images[torch.randint(len(images), (options.batch,))].contiguous(memory_format=layout)
            made = make(torch.rand(options.batch, CODES) * 2 - 1)
            adversary.zero_grad(set_to_none=True)
            loss = (F.softplus(judge(made.detach())).mean()
                    + F.softplus(-judge(x)).mean()) / 2
            loss.backward()
            adversary.step()
            creator.zero_grad(set_to_none=True)
            judge.requires_grad_(False)
            F.softplus(-judge(made)).mean().backward()
            judge.requires_grad_(True)
            creator.step()
        loss.item()

    rounds.converse(f"DCGAN torch {options.variant}", options, run, torch=torch.__version__)


if __name__ == "__main__":
    main(options)
