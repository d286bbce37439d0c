import Datasets
import Networks
import Torch

/// p(y|x): a network to features and an affine layer to the logits of classes, trained by cross entropy.
public final class Classifier: Game {
  /// From an example to its features.
  public let network: any Network
  private let head: Linear
  private let feed: Feed
  private let player: Player

  /// - Parameters:
  ///   - classes: their number; labels are `0 ..< classes`.
  ///   - feed: what it learns from; every example of it has a class.
  public init(_ network: any Network, classes: Int, feed: Feed = .main, using rng: RandomSource) {
    precondition(classes >= 2, "Classifier: expected at least 2 classes, got \(classes)")
    self.network = network
    head = Linear(network.outputShape.reduce(1, *), classes, using: rng)
    self.feed = feed
    player = Player("classifier", [network, head])
  }

  /// How many classes there are.
  public var classes: Int { head.weight.value.size(0) }

  /// The features of examples, `[batch, features]`.
  public func features(_ x: Tensor) -> Tensor { network(x).inFloat().flattened(from: 1) }

  /// The logits of features `[batch, features]`: `[batch, classes]`.
  public func logits(features: Tensor) -> Tensor { head(features).inFloat() }

  /// log p(y|x), nats, `[batch]`.
  ///
  /// - Parameter labels: `[batch]` of type `int64`, every one of a known class.
  public func logProb(of labels: Tensor, _ x: Tensor) -> Tensor {
    logProb(of: labels, logits: logits(features: features(x)))
  }

  private func logProb(of labels: Tensor, logits: Tensor) -> Tensor {
    logits.logSoftmax(1).taken(labels.unsqueezed(1), along: 1).squeezed(1)
  }

  /// Which examples are classified rightly: 1 or 0 each, `[batch]`.
  public func isRight(_ labels: Tensor, _ x: Tensor) -> Tensor {
    (logits(features: features(x)).argmax(1) .== labels).to(.float32)
  }

  /// log p(y|x), nats, `[batch]`; 0 for an example whose class is not known, which moves no choice between checkpoints.
  public var score: Score? {
    .bound { [self] batch, _ in
      guard let labels = batch.labels else { return .zeros([batch.count], device: batch.x.device) }
      let isKnown = (labels .>= 0).to(.float32)
      return logProb(of: labels.maximum(Tensor.full([], 0, dtype: .int64, device: labels.device)), batch.x) * isKnown
    }
  }

  public var players: [Player] { [player] }

  public func play(_ table: any Table) throws {
    let batch = try table.batch(feed)
    guard let labels = batch.labels else {
      preconditionFailure("Classifier: expected a feed '\(feed)' with labels, got one of \(batch.count) without")
    }
    let logits = logits(features: features(batch.x))
    let wrong = 1 - (logits.detached().argmax(1) .== labels).to(.float32)
    try table.move(
      player, Loss(-logProb(of: labels, logits: logits), terms: [.init("error", wrong, in: .fraction)]))
  }
}

extension Classifier: ClassPredictor {
  public var classCount: Int { classes }

  /// p(y|x), `[batch, classes]`; it depends on nothing that could be drawn.
  public func classProbabilities(_ x: Tensor, samples: Int, using rng: RandomSource) -> Tensor {
    logits(features: features(x)).softmax(1)
  }
}

extension Classifier: Described {
  public var card: ModelCard {
    ModelCard(
      conditionals: [.init("p", ["y"], given: ["x"], "categorical, \(network.summary)-\(classes)")],
      players: [.init("classifier", "-log p(y|x) of labelled examples")], parameterCount: parameterCount)
  }
}
