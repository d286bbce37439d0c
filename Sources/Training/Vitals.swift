import Foundation
import Generative
import Torch

/// Watches losses, terms and gradient norms on the device: averages for the log, and the first number that is none.
///
/// Nothing is read back inside a step. From the first bad number on, `bad` is 1, which makes every optimizer
/// skip its step, so that parameters stay as they were before it; `check` then says what it was.
final class Vitals {
  private var sums: [String: Tensor] = [:]
  private var counts: [String: Int] = [:]
  private var quantities: [String: [String]] = [:]
  private var firstBad: [String: Tensor] = [:]
  /// A scalar on the device: 1 once something has not been finite, else 0.
  private(set) var bad: Tensor

  init(device: Device) { bad = .zeros([], device: device) }

  /// Takes note of one step of one player.
  func record(_ player: Player, _ loss: Loss, mean: Tensor, norms: Tensor, step: Int) {
    withoutGradients {
      let values = [mean] + loss.terms.map { $0.value.mean() }
      // The step travels along, so that a late look still knows which one was bad.
      let signs = Tensor.concatenated([
        Tensor.stacked(values.map { $0.detached().inFloat() }), norms.inFloat(),
        Tensor([Float(step)]).to(bad.device),
      ])
      let healthy = signs.isFinite().all()
      let stays = bad .> 0
      firstBad[player.name] = firstBad[player.name].map { stays.select($0, signs) } ?? signs
      bad = (1 - healthy.to(.float32)).maximum(bad)
      if let sum = sums[player.name] {
        sum.addInPlace(signs)
      } else {
        sums[player.name] = signs.clone()
        quantities[player.name] = ["loss"] + loss.terms.map(\.name)
      }
      counts[player.name, default: 0] += 1
    }
  }

  /// Throws if anything has not been finite.
  func check(_ players: [Player]) throws(TrainingError) {
    guard bad.item() != 0 else { return }
    for player in players {
      guard let signs = firstBad[player.name]?.array(Float.self),
        let index = signs.dropLast().firstIndex(where: { !$0.isFinite })
      else { continue }
      let names = quantities[player.name] ?? []
      // A bad term is the cause of a bad loss, and that of bad gradients: name the innermost.
      let term = signs[..<names.count].indices.dropFirst().first { !signs[$0].isFinite }
      let position = term ?? index
      let quantity =
        position < names.count
        ? (position == 0 ? "the loss" : "the term '\(names[position])'")
        : "the gradient of '\(player.parameters[position - names.count].name)'"
      throw .nonFinite(player: player.name, quantity: quantity, step: Int(signs.last ?? 0))
    }
  }

  /// The averages since the last call, with keys of the log, and a fresh start.
  func averages(_ players: [Player]) -> [(key: String, value: Double)] {
    defer {
      sums = [:]
      counts = [:]
    }
    return players.flatMap { player -> [(key: String, value: Double)] in
      guard let sum = sums[player.name], let names = quantities[player.name] else { return [] }
      let count = Double(counts[player.name] ?? 1)
      let values = sum.array(Double.self).map { $0 / count }
      let prefix = players.count > 1 ? player.name + "_" : ""
      let norm = values[names.count..<(values.count - 1)].reduce(0) { $0 + $1 * $1 }.squareRoot()
      return [(prefix + "loss_nats", values[0])]
        + zip(names, values).dropFirst().map { ($0, $1) } + [(prefix + "gradient_norm", norm)]
    }
  }
}
