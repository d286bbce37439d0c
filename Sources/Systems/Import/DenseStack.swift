import Configuration
import Datasets
import Torch

/// A network of dense layers with fixed weights, ending in one head or several.
struct DenseStack {
  private struct Layer {
    let weight: Tensor
    let bias: Tensor?
    let activation: Activation

    func callAsFunction(_ x: Tensor) -> Tensor { activation(x.linear(weight: weight, bias: bias)) }
  }

  private let body: [Layer]
  private let heads: [(output: Architecture.Output?, layer: Layer)]
  /// The length of what it takes.
  let inputs: Int
  /// The length of each head.
  let outputs: Int

  /// Takes the tensors that `layers` name, refusing those that do not fit each other.
  init(
    _ name: String, _ layers: [Architecture.Layer], _ tensors: [String: Tensor], dtype: DType, _ path: String
  ) throws(FileError) {
    var body: [Layer] = []
    var heads: [(Architecture.Output?, Layer)] = []
    var width: Int?
    var first: Int?
    for (index, layer) in layers.enumerated() {
      let place = "\(name)[\(index)]"
      func tensor(_ key: String, rank: Int) throws(FileError) -> Tensor {
        guard let found = tensors[key] else {
          let near = nearest(to: key, among: Array(tensors.keys)).map { "; did you mean '\($0)'?" } ?? ""
          throw FileError(path, "\(place): no tensor '\(key)'\(near)")
        }
        guard found.rank == rank, found.count > 0 else {
          throw FileError(path, "\(place): expected '\(key)' with \(rank) axes, got shape \(found.shape)")
        }
        return found.to(dtype)
      }
      let stored = try tensor(layer.weight, rank: 2)
      let weight = layer.transposed == true ? stored.transposed.contiguous() : stored
      if let width, weight.size(1) != width {
        throw FileError(
          path, "\(place): expected '\(layer.weight)' to take the \(width) outputs before it, got shape \(stored.shape)"
        )
      }
      var bias: Tensor?
      if let key = layer.bias {
        bias = try tensor(key, rank: 1)
        guard bias!.size(0) == weight.size(0) else {
          throw FileError(path, "\(place): expected '\(key)' of length \(weight.size(0)), got \(bias!.size(0))")
        }
      }
      first = first ?? weight.size(1)
      let made = Layer(
        weight: weight, bias: bias, activation: Architecture.activations[layer.activation ?? "identity"]!)
      if layer.output != nil || (index == layers.count - 1 && heads.isEmpty) {
        if let known = heads.first?.1, known.weight.size(0) != weight.size(0) {
          throw FileError(
            path, "\(place): expected \(known.weight.size(0)) outputs as the other head has, got \(weight.size(0))")
        }
        heads.append((layer.output, made))
      } else {
        body.append(made)
        width = weight.size(0)
      }
    }
    self.body = body
    self.heads = heads
    inputs = first!
    outputs = heads[0].1.weight.size(0)
  }

  /// Whether it ends in one head without a name.
  var isPlain: Bool { heads[0].output == nil }

  /// Each head's output, `[..., outputs]`.
  func callAsFunction(_ x: Tensor) -> [Architecture.Output?: Tensor] {
    let features = body.reduce(x) { $1($0) }
    return Dictionary(uniqueKeysWithValues: heads.map { ($0.output, $0.layer(features)) })
  }
}
