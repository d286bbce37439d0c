import Generative
import Torch

/// A player at work, with its optimizer.
final class Contestant {
  let player: Player
  private let parameters: [Parameter]
  private let adam: Adam
  private let clipping: GradientClipping

  init(_ player: Player, options: TrainingOptions) {
    self.player = player
    parameters = player.parameters.map(\.parameter)
    adam = Adam(parameters, options: options.adam)
    clipping = options.clipping
  }

  /// The gradients of `loss` in this player's parameters.
  func gradients(of loss: Tensor, retainGraph: Bool) -> [Tensor] {
    Torch.gradients(of: loss, in: parameters.map(\.value), retainGraph: retainGraph)
  }

  /// Whether a step needs the norms of its gradients.
  var needsNorms: Bool { clipping.norm != nil }

  /// One step against `gradients`, clipped first; `norms` are theirs, nil where no one needs them.
  func step(_ gradients: [Tensor], norms: Tensor?, rate: Double) {
    clipping.apply(to: gradients, norms: norms)
    adam.step(gradients, rate: player.rate == 1 ? rate : rate * player.rate)
  }

  /// Throws if one of the steps before `step` has left a number that is none.
  ///
  /// A moment that is not finite tells of a gradient that was not, though its loss was.
  func check(before step: Int) throws(TrainingError) {
    if let index = firstBad(adam.firstMoments) {
      throw nonFinite("the gradient of '\(player.parameters[index].name)'", step - 1)
    }
    if let index = firstBad(parameters.map(\.value)) {
      throw nonFinite("the parameter '\(player.parameters[index].name)'", step - 1)
    }
  }

  private func firstBad(_ tensors: [Tensor]) -> Int? {
    tensors.isEmpty ? nil : norms(tensors).array(Float.self).firstIndex { !$0.isFinite }
  }

  private func nonFinite(_ quantity: String, _ step: Int) -> TrainingError {
    .nonFinite(player: player.name, quantity: quantity, step: step)
  }

  /// The optimizer's state under names, for a checkpoint; shared storage.
  var namedTensors: [(name: String, tensor: Tensor)] {
    adam.namedTensors.map { ("\(player.name).\($0.name)", $0.tensor) }
  }
}
