import Torch

/// The squared MMD of the rows of `x` `[n, d]` and `y` `[m, d]` under (x.y / d + 1)^3, unbiased; lower is better.
///
/// For Inception features it is the KID. Equal distributions have the expectation 0, so it can be negative.
///
/// - Source: Binkowski et al. 2018, section 4; the estimator is Gretton et al. 2012, Eq. 3.
public func kernelDistance(_ x: Tensor, _ y: Tensor) throws(MetricError) -> Double {
  try checkRows("kid", x, y, atLeast: 2)
  let (x, y) = (x.to(.float64), y.to(.float64))
  let (n, m) = (Double(x.size(0)), Double(y.size(0)))
  // Products of long rows cost far more than what is done with them, and are the faster the larger they are.
  let block = x.size(1) >= 512 ? 1024 : 512
  func pairs(_ a: Tensor, _ b: Tensor) -> (Range<Int>, Range<Int>) -> Tensor {
    let scaled = a / Double(a.size(1))
    return { polynomial(scaled.narrowed(0, $0).matmul(b.narrowed(0, $1).transposed)) }
  }
  let within =
    sumOverDifferentPairs(x.size(0), block: block, pairs(x, x)) / (n * (n - 1))
    + sumOverDifferentPairs(y.size(0), block: block, pairs(y, y)) / (m * (m - 1))
  return within - 2 * sumOverPairs(x.size(0), y.size(0), block: block, pairs(x, y)) / (n * m)
}

/// The mean and standard deviation of `kernelDistance` over `subsets` random pairs of subsets of `size` rows.
///
/// Each subset is drawn without replacement; the deviation is over the subsets, with their number as the divisor.
///
/// - Source: the authors' implementation (Binkowski et al. 2018, section 4).
public func kernelDistance(
  _ x: Tensor, _ y: Tensor, subsets: Int, size: Int, using rng: RandomSource
) throws(MetricError) -> (mean: Double, standardDeviation: Double) {
  try checkRows("kid", x, y, atLeast: 2)
  let rows = min(x.size(0), y.size(0))
  guard subsets >= 1 else { throw MetricError("kid: expected at least 1 subset, got \(subsets)") }
  guard (2...rows).contains(size) else {
    throw MetricError("kid: expected subsets of 2 to \(rows) rows, got \(size)")
  }
  var values: [Double] = []
  for _ in 0..<subsets {
    let (own, other) = (rng.permutation(x.size(0)), rng.permutation(y.size(0)))
    values.append(
      try kernelDistance(
        x.gathered(own.narrowed(0, 0..<size)), y.gathered(other.narrowed(0, 0..<size))))
  }
  return moments(values)
}

/// The mean and the standard deviation with the divisor n.
func moments(_ values: [Double]) -> (mean: Double, standardDeviation: Double) {
  let mean = values.reduce(0, +) / Double(values.count)
  let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  return (mean, (squares / Double(values.count)).squareRoot())
}

/// (products + 1)^3; `products` are overwritten.
private func polynomial(_ products: Tensor) -> Tensor {
  products.addInPlace(1)
  let cube = products * products
  cube.multiplyInPlace(products)
  return cube
}
