"""One optimizer step of an ADGM with few labels (Maaløe et al. 2016) in PyTorch, as a competent user writes it.

A class that is not known is summed over by repeating the batch for every class, with one-hot classes beside the other
inputs.
"""

import math
import os

import rounds

parser = rounds.arguments(__doc__)
parser.add_argument("--variant", choices=["default", "fused", "compile"], default="default",
                    help="default: Adam's default arguments; fused: Adam(fused=True); "
                         "compile: the loss under torch.compile, and fused Adam")

if __name__ == "__main__":
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", str(options.threads))

import torch
import torch.nn.functional as F
from torch import nn

PIXELS, CLASSES, CODES, HIDDEN = 784, 10, 100, 500
EXAMPLES, LABELLED, ALPHA = 60_000, 100, 60


def body(inputs):
    """Two hidden layers; batch norm has the bias."""
    return nn.Sequential(
        nn.Linear(inputs, HIDDEN, bias=False), nn.BatchNorm1d(HIDDEN), nn.ReLU(),
        nn.Linear(HIDDEN, HIDDEN, bias=False), nn.BatchNorm1d(HIDDEN), nn.ReLU())


class Gaussian(nn.Module):
    """Mean and log variance of a code, given the inputs side by side."""

    def __init__(self, inputs):
        super().__init__()
        self.body = body(inputs)
        self.heads = nn.Linear(HIDDEN, 2 * CODES)

    def forward(self, *inputs):
        return self.heads(self.body(torch.cat(inputs, 1))).chunk(2, 1)


def draw(mean, log_variance):
    return mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)


def log_normal(x, mean, log_variance):
    squared = (x - mean).square() * torch.exp(-log_variance)
    return -0.5 * (squared + log_variance + math.log(2 * math.pi)).sum(1)


def log_standard_normal(x):
    return -0.5 * (x.square() + math.log(2 * math.pi)).sum(1)


class ADGM(nn.Module):
    def __init__(self):
        super().__init__()
        self.q_a = Gaussian(PIXELS)
        self.q_z = Gaussian(PIXELS + CODES + CLASSES)
        self.p_a = Gaussian(CODES + CLASSES)
        self.q_y = nn.Sequential(body(PIXELS + CODES), nn.Linear(HIDDEN, CLASSES))
        self.p_x = nn.Sequential(body(CODES + CLASSES), nn.Linear(HIDDEN, PIXELS))

    def bound(self, x, y, a):
        """log p(x, y, a, z) - log q(z|x, y, a) at a fresh z: Eq. 10 but for log q(a|x)."""
        q_z = self.q_z(x, a, y)
        z = draw(*q_z)
        log_x = -F.binary_cross_entropy_with_logits(self.p_x(torch.cat([z, y], 1)), x, reduction="none").sum(1)
        log_a = log_normal(a, *self.p_a(z, y))
        return log_x + log_a + log_standard_normal(z) - log_normal(z, *q_z) - math.log(CLASSES)

    def forward(self, x, labelled, classes):
        """-(bound of x) - (bound of labelled) + ALPHA (cross entropy of labelled), each a mean over its batch."""
        # Without a class: a once for every x, and z for every class of it.
        q_a = self.q_a(x)
        a = draw(*q_a)
        log_y = F.log_softmax(self.q_y(torch.cat([x, a], 1)), 1)
        every = torch.eye(CLASSES).repeat(len(x), 1)
        bounds = self.bound(x.repeat_interleave(CLASSES, 0), every, a.repeat_interleave(CLASSES, 0)).view(-1, CLASSES)
        unlabelled = (log_y.exp() * (bounds - log_y)).sum(1) - log_normal(a, *q_a)

        q_a = self.q_a(labelled)
        a = draw(*q_a)
        known = self.bound(labelled, F.one_hot(classes, CLASSES).float(), a) - log_normal(a, *q_a)
        cross_entropy = F.cross_entropy(self.q_y(torch.cat([labelled, a], 1)), classes)
        return ALPHA * cross_entropy - unlabelled.mean() - known.mean()


def main(options):
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    model = ADGM()
    optimizer = torch.optim.Adam(
        model.parameters(), lr=3e-4, weight_decay=1 / EXAMPLES,
        **({} if options.variant == "default" else {"fused": True}))
    loss_of = torch.compile(model) if options.variant == "compile" else model
    pixels = torch.randint(0, 256, (EXAMPLES, PIXELS), dtype=torch.uint8)
    labels = torch.arange(LABELLED) % CLASSES

    def binarized(rows):
        return torch.bernoulli(pixels[rows].float().div_(255))

    def run(n):
        for _ in range(n):
            x = binarized(torch.randint(0, EXAMPLES, (options.batch,)))
            order = torch.randperm(LABELLED)
            optimizer.zero_grad(set_to_none=True)
            loss = loss_of(x, binarized(order), labels[order])
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5)
            nn.utils.clip_grad_value_(model.parameters(), 1)
            optimizer.step()
        loss.item()

    rounds.converse(
        f"adgm torch {options.variant}", options, run, rest=lambda: optimizer.zero_grad(set_to_none=True),
        torch=torch.__version__)


if __name__ == "__main__":
    main(options)
