"""Writes Tests/EvaluationTests/Fixtures/probes/probes.json with scikit-learn and NumPy.

Made with: python3 -m venv v && v/bin/pip install scikit-learn numpy && v/bin/python Tests/References/probes.py
"""
import json
import pathlib

import numpy as np
from sklearn.linear_model import Lasso, LogisticRegression
from sklearn.manifold import trustworthiness
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

rng = np.random.default_rng(7)
centres = np.array([[0.0, 0, 0], [1.5, 1, 0], [-1, 2, 5]])


def draw(n):
    y = rng.integers(0, 3, n)
    x = centres[y] + rng.normal(size=(n, 3)) * np.array([1, 1, 6])
    return np.round(x, 3), y


train_x, train_y = draw(60)
test_x, test_y = draw(40)
out = {
    "trainX": train_x.tolist(), "trainY": (train_y * 10 - 5).tolist(),
    "testX": test_x.tolist(), "testY": (test_y * 10 - 5).tolist(),
}
train_y, test_y = train_y * 10 - 5, test_y * 10 - 5

knn = {k: KNeighborsClassifier(k, algorithm="brute").fit(train_x, train_y) for k in (1, 2, 3, 5, 60)}
# scikit-learn breaks ties by the class number, so only odd votes of two classes and single votes compare.
out["knn1"] = float(1 - knn[1].score(test_x, test_y))

svms = {
    "linear": SVC(kernel="linear", C=1.0), "rbf": SVC(kernel="rbf", C=10.0),
    "rbfNarrow": SVC(kernel="rbf", C=2.0, gamma=0.5),
}
out["svm"] = {name: svm.fit(train_x, train_y).predict(test_x).tolist() for name, svm in svms.items()}
out["svmGamma"] = float(svms["rbf"]._gamma)

mean, std = train_x.mean(0), train_x.std(0)
z = (train_x - mean) / std
l2 = 0.01
logistic = LogisticRegression(C=1 / (l2 * len(z)), tol=1e-12, max_iter=100000).fit(z, train_y)
out["logistic"] = {
    "l2": l2, "weights": logistic.coef_.tolist(),
    "bias": logistic.intercept_.tolist(),
    "error": float(1 - logistic.score((test_x - mean) / std, test_y)),
}

centred = train_x - train_x.mean(0)
_, s, vt = np.linalg.svd(centred, full_matrices=False)
signs = np.sign(vt[np.arange(3), np.abs(vt).argmax(1)])
out["pca"] = {
    "scores": (centred @ (vt[:2] * signs[:2, None]).T).tolist(),
    "fraction": float((s[:2] ** 2).sum() / (s**2).sum()),
}

plane = train_x[:, [0, 2]]
out["trustworthiness"] = {
    "5": trustworthiness(train_x, plane, n_neighbors=5), "12": trustworthiness(train_x, plane, n_neighbors=12),
}

target = z @ np.array([1.0, -0.5, 0.0]) + 0.3 * rng.normal(size=len(z))
target = np.round(target, 4)
standard = (target - target.mean()) / target.std()
lasso = Lasso(alpha=0.05, tol=1e-14, max_iter=100000).fit(z, standard)
out["lasso"] = {"alpha": 0.05, "target": target.tolist(), "weights": lasso.coef_.tolist()}

path = pathlib.Path(__file__).parents[1] / "EvaluationTests/Fixtures/probes/probes.json"
path.write_text(json.dumps(out) + "\n")
