import Torch

/// The numbers that pixels become before a model sees them.
public enum PixelScaling: Sendable, Equatable {
  /// pixel / 255.
  case unit
  /// 2 pixel / 255 - 1.
  case symmetric
  /// pixel divided by the standard deviation of its channel, `[channels]`. Maaløe et al. 2016 on SVHN.
  case deviations([Float])
  /// pixel / 256 minus the mean at its place, `[channels, height, width]` row-major. Maaløe et al. 2016 on NORB.
  case centred([Float])

  /// The kinds, before any data have been seen.
  public enum Kind: String, Sendable, CaseIterable {
    case unit, symmetric, deviations, centred
  }

  /// The scaling that fits these examples; `.unit` and `.symmetric` need none and read none.
  ///
  /// Throws for examples that are not bytes 0...255, or whose channel never changes.
  public init(_ kind: Kind, of examples: Examples) throws(DatasetError) {
    if let fixed = kind.fixed {
      self = fixed
      return
    }
    let size = examples.elementCount
    var (sums, squares) = ([Int](repeating: 0, count: size), [Int](repeating: 0, count: size))
    let block = 1000
    for start in stride(from: 0, to: examples.count, by: block) {
      let part = try examples.subset(Array(start..<min(examples.count, start + block))).loaded()
      guard case .bytes(let bytes) = part.storage, !examples.isBinary else {
        throw .invalid(
          subject: "\(examples.name), scaling", expected: "pixels of 0 to 255",
          got: examples.isBinary ? "0 and 1" : "floats")
      }
      bytes.withUnsafeBufferPointer { bytes in
        for (place, byte) in bytes.enumerated() {
          let pixel = Int(byte)
          sums[place % size] += pixel
          squares[place % size] += pixel * pixel
        }
      }
    }
    guard kind == .deviations else {
      self = .centred(sums.map { Float(Double($0) / Double(examples.count) / 256) })
      return
    }
    let channels = examples.shape.count == 3 ? examples.shape[0] : 1
    let area = size / channels
    let count = Double(area * examples.count)
    var deviations: [Float] = []
    for channel in 0..<channels {
      let places = channel * area..<(channel + 1) * area
      let mean = Double(sums[places].reduce(0, +)) / count
      let variance = Double(squares[places].reduce(0, +)) / count - mean * mean
      guard variance > 0 else {
        throw .invalid(
          subject: "\(examples.name), channel \(channel)", expected: "pixels that differ", got: "one value")
      }
      deviations.append(Float(variance.squareRoot()))
    }
    self = .deviations(deviations)
  }

  /// Values 0...256 of shape `[n] + shape` as the model sees them.
  func applied(to x: Tensor, levels: Double) -> Tensor {
    switch self {
    case .unit: x / levels
    case .symmetric: x * (2 / levels) - 1
    case .deviations(let deviations): x / Self.perChannel(deviations, x)
    case .centred(let means): x / 256 - Tensor(means, shape: [1] + x.shape.dropFirst()).to(x.device)
    }
  }

  /// What a model says of pixels, back in [0, 1].
  public func intensities(_ x: Tensor) -> Tensor {
    switch self {
    case .unit: x
    case .symmetric: (x + 1) * 0.5
    case .deviations(let deviations): x * Self.perChannel(deviations, x) / 256
    case .centred(let means): x + Tensor(means, shape: [1] + x.shape.dropFirst()).to(x.device)
    }
  }

  private static func perChannel(_ values: [Float], _ x: Tensor) -> Tensor {
    let axes = [Int](repeating: 1, count: x.rank - 2)
    return Tensor(values, shape: [1, values.count] + axes).to(x.dtype).to(x.device)
  }

  // MARK: Keeping

  /// The statistics under a name, to be kept with a run; empty for those that need none.
  public var tensors: [String: Tensor] {
    switch self {
    case .unit, .symmetric: [:]
    case .deviations(let values): [Kind.deviations.rawValue: Tensor(values)]
    case .centred(let values): [Kind.centred.rawValue: Tensor(values)]
    }
  }

  /// The scaling whose statistics were kept; nil if they are of another kind or number.
  public init?(_ kind: Kind, tensors: [String: Tensor], exampleShape: [Int]) {
    if let fixed = kind.fixed {
      self = fixed
      return
    }
    guard let values = tensors[kind.rawValue]?.array(Float.self) else { return nil }
    switch kind {
    case .deviations where values.count == (exampleShape.count == 3 ? exampleShape[0] : 1):
      self = .deviations(values)
    case .centred where values.count == exampleShape.reduce(1, *): self = .centred(values)
    default: return nil
    }
  }
}

extension PixelScaling.Kind {
  /// The scaling of this kind, where it needs no statistics.
  fileprivate var fixed: PixelScaling? {
    switch self {
    case .unit: .unit
    case .symmetric: .symmetric
    case .deviations, .centred: nil
    }
  }
}
