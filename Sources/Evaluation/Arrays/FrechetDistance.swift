import Torch

/// The squared Frechet distance of the Gaussians fitted to the rows of `x` `[n, d]` and `y` `[m, d]`; lower is better.
///
/// |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^{1/2}), covariances with the divisor n - 1; of Inception features it is the
/// FID. It is in the squared unit of the rows and is not negative.
///
/// With S1 = A^T A and S2 = B^T B the eigenvalues of S1 S2 are the squared singular values of A B^T, so the trace of
/// the root is their sum. This needs no root of a matrix that is not symmetric, which is where rank-deficient
/// covariances give other implementations NaN or complex numbers.
///
/// - Source: Heusel et al. 2017, Eq. 6; Dowson & Landau 1982.
public func frechetDistance(_ x: Tensor, _ y: Tensor) throws(MetricError) -> Double {
  try checkRows("fid", x, y, atLeast: 2)
  let (x, y) = (x.to(.float64), y.to(.float64))
  let (a, b) = (covarianceRoot(x), covarianceRoot(y))
  let means = (x.mean(0) - y.mean(0)).square().sum().item()
  let traces = a.square().sum().item() + b.square().sum().item()
  let cross = a.matmul(b.transposed).singularValues().sum().item()
  // Rounding can leave equal sets a little below zero.
  return means + max(0, traces - 2 * cross)
}

/// Some A `[min(n, d), d]` with A^T A the covariance of the rows of `x` `[n, d]`.
private func covarianceRoot(_ x: Tensor) -> Tensor {
  let (count, dimension) = (x.size(0), x.size(1))
  let centred = (x - x.mean(0, keepAxes: true)) / Double(count - 1).squareRoot()
  if count <= dimension { return centred }
  let (values, vectors) = centred.transposed.matmul(centred).symmetricEigen()
  // An eigenvalue that is zero comes out as rounding error of the largest; its root would be 1e8 times that.
  let floor = values.max().item() * Double(count) * Double.ulpOfOne
  let kept = values * (values .> Tensor(floor, dtype: .float64)).to(.float64)
  return (vectors * kept.sqrt()).transposed
}
