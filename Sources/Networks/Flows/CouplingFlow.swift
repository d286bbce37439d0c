import Probability
import Torch

/// Couplings: each moves one half of the dimensions by a function of the other half. Dinh et al. 2014 and 2017.
///
///     affine:    b' = b exp(s) + t,  log|det J| = sum of s,  s = tanh(.),  t of a network of a
///     additive:  b' = b + t,         and at the end every dimension has a learned scale: the same log|det J| everywhere
///
/// The halves are the dimensions at even places, a, and those at odd ones, b; couplings move b and a in turn. A mask's zeros need no
/// product: a network has only the given half as its input and only numbers of the moved half as its output, and points are taken
/// apart once for all couplings. Both directions cost the same.
public final class CouplingFlow: LearnedBijection {
  /// What a coupling does to the half that it moves.
  public enum Kind: String, Sendable, CaseIterable {
    case affine, additive
  }

  /// What a coupling does to the half that it moves.
  public let kind: Kind
  public let dimension: Int
  private let couplings: [Coupling]
  /// The logarithm of the scale of each dimension, `[d]`, of additive couplings.
  private let logScale: Parameter?

  /// - Parameters:
  ///   - dimension: the length of a point, at least 2.
  ///   - couplings: how many, at least 1.
  ///   - hidden: widths of a coupling's hidden layers, which end in ReLU6.
  public init(_ dimension: Int, kind: Kind = .affine, couplings count: Int, hidden: [Int], using rng: RandomSource) {
    precondition(dimension >= 2, "CouplingFlow: expected at least 2 dimensions, got \(dimension)")
    precondition(count >= 1, "CouplingFlow: expected at least 1 coupling, got \(count)")
    self.dimension = dimension
    self.kind = kind
    let sizes = [(dimension + 1) / 2, dimension / 2]
    couplings = (0..<count).map { index in
      let moved = sizes[Self.moved(index)]
      return Coupling(
        given: dimension - moved, hidden: hidden, outputs: kind == .affine ? 2 * moved : moved, using: rng)
    }
    logScale = kind == .additive ? Parameter(.zeros([dimension], device: rng.device)) : nil
  }

  public var summary: String {
    "\(couplings.count) \(kind.rawValue) \(couplings.count == 1 ? "coupling" : "couplings"), "
      + couplings[0].summary + (kind == .additive ? ", a scale for each dimension" : "")
  }

  /// Which half a coupling moves: 0 for even places, 1 for odd ones.
  private static func moved(_ index: Int) -> Int { 1 - index % 2 }

  public func callAsFunction(_ x: Tensor) -> (value: Tensor, logDeterminant: Tensor) {
    var halves = Self.halves(x)
    var logScales: [Tensor?] = [nil, nil]
    for (index, coupling) in couplings.enumerated() {
      let moved = Self.moved(index)
      switch kind {
      case .affine:
        let (s, t) = coupling.scaleAndShift(halves[1 - moved])
        halves[moved] = t.addingProduct(halves[moved], s.exp())
        logScales[moved] = logScales[moved].map { $0 + s } ?? s
      case .additive: halves[moved] = halves[moved] + coupling(halves[1 - moved])
      }
    }
    let value = joined(halves)
    guard let logScale else {
      let sums = logScales.compactMap { $0?.sum(-1) }
      return (value, sums.dropFirst().reduce(sums[0], +))
    }
    return (value * logScale.value.exp(), logScale.value.sum().expanded(Array(x.shape.dropLast())))
  }

  public func inverse(_ value: Tensor) -> Tensor {
    var halves = Self.halves(logScale.map { value * (-$0.value).exp() } ?? value)
    for (index, coupling) in couplings.enumerated().reversed() {
      let moved = Self.moved(index)
      switch kind {
      case .affine:
        let (s, t) = coupling.scaleAndShift(halves[1 - moved])
        halves[moved] = (halves[moved] - t) * (-s).exp()
      case .additive: halves[moved] = halves[moved] - coupling(halves[1 - moved])
      }
    }
    return joined(halves)
  }

  /// The dimensions at even places and those at odd ones, `[..., (d + 1) / 2]` and `[..., d / 2]`.
  private static func halves(_ x: Tensor) -> [Tensor] {
    func everySecond(_ x: Tensor) -> Tensor { x.windows(-1, size: 1, step: 2).squeezed(-1) }
    return [everySecond(x), everySecond(x.narrowed(-1, 1..<x.size(-1)))]
  }

  private func joined(_ halves: [Tensor]) -> Tensor {
    let (even, odd) = (halves[0], halves[1])
    let isOdd = !dimension.isMultiple(of: 2)
    let pairs = Tensor.stacked([even, isOdd ? odd.padded([(0, 1)]) : odd], axis: -1)  // [..., (d + 1) / 2, 2]
    let whole = pairs.flattened(from: even.rank - 1)
    return isOdd ? whole.narrowed(-1, 0..<dimension) : whole
  }
}

/// The network of one coupling, from the half that is given to numbers of the half that moves.
private final class Coupling: Module {
  private let network: MLP
  private let head: Linear

  init(given: Int, hidden: [Int], outputs: Int, using rng: RandomSource) {
    network = MLP([given], hidden: hidden, activation: .relu6, using: rng)
    head = Linear(network.outputShape[0], outputs, initialization: nearIdentity, using: rng)
  }

  var summary: String { "\(network.summary)-\(head.weight.value.size(0)), ReLU6" }

  /// `[..., given]` to `[..., outputs]`.
  func callAsFunction(_ given: Tensor) -> Tensor { head(network(given)).inFloat() }

  /// s, between -1 and 1, and t.
  func scaleAndShift(_ given: Tensor) -> (s: Tensor, t: Tensor) {
    let halves = self(given).split(2)
    return (halves[0].tanh(), halves[1])
  }
}
