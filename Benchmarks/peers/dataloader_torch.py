"""A shuffled, binarized batch of MNIST-like bytes from torch's DataLoader, beside plain indexing."""

import os

import rounds

parser = rounds.arguments(__doc__)
parser.add_argument("--variant", choices=["loader", "index"], default="loader",
                    help="loader: DataLoader over a TensorDataset; index: one gather from a permutation")
parser.add_argument("--workers", type=int, default=0, help="DataLoader's worker processes")
parser.add_argument("--examples", type=int, default=60000)

if __name__ == "__main__":
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", str(options.threads))

import torch
from torch.utils.data import DataLoader, TensorDataset


def binarize(pixels):
    return torch.bernoulli(pixels.float().div_(255))


def loader_batches(pixels, options):
    """Batches without end; the last, smaller batch of an epoch is dropped."""
    loader = DataLoader(TensorDataset(pixels), batch_size=options.batch, shuffle=True, drop_last=True,
                        num_workers=options.workers, persistent_workers=options.workers > 0)
    while True:
        for (batch,) in loader:
            yield binarize(batch)


def index_batches(pixels, options):
    while True:
        for rows in torch.randperm(len(pixels)).split(options.batch):
            yield binarize(pixels[rows])


def main(options):
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    pixels = torch.randint(0, 256, (options.examples, 784), dtype=torch.uint8)
    batches = {"loader": loader_batches, "index": index_batches}[options.variant](pixels, options)

    def run(n):
        for _ in range(n):
            next(batches)

    rounds.converse(f"data torch {options.variant}", options, run, unit="ms_per_batch",
                    workers=options.workers, torch=torch.__version__)


if __name__ == "__main__":
    main(options)
