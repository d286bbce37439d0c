"""One iteration of adversarial variational Bayes on the eight schools (Mescheder et al. 2017) in PyTorch, as a competent
user writes it: one step of the sampler, two of the critic, adaptive contrast by the moments of a batch.
"""

import math
import os

import rounds

parser = rounds.arguments(__doc__)
parser.add_argument("--variant", choices=["default", "fused", "compile"], default="default",
                    help="default: Adam's default arguments; fused: Adam(fused=True); "
                         "compile: the losses under torch.compile, and fused Adam")
parser.set_defaults(batch=512)

if __name__ == "__main__":
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", str(options.threads))

import torch
import torch.nn.functional as F
from torch import nn

DIMENSION, HIDDEN, WIDTH, BLOCKS = 10, 128, 256, 5


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.second.bias)

    def forward(self, h):
        return h + self.second(F.leaky_relu(self.first(F.leaky_relu(h, 0.2)), 0.2))


class Critic(nn.Module):
    def __init__(self):
        super().__init__()
        self.entry = nn.Linear(DIMENSION, WIDTH)
        self.blocks = nn.Sequential(*(Block() for _ in range(BLOCKS)))
        self.output = nn.Linear(WIDTH, 1)

    def forward(self, z):
        return self.output(F.leaky_relu(self.blocks(self.entry(z)), 0.2)).squeeze(1) + z.square().sum(1) / 2


Y = torch.tensor([2.8, .8, -.3, .7, -.1, .1, 1.8, 1.2])
SIGMA = torch.tensor([.8, .5, .8, .6, .5, .6, .5, .4])


def log_density(z):
    mu, tau, eta = z[:, :1], z[:, 1:2], z[:, 2:]
    standardized = (Y - mu - tau * eta) / SIGMA
    constant = 18 / 2 * math.log(2 * math.pi) + SIGMA.log().sum()
    return -0.5 * (standardized.square().sum(1) + z.square().sum(1)) - constant


def moments(z):
    z = z.detach()
    return z.mean(0), z.std(0) + 1e-6


def main(options):
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    sampler = nn.Sequential(nn.Linear(DIMENSION, HIDDEN), nn.ELU(), nn.Linear(HIDDEN, HIDDEN), nn.ELU(),
                            nn.Linear(HIDDEN, DIMENSION))
    critic = Critic()
    fused = {} if options.variant == "default" else {"fused": True}
    primal = torch.optim.Adam(sampler.parameters(), lr=1e-4, betas=(0.5, 0.999), **fused)
    adversary = torch.optim.Adam(critic.parameters(), lr=2e-4, betas=(0.5, 0.999), **fused)

    def loss(noise):
        z = sampler(noise)
        mean, deviation = moments(z)
        normalized = (z - mean) / deviation
        log_r = -0.5 * normalized.square().sum(1) - deviation.log().sum() - DIMENSION / 2 * math.log(2 * math.pi)
        return (critic(normalized) + log_r - log_density(z)).mean()

    def opposed(noise, reference):
        with torch.no_grad():
            z = sampler(noise)
            mean, deviation = moments(z)
            z = (z - mean) / deviation
        logits = critic(torch.cat([z, reference]))
        return (F.softplus(-logits[:len(z)]).mean() + F.softplus(logits[len(z):]).mean()) / 2

    if options.variant == "compile":
        loss, opposed = torch.compile(loss), torch.compile(opposed)

    def run(n):
        for _ in range(n):
            primal.zero_grad(set_to_none=True)
            critic.requires_grad_(False)
            value = loss(torch.randn(options.batch, DIMENSION))
            value.backward()
            primal.step()
            critic.requires_grad_(True)
            for _ in range(2):
                adversary.zero_grad(set_to_none=True)
                opposed(torch.randn(options.batch, DIMENSION), torch.randn(options.batch, DIMENSION)).backward()
                adversary.step()
        value.item()

    rounds.converse(f"eight schools torch {options.variant}", options, run, torch=torch.__version__)


if __name__ == "__main__":
    main(options)
