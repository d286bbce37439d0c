import Datasets
import Networks
import Torch

/// p(y|x): a network to features and an affine layer to the logits of classes, trained by cross entropy.
public final class Classifier: Trainable {
  /// From an example to its features.
  public let network: any Network
  private let head: Linear

  /// - Parameter classes: how many; labels are `0 ..< classes`.
  public init(_ network: any Network, classes: Int, using rng: RandomSource) {
    precondition(classes >= 2, "Classifier: expected at least 2 classes, got \(classes)")
    self.network = network
    head = Linear(network.outputShape.reduce(1, *), classes, using: rng)
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

  public func bound(_ batch: Batch, using rng: RandomSource) -> Tensor {
    logProb(of: Self.labels(of: batch), batch.x)
  }

  public var moves: [Move] {
    let player = Player("classifier", namedParameters)
    return [
      Move([player]) { [self] batch, _ in
        let labels = Self.labels(of: batch)
        let logits = logits(features: features(batch.x))
        let wrong = 1 - (logits.detached().argmax(1) .== labels).to(.float32)
        return [Loss(-logProb(of: labels, logits: logits), terms: [.init("error_fraction", wrong)])]
      }
    ]
  }

  private static func labels(of batch: Batch) -> Tensor {
    guard let labels = batch.labels else {
      preconditionFailure("Classifier: expected a batch with labels, got one of \(batch.count) without")
    }
    return labels
  }
}
