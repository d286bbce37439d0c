import Generative
import Torch

/// A player at work: its optimizer and the vital signs of its steps.
final class Contestant {
  let player: Player
  let parameters: [Parameter]
  private let adam: Adam
  private let clipping: GradientClipping
  private let vitals: Vitals

  init(_ player: Player, options: TrainingOptions, vitals: Vitals) {
    self.player = player
    parameters = player.parameters.map(\.parameter)
    adam = Adam(parameters, options: options.adam)
    clipping = options.clipping
    self.vitals = vitals
  }

  /// The gradients of `loss` in this player's parameters.
  func gradients(of loss: Tensor, retainGraph: Bool) -> [Tensor] {
    Torch.gradients(of: loss, in: parameters.map(\.value), retainGraph: retainGraph)
  }

  /// Takes the vital signs of a step to come; returns the gradients' norms.
  func watch(_ loss: Loss, mean: Tensor, _ gradients: [Tensor], at step: Int) -> Tensor {
    let norms = norms(gradients)
    vitals.record(player, loss, mean: mean, norms: norms, step: step)
    return norms
  }

  /// One step, unless something has not been finite since the last look at the vital signs.
  func step(_ gradients: [Tensor], norms: Tensor, rate: Double) {
    clipping.apply(to: gradients, norms: norms)
    adam.step(gradients, rate: rate, skip: vitals.bad)
  }

  /// Throws if a step has left a parameter that is not finite: one whose gradient was, but not the step.
  func checkParameters(at step: Int) throws(TrainingError) {
    if parameters.isEmpty { return }
    let norms = norms(parameters.map(\.value)).array(Float.self)
    guard let index = norms.firstIndex(where: { !$0.isFinite }) else { return }
    throw .nonFinite(
      player: player.name, quantity: "the parameter '\(player.parameters[index].name)'", step: step)
  }

  /// The optimizer's state under names, for a checkpoint; shared storage.
  var namedTensors: [(name: String, tensor: Tensor)] {
    adam.namedTensors.map { ("\(player.name).\($0.name)", $0.tensor) }
  }
}
