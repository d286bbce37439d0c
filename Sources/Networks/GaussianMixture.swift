import Foundation
import Probability
import Torch

/// A mixture of Gaussians with full covariances, in float64.
///
///     p(x) = sum over k of w_k N(x; m_k, S_k)
///
/// A covariance is kept by its principal axes, S = V diag(s^2) V^T: a log density and a draw are then one product of matrices each,
/// and an axis along which a component has no width shows in s. `MixtureSums` is how it learns.
public final class GaussianMixture: Module, Sampler, Density {
  /// log w_k, `[components]`.
  private let logWeight: Parameter
  /// m_k, `[components, d]`.
  private let mean: Parameter
  /// V of each component, its axes as columns, `[components, d, d]`.
  private let axes: Parameter
  /// s, the deviation along each axis, `[components, d]`.
  private let scale: Parameter

  /// Equal components around 0, each N(0, I).
  ///
  /// - Parameters:
  ///   - components: how many, at least 1.
  ///   - dimension: the length of an event, d.
  public init(_ components: Int, dimension: Int, device: Device = .cpu) {
    precondition(components >= 1, "GaussianMixture: expected at least 1 component, got \(components)")
    let identity = Tensor.range(dimension, device: device).oneHot(dimension).to(.float64)
    logWeight = Parameter(.full([components], -log(Double(components)), dtype: .float64, device: device))
    mean = Parameter(.zeros([components, dimension], dtype: .float64, device: device))
    axes = Parameter(identity.expanded([components, dimension, dimension]))
    scale = Parameter(.ones([components, dimension], dtype: .float64, device: device))
  }

  /// How many components there are.
  public var components: Int { mean.value.size(0) }
  /// The length of an event, d.
  public var dimension: Int { mean.value.size(1) }
  /// w, `[components]`.
  public var weights: Tensor { logWeight.value.detached().exp() }
  /// m, `[components, d]`.
  public var means: Tensor { mean.value.detached() }
  /// S, `[components, d, d]`.
  public var covariances: Tensor {
    withoutGradients {
      let roots = axes.value * scale.value.unsqueezed(1)  // [components, d, d]
      return roots.matmul(roots.transposed)
    }
  }
  /// Numbers that are free: weights that sum to 1, means and covariances.
  public var freeCount: Int { components * (1 + dimension + dimension * (dimension + 1) / 2) - 1 }

  /// Changes everything.
  ///
  /// - Parameters:
  ///   - weights: above 0 with the sum 1, `[components]`.
  ///   - means: `[components, d]`.
  ///   - axes: orthonormal columns, `[components, d, d]`.
  ///   - scales: above 0, `[components, d]`.
  public func set(weights: Tensor, means: Tensor, axes: Tensor, scales: Tensor) {
    withoutGradients {
      logWeight.value.copyInPlace(weights.log())
      mean.value.copyInPlace(means)
      self.axes.value.copyInPlace(axes)
      scale.value.copyInPlace(scales)
    }
  }

  /// log w_k N(x; m_k, S_k) of rows `[n, d]`: nats, `[components, n]`.
  public func jointLogProb(_ x: Tensor) -> Tensor {
    let centred = x.to(.float64).unsqueezed(0) - mean.value.unsqueezed(1)  // [components, n, d]
    let u = centred.matmul(axes.value) / scale.value.unsqueezed(1)
    let constant = logWeight.value - scale.value.log().sum(-1) - Double(dimension) * 0.5 * log(2 * .pi)
    return u.square().sum(-1) * -0.5 + constant.unsqueezed(1)
  }

  /// - Parameter value: `batch + [d]`.
  /// - Returns: nats in float64, `batch`.
  public func logProb(_ value: Tensor) -> Tensor {
    jointLogProb(value.reshaped([-1, dimension])).logSumExp(0).reshaped(Array(value.shape.dropLast()))
  }

  /// Draws `count + [d]` in float64.
  public func sample(_ count: [Int], using rng: RandomSource) -> Tensor {
    withoutGradients {
      let n = count.reduce(1, *)
      let chosen = rng.categorical(weights.unsqueezed(0), count: n)  // [1, n]
      let eps = rng.normal([n, dimension], dtype: .float64).unsqueezed(0) * scale.value.unsqueezed(1)
      let all = eps.matmul(axes.value.transposed) + mean.value.unsqueezed(1)  // [components, n, d]
      let index = chosen.unsqueezed(-1).expanded([1, n, dimension])
      return all.taken(index, along: 0).reshaped(count + [dimension])
    }
  }

  /// Components of one width around centres that are spread over rows, each with its share of the volume of N(0, I): where learning
  /// starts on standardized rows.
  ///
  /// The first centre is a row; each further one is a row too, drawn with a probability proportional to its squared distance to the
  /// nearest centre so far: k-means++, Arthur & Vassilvitskii 2007.
  ///
  /// - Parameter rows: `[n, d]`.
  /// - Returns: how many of the components found a place: fewer than all where there are fewer different rows, and nothing has
  ///   changed then.
  public func spread(over rows: Tensor, using rng: RandomSource) -> Int {
    withoutGradients {
      let rows = rows.to(.float64)
      var chosen = rng.categorical(.ones([1, rows.size(0)], dtype: .float64, device: rows.device), count: 1)  // [1, 1]
      var centres: [Tensor] = []
      var distances: Tensor?
      while true {
        let centre = rows.gathered(chosen.squeezed(0))  // [1, d]
        centres.append(centre)
        if centres.count == components { break }
        let own = (rows - centre).square().sum(-1)
        let nearest = distances.map { $0.minimum(own) } ?? own
        guard nearest.max().item() > 0 else { return centres.count }
        distances = nearest
        chosen = rng.categorical(nearest.unsqueezed(0), count: 1)
      }
      let width = pow(Double(components), -1 / Double(dimension))
      let start = GaussianMixture(components, dimension: dimension, device: rows.device)
      set(
        weights: start.weights, means: .concatenated(centres), axes: start.axes.value, scales: start.scale.value * width
      )
      return components
    }
  }
}
