import Configuration
import Networks
import Torch

/// The nonlinearities a file can name.
public enum ActivationKind: String, Sendable, CaseIterable {
  case relu
  case leakyReLU = "leaky-relu"
  case elu, tanh, softplus

  /// The function.
  public var activation: Activation { function(nil) }

  /// The function, with a leaky rectifier's slope below 0; nil for 0.2.
  func function(_ slope: Double?) -> Activation {
    switch self {
    case .relu: .relu
    case .leakyReLU: .leakyReLU(slope: slope ?? 0.2)
    case .elu: .elu
    case .tanh: .tanh
    case .softplus: .softplus
    }
  }
}

/// What networks on both sides of a code have in common: checks of their sizes.
enum NetworkLimits {
  static let widest = 65_536
  static let deepest = 16
  static let deepestPixelCNN = 256
  /// Weights of one network, 4 GiB of them: a mistyped width is told before memory is taken for it.
  static let largest = 1_073_741_824.0

  /// Widths of a network's layers.
  static func widths(atLeast least: Int) -> SettingType<[Int]> {
    .list(of: .integer(1...widest), plural: "whole numbers from 1 to \(widest)", count: least...deepest)
  }

  /// Weights between layers of these widths.
  static func dense(_ widths: [Int]) -> Double {
    zip(widths, widths.dropFirst()).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }

  /// Weights of convolutions between an image and `ends`, the dense layers from the code's side; of stride 2 unless
  /// the smallest map's `area` is told.
  static func convolutions(
    _ channels: [Int], kernel: Double, features: Int, shape: [Int], dense ends: [Int], area: Double? = nil
  ) -> Double {
    let factor = 1 << channels.count
    let area = area ?? shape.dropFirst().reduce(1.0) { $0 * Double(($1 + factor - 1) / factor) }
    return kernel * dense(channels) + dense(ends) + Double(ends.last ?? 0) * Double(features) * area
  }

  /// Refuses a network that is too large, or one of images for examples that are not.
  static func check(
    _ path: String, kind: String, isMLP: Bool, weights: Double, shape: [Int]
  ) throws(SettingsError) {
    if !isMLP, shape.count != 3 {
      throw SettingsError(
        path: "\(path).network", "\(kind) needs images [channels, height, width], got examples of shape \(shape)")
    }
    guard weights <= largest else {
      throw SettingsError(
        path: path, "expected a network of at most \(Int(largest)) weights, got \(Int(weights))")
    }
  }

  /// Whether halving the sides of an image for every stage, rounding up, ends in a single pixel.
  static func endsInOnePixel(_ channels: [Int], _ shape: [Int]) -> Bool {
    shape.dropFirst().allSatisfy { $0 <= 1 << channels.count }
  }

  /// What batch norm lacks in a batch of one.
  static let needOfNorm = "batch norm has no variance of one"

  /// Refuses images whose sides cannot be halved that often.
  ///
  /// - Parameter key: the setting that says how often.
  static func checkSides(
    _ path: String, _ channels: [Int], _ shape: [Int], key: String = "channels"
  ) throws(SettingsError) {
    let factor = 1 << channels.count
    guard shape.dropFirst().allSatisfy({ $0.isMultiple(of: factor) }) else {
      throw SettingsError(
        path: "\(path).\(key)",
        "\(channels.count) stages need sides divisible by \(factor), got examples of shape \(shape)")
    }
  }
}

extension ActivationKind {
  /// The same with the slope that the authors of the convolutional networks have, 0.1, for nil.
  func convolutional(_ slope: Double?) -> Activation { function(slope ?? 0.1) }
}
