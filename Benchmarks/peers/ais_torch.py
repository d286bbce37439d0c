"""Annealed importance sampling of a Bernoulli decoder in PyTorch, as a competent user writes it.

The structure of Wu et al. 2017 in the PyTorch ports of their code: every leapfrog step takes a gradient by
torch.autograd.grad, energies and the weights' densities are computed where they are needed, nothing is kept from one
temperature to the next. Chains are tiled. A step is one temperature; a round is an annealing of `--steps` of them.
"""

import os

import rounds

parser = rounds.arguments(__doc__)
parser.add_argument("--sizes", default="50,200,200,784", help="latent, hidden..., pixels")
parser.add_argument("--chains", type=int, default=16)
parser.add_argument("--examples", type=int, default=100)
parser.add_argument("--leapfrog", type=int, default=10)

if __name__ == "__main__":
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", str(options.threads))

import math

import torch
import torch.nn.functional as F
from torch import nn


def decoder(sizes):
    layers = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


class Annealing:
    def __init__(self, model, x, chains, latent, leapfrog, low=0.9, high=0.9, factor=1.02, memory=0.97):
        self.model, self.latent, self.leapfrog = model, latent, leapfrog
        self.x = x.repeat(chains, 1)
        self.chains = chains
        self.low, self.high, self.factor, self.memory = low, high, factor, memory

    def log_density(self, z, beta):
        prior = -0.5 * (z.pow(2) + math.log(2 * math.pi)).sum(1)
        likelihood = -F.binary_cross_entropy_with_logits(self.model(z), self.x, reduction="none").sum(1)
        return prior + beta * likelihood

    def gradient(self, z, beta):
        z = z.detach().requires_grad_()
        with torch.enable_grad():
            return torch.autograd.grad(self.log_density(z, beta).sum(), z)[0]

    def trajectory(self, z, v, size, beta):
        v = v + size / 2 * self.gradient(z, beta)
        for step in range(self.leapfrog):
            z = z + size * v
            if step < self.leapfrog - 1:
                v = v + size * self.gradient(z, beta)
        return z, v + size / 2 * self.gradient(z, beta)

    @torch.no_grad()
    def __call__(self, temperatures):
        z = torch.randn(len(self.x), self.latent)
        size = torch.full((len(z), 1), math.pi / 2 / self.leapfrog)
        acceptance = torch.full((len(z), 1), (self.low + self.high) / 2)
        weight = torch.zeros(len(z))
        betas = [step / temperatures for step in range(temperatures + 1)]
        for old, new in zip(betas, betas[1:]):
            weight += self.log_density(z, new) - self.log_density(z, old)
            v = torch.randn_like(z)
            jittered = size * (1 + (torch.rand_like(size) * 2 - 1) / 2)
            proposal, end = self.trajectory(z, v, jittered, new)
            before = self.log_density(z, new) - 0.5 * v.pow(2).sum(1)
            after = self.log_density(proposal, new) - 0.5 * end.pow(2).sum(1)
            probability = (after - before).clamp(max=0).exp()
            accepted = torch.rand_like(probability) < probability
            z = torch.where(accepted[:, None], proposal, z)
            acceptance = self.memory * acceptance + (1 - self.memory) * probability[:, None]
            size = torch.where(acceptance > self.high, size * self.factor,
                               torch.where(acceptance < self.low, size / self.factor, size))
        return weight.view(self.chains, -1).logsumexp(0) - math.log(self.chains)


def main(options):
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    sizes = [int(size) for size in options.sizes.split(",")]
    x = torch.bernoulli(torch.full((options.examples, sizes[-1]), 0.5))
    annealing = Annealing(decoder(sizes), x, options.chains, sizes[0], options.leapfrog)
    rounds.converse("ais torch", options, annealing, torch=torch.__version__)


if __name__ == "__main__":
    main(options)
