"""One metric of arrays by the Python library that people use for it, on draws of the same size as ours.

A step is one measurement of arrays in memory. Each metric is a function that makes its data and returns the measurement.
"""

import os

import rounds

parser = rounds.arguments(__doc__)
parser.add_argument("--metric", required=True)

if __name__ == "__main__":
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = str(options.threads)

import numpy as np
import torch


def normal(n, d, seed, scale=1.0, shift=0.0):
    return np.random.default_rng(seed).normal(shift, scale, size=(n, d))


def labelled(n, d, spread, seed=1):
    """Rows around ten centres, and which."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(10, d)) * spread
    labels = rng.integers(0, 10, n)
    return centres[labels] + rng.normal(size=(n, d)), labels


def kl_knn():
    from scipy.spatial import cKDTree
    x, y = normal(10_000, 10, 1), normal(10_000, 10, 2, 1.1)

    def measure():
        rho = cKDTree(x).query(x, k=2, workers=options.threads)[0][:, 1]
        nu = cKDTree(y).query(x, k=1, workers=options.threads)[0]
        return 10 / len(x) * np.log(nu / rho).sum() + np.log(len(y) / (len(x) - 1))
    return measure


def mmd2():
    x, y = torch.from_numpy(normal(20_000, 10, 1)), torch.from_numpy(normal(10_000, 10, 2, 1.1))

    def total(a, b, block=2048):
        return sum(torch.exp(-torch.cdist(p, q).square() / 8).sum().item()
                   for p in a.split(block) for q in b.split(block))

    def measure():
        n, m = len(x), len(y)
        return ((total(x, x) - n) / (n * (n - 1)) + (total(y, y) - m) / (m * (m - 1))
                - 2 * total(x, y) / (n * m))
    return measure


def ksd():
    x = torch.from_numpy(normal(10_000, 10, 1))
    n, r = x.shape

    def measure():
        total = 0.0
        for p in x.split(2048):
            for q in x.split(2048):
                s = torch.cdist(p, q).square()
                f = (1 + s) ** -0.5
                total += (p @ q.T * f + (r - s) * (1 + s) ** -1.5 - 3 * s * (1 + s) ** -2.5).sum().item()
        return (total - (r + x.square().sum(1)).sum().item()) / (n * (n - 1))
    return measure


def mutual_information():
    mean, logvar = torch.from_numpy(normal(5000, 10, 1)), torch.from_numpy(normal(5000, 10, 2, 0.3, -2))
    z = mean + (logvar / 2).exp() * torch.from_numpy(normal(5000, 10, 3))

    def density(z, mean, logvar):
        return -0.5 * ((z - mean) ** 2 / logvar.exp() + logvar + np.log(2 * np.pi)).sum(-1)

    def measure():
        own = density(z, mean, logvar).mean()
        rest = torch.cat([density(p[:, None], mean, logvar).logsumexp(1) for p in z.split(100)]).mean()
        return (own - rest + np.log(len(z))).item()
    return measure


def wasserstein1():
    import ot
    x, y = normal(2000, 10, 1), normal(2000, 10, 2, 1.2, 0.5)
    return lambda: ot.emd2([], [], ot.dist(x, y, "euclidean"), numItermax=10**8, numThreads=options.threads)


def sinkhorn(method):
    import ot
    x, y = normal(1000, 2, 1), normal(1500, 2, 2, 1.2, 0.5)

    def measure():
        costs = ot.dist(x, y, "euclidean")
        return ot.sinkhorn2([], [], costs, 0.01 * costs.mean(), method=method, numItermax=5000, stopThr=1e-3, warn=False)
    return measure


def tsne():
    from sklearn.manifold import TSNE
    x, _ = labelled(2000, 50, 3)
    return lambda: TSNE(perplexity=30, init="pca", random_state=1, n_jobs=options.threads).fit(x).kl_divergence_


def features():
    rng = np.random.default_rng(1)
    mixing = rng.normal(size=(64, 2048))
    return [np.maximum(rng.normal(size=(2000, 64)) @ mixing + rng.normal(size=(2000, 2048)) * 2, 0) for _ in range(2)]


def fid():
    import scipy.linalg
    x, y = features()

    def measure():
        s1, s2 = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
        root = scipy.linalg.sqrtm(s1 @ s2)
        return np.sum((x.mean(0) - y.mean(0)) ** 2) + np.trace(s1 + s2 - 2 * root.real)
    return measure


def kid():
    from sklearn.metrics.pairwise import polynomial_kernel
    x, y = features()

    def measure():
        n, m = len(x), len(y)
        within = lambda a: (lambda k: (k.sum() - np.trace(k)) / (len(a) * (len(a) - 1)))(polynomial_kernel(a, a))
        return within(x) + within(y) - 2 * polynomial_kernel(x, y).mean()
    return measure


def prdc():
    """As the package prdc has it."""
    from sklearn.metrics import pairwise_distances
    x, y = features()

    def radii(a):
        return np.partition(pairwise_distances(a, a, metric="euclidean"), 5, axis=1)[:, 5]

    def measure():
        real, fake, cross = radii(x), radii(y), pairwise_distances(x, y, metric="euclidean")
        inside = cross < real[:, None]
        return (inside.any(0).mean(), (cross < fake[None]).any(1).mean(), inside.sum(0).mean() / 5,
                (cross.min(1) < real).mean())
    return measure


def trustworthiness():
    from sklearn.manifold import trustworthiness
    x, y = normal(4000, 50, 1), normal(4000, 2, 2)
    return lambda: trustworthiness(x, y, n_neighbors=12)


def knn_probe():
    from sklearn.neighbors import KNeighborsClassifier
    x, y = labelled(8000, 50, 0.5)
    return lambda: 1 - KNeighborsClassifier(5, n_jobs=options.threads).fit(x[:5000], y[:5000]).score(x[5000:], y[5000:])


def linear_probe():
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    x, y = labelled(8000, 50, 0.5)
    return lambda: 1 - make_pipeline(StandardScaler(), LogisticRegression(C=1 / (5000 * 1e-4), max_iter=10_000)).fit(
        x[:5000], y[:5000]).score(x[5000:], y[5000:])


def svm_probe():
    from sklearn.svm import SVC
    x, y = labelled(8000, 50, 0.5)
    return lambda: 1 - SVC(C=1).fit(x[:5000], y[:5000]).score(x[5000:], y[5000:])


def pca():
    from sklearn.decomposition import PCA
    x, _ = labelled(20_000, 200, 1)
    return lambda: PCA(10, svd_solver="full").fit(x).explained_variance_ratio_.sum()


METRICS = {
    "kl-knn": kl_knn, "mmd2": mmd2, "ksd": ksd, "mutual-information": mutual_information,
    "wasserstein1": wasserstein1, "sinkhorn-log": lambda: sinkhorn("sinkhorn_log"),
    "sinkhorn-stabilized": lambda: sinkhorn("sinkhorn_stabilized"), "tsne": tsne, "fid": fid, "kid": kid,
    "prdc": prdc, "trustworthiness": trustworthiness, "knn-probe": knn_probe, "linear-probe": linear_probe,
    "svm-probe": svm_probe, "pca": pca,
}


def main():
    torch.set_num_threads(options.threads)
    measure = METRICS[options.metric]()

    def run(n):
        for _ in range(n):
            measure()

    rounds.converse(options.metric, options, run)


if __name__ == "__main__":
    main()
