"""A shuffled, binarized batch of MNIST-like bytes from torch's DataLoader, beside plain indexing."""

import os

import rounds

parser = rounds.arguments(__doc__)
parser.add_argument("--variant", choices=["loader", "index"], default="loader",
                    help="loader: DataLoader over a TensorDataset; index: one gather from a permutation")
parser.add_argument("--augment", action="store_true",
                    help="flip left and right half of the time, shift by up to two pixels along each axis")
parser.add_argument("--workers", type=int, default=0, help="DataLoader's worker processes")
parser.add_argument("--examples", type=int, default=60000)

if __name__ == "__main__":
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", str(options.threads))

import torch
from torch.nn.functional import pad
from torch.utils.data import DataLoader, Dataset, TensorDataset

SIDE, SHIFT = 28, 2


class Augmented(Dataset):
    """Images changed one by one as they are read, the way transforms of a data set are written."""

    def __init__(self, pixels):
        self.images = pixels.view(-1, 1, SIDE, SIDE)

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        image = self.images[index]
        if torch.rand(()) < 0.5:
            image = image.flip(-1)
        down, right = torch.randint(0, 2 * SHIFT + 1, (2,)).tolist()
        return (pad(image, (SHIFT,) * 4)[:, down:down + SIDE, right:right + SIDE],)


def augment(pixels):
    """The same for a whole batch at once."""
    images = pixels.view(-1, 1, SIDE, SIDE)
    count = len(images)
    images = torch.where(torch.rand(count, 1, 1, 1) < 0.5, images.flip(-1), images)
    windows = pad(images, (SHIFT,) * 4).unfold(2, SIDE, 1).unfold(3, SIDE, 1)
    down, right = torch.randint(0, 2 * SHIFT + 1, (2, count))
    return windows[torch.arange(count), :, down, right]


def binarize(pixels):
    return torch.bernoulli(pixels.float().div_(255))


def loader_batches(pixels, options):
    """Batches without end; the last, smaller batch of an epoch is dropped."""
    examples = Augmented(pixels) if options.augment else TensorDataset(pixels)
    loader = DataLoader(examples, batch_size=options.batch, shuffle=True, drop_last=True,
                        num_workers=options.workers, persistent_workers=options.workers > 0)
    while True:
        for (batch,) in loader:
            yield binarize(batch)


def index_batches(pixels, options):
    while True:
        for rows in torch.randperm(len(pixels)).split(options.batch):
            yield binarize(augment(pixels[rows]) if options.augment else pixels[rows])


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
