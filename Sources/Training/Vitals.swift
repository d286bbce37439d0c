import Foundation
import Generative
import Torch

/// Watches losses, their terms and gradient norms: averages for the log, and the first number that is not finite.
///
/// What is noted stays on the device until `read`, so that a step need not wait for the device.
final class Vitals {
  private struct Note {
    let player: String
    let step: Int
    let subject: Subject
    /// What each value is, as a message names it.
    let quantities: [String]
    /// `[quantities]`.
    let values: Tensor
  }

  private enum Subject { case loss, gradients }

  private var unread: [Note] = []
  private var sums: [String: [Double]] = [:]
  private var counts: [String: Int] = [:]
  private var gradientNorms: [String: Double] = [:]
  /// Keys of the loss and of its terms, by player.
  private var keys: [String: (loss: String, terms: [String])] = [:]

  /// Takes note of one step's loss.
  func note(_ loss: Loss, mean: Tensor, of player: Player, at step: Int) {
    keys[player.name] = (loss.unit.key("loss"), loss.terms.map(\.key))
    withoutGradients {
      let values = [mean] + loss.terms.map { $0.value.mean() }
      unread.append(
        Note(
          player: player.name, step: step, subject: .loss,
          quantities: ["the loss"] + loss.terms.map { "the term '\($0.key)'" },
          values: .stacked(values.map { $0.detached().inFloat() })))
    }
  }

  /// Takes note of the norms of one step's gradients, `[parameters]`.
  func note(gradientNorms norms: Tensor, of player: Player, names: [String], at step: Int) {
    unread.append(
      Note(
        player: player.name, step: step, subject: .gradients,
        quantities: names.map { "the gradient of '\($0)'" }, values: norms))
  }

  /// Reads all notes. Throws at the first number that is not finite.
  func read() throws(TrainingError) {
    for note in unread {
      let values = note.values.array(Double.self)
      // A bad term is the cause of a bad loss: name the innermost.
      if let bad = values.indices.dropFirst().first(where: { !values[$0].isFinite })
        ?? (values[0].isFinite ? nil : 0)
      {
        throw .nonFinite(player: note.player, quantity: note.quantities[bad], step: note.step)
      }
      switch note.subject {
      case .gradients: gradientNorms[note.player] = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
      case .loss:
        sums[note.player] = sums[note.player].map { zip($0, values).map(+) } ?? values
        counts[note.player, default: 0] += 1
      }
    }
    unread = []
  }

  /// The averages since the last call and the latest gradient norms, with keys of the log; a fresh start.
  func averages(_ players: [Player]) -> [(key: String, value: Double)] {
    defer {
      sums = [:]
      counts = [:]
    }
    return players.flatMap { player -> [(key: String, value: Double)] in
      guard let sum = sums[player.name], let count = counts[player.name] else { return [] }
      let means = sum.map { $0 / Double(count) }
      let prefix = players.count > 1 ? player.name + "_" : ""
      let (loss, terms) = keys[player.name]!
      return [(prefix + loss, means[0])] + zip(terms, means.dropFirst())
        + (gradientNorms[player.name].map { [(prefix + "gradient_norm", $0)] } ?? [])
    }
  }
}
