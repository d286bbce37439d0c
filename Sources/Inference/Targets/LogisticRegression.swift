import Foundation
import Torch

extension Target {
  /// The posterior of the coefficients of a logistic regression, with the evidence of the labels as its integral.
  ///
  /// p(y = 1|x) = sigmoid(b0 + b x); all coefficients are N(0, 1), and columns are taken as they are.
  ///
  /// - Parameters:
  ///   - x: `[n, columns]`.
  ///   - y: 0 or 1 for each row.
  ///   - columns: the names of x's columns; the intercept comes before them.
  public static func logistic(x: Tensor, y: [Bool], columns: [String]) -> Target {
    precondition(
      x.shape == [y.count, columns.count],
      "logistic: expected x of shape [\(y.count), \(columns.count)], got \(x.shape)")
    let ones = Tensor.full([y.count, 1], 1, dtype: .float64)
    // Rows turned so that each wants a positive score.
    let signs = Tensor(y.map { $0 ? 1.0 : -1 }).unsqueezed(-1)
    let rows = (Tensor.concatenated([ones, x.to(.float64)], axis: -1) * signs).transposed  // [d, n]
    let dimension = columns.count + 1
    let constant = -0.5 * Double(dimension) * log(2 * .pi)
    let logDensity: @Sendable (Tensor) -> Tensor = { b in
      -(-b.matmul(rows.to(b.dtype).to(b.device))).softplus().sum(-1) - b.square().sum(-1) * 0.5 + constant
    }
    return Target(
      "logistic", columns: ["intercept"] + columns,
      logNormalizer: dimension <= 3 ? logIntegral(dimension, rows, logDensity) : nil, logDensity: logDensity)
  }

  /// log of the integral by equidistant nodes, in coordinates in which the density is round at its mode.
  private static func logIntegral(
    _ dimension: Int, _ rows: Tensor, _ logDensity: (Tensor) -> Tensor
  ) -> Double {
    withoutGradients {
      var mode = Tensor.zeros([1, dimension], dtype: .float64)
      var axes = Tensor.zeros([dimension, dimension], dtype: .float64)
      var logVolume = 0.0
      // Newton's steps, halved until they rise; the log density is concave.
      for _ in 0..<100 {
        let p = (-mode.matmul(rows)).sigmoid()  // [1, n]
        let gradient = p.matmul(rows.transposed) - mode  // [1, d]
        let identity = Tensor.range(dimension).oneHot(dimension).to(.float64)
        let (values, vectors) = ((rows * (p * (1 - p))).matmul(rows.transposed) + identity).symmetricEigen()
        axes = (vectors / values.sqrt()).transposed  // [d, d]: rows are the axes of the ellipse
        logVolume = -0.5 * values.log().sum().item()
        let step = gradient.matmul(axes.transposed).matmul(axes)
        let before: Double = logDensity(mode).item()
        var size = 1.0
        while size > 1e-10, logDensity(mode + step * size).item() < before { size /= 2 }
        mode = mode + step * size
        if step.abs().max().item() < 1e-10 { break }
      }
      let line = Quadrature(-12...12, count: dimension == 3 ? 97 : 193)
      let grids = (0..<dimension).map { axis in
        var shape = [Int](repeating: 1, count: dimension)
        shape[axis] = line.nodes.size(0)
        return line.nodes.reshaped(shape).expanded([Int](repeating: line.nodes.size(0), count: dimension))
      }
      let nodes = Tensor.stacked(grids, axis: -1).reshaped([-1, dimension])
      let block = 1024
      let sums = stride(from: 0, to: nodes.size(0), by: block).map { start in
        logDensity(mode + nodes.narrowed(0, start..<min(nodes.size(0), start + block)).matmul(axes)).logSumExp()
      }
      return Tensor.stacked(sums).logSumExp().item() + logVolume + Double(dimension) * log(line.spacing)
    }
  }
}
