import Generative
import Torch

/// A player at work, with its optimizer and the moving average of its weights.
final class Contestant {
  let player: Player
  /// The paths of its parameters, in their order.
  let names: [String]
  let options: SideOptions
  /// The moving average, where one is kept.
  let average: WeightAverage?
  private let optimizer: any Optimizer
  /// The step of its last move; nil before the first.
  private var lastMove: Int?

  init(_ player: Player, names: [String], options: SideOptions) {
    self.player = player
    self.names = names
    self.options = options
    optimizer = options.optimizer.optimizer(for: player.movesItself ? [] : player.parameters)
    average = player.movesItself ? nil : options.average.map { WeightAverage(player.parameters, decay: $0) }
  }

  /// The gradients of `loss` in this player's parameters.
  func gradients(of loss: Tensor, retainGraph: Bool) -> [Tensor] {
    Torch.gradients(of: loss, in: player.parameters.map(\.value), retainGraph: retainGraph)
  }

  /// Whether a step needs the norms of its gradients.
  var needsNorms: Bool { options.clipping.norm != nil }

  /// One move at `step` against `gradients`, clipped first; `norms` are theirs, nil where no one needs them.
  func move(_ gradients: [Tensor], norms: Tensor?, rate: Double, at step: Int) {
    lastMove = step
    options.clipping.apply(to: gradients, norms: norms)
    optimizer.step(gradients, rate: rate)
    average?.update()
  }

  /// Throws if a move has left a number that is not finite, with the step of the last one, or `step` before any.
  ///
  /// A trace in the optimizer's state that is not finite tells of a gradient that was not, though its loss was.
  func check(at step: Int) throws(TrainingError) {
    if let index = firstBad(optimizer.traces) { throw nonFinite("the gradient of '\(names[index])'", lastMove ?? step) }
    if let index = firstBad(player.parameters.map(\.value)) {
      throw nonFinite("the parameter '\(names[index])'", lastMove ?? step)
    }
    if let average, let index = firstBad(average.tensors) {
      throw nonFinite("the average of '\(names[index])'", lastMove ?? step)
    }
  }

  /// Not by norms, which overflow long before mean squares do.
  private func firstBad(_ tensors: [Tensor]) -> Int? {
    withoutGradients { tensors.firstIndex { $0.isFinite().all().item() != 1 } }
  }

  private func nonFinite(_ quantity: String, _ step: Int) -> TrainingError {
    .nonFinite(player: player.name, quantity: quantity, step: step)
  }

  /// The optimizer's state under names, for a checkpoint; shared storage. What belongs to a parameter bears its path.
  var optimizerTensors: [(name: String, tensor: Tensor)] {
    if player.movesItself { return [] }
    let (tensors, counts) = optimizer.state(names)
    return tensors + counts.map { ("\(player.name).\($0.name)", $0.tensor) }
  }

  /// The moving average under the parameters' paths; shared storage.
  var averageTensors: [(name: String, tensor: Tensor)] {
    average.map { Array(zip(names, $0.tensors)).map { (name: $0, tensor: $1) } } ?? []
  }
}
