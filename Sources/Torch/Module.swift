/// A tensor that training changes.
public final class Parameter {
  /// The leaf of the graph; optimizers write into it in place.
  public private(set) var value: Tensor

  /// Takes over `value`, which must not be part of a graph.
  public init(_ value: Tensor) {
    // The fused optimizer walks over the memory and knows no strides.
    self.value = value.detached().contiguous().requiringGradient()
  }

  fileprivate func convert(_ dtype: DType, _ device: Device) {
    value = value.detached().to(dtype).to(device).requiringGradient()
  }
}

/// A tensor that belongs to a module's state and has no gradient, such as running statistics.
public final class Buffer {
  /// The current value; written in place.
  public private(set) var value: Tensor

  /// Takes over `value`.
  public init(_ value: Tensor) { self.value = value.detached() }

  fileprivate func convert(_ dtype: DType, _ device: Device) {
    value = (value.dtype.isFloatingPoint ? value.to(dtype) : value).to(device)
  }
}

/// A part of a model that owns parameters.
///
/// A layer is a module, and so is a model made of layers. Players, optimizers and checkpoints ask it for its
/// parameters, so that nothing is registered by hand:
///
///     final class Residual: Module {
///       private let inner: Linear
///       private let scale: Parameter
///
///       init(_ width: Int, using rng: RandomSource) {
///         inner = Linear(width, width, using: rng)
///         scale = Parameter(.zeros([width], device: rng.device))
///       }
///
///       /// `[..., width]` to the same shape.
///       func callAsFunction(_ x: Tensor) -> Tensor { x + inner(x).tanh() * scale.value }
///     }
///
///     let layer = Residual(4, using: rng)
///     print(layer.namedParameters.map(\.name))  // ["inner.weight", "inner.bias", "scale"]
///     print(layer.parameterCount)  // 24
///
/// To conform, be a `final class` and store `Parameter`s, `Buffer`s, other modules, or arrays and optionals
/// of these as properties: their names become the names in a checkpoint (`encoder.hidden.0.weight`), by
/// reflection at the time of asking. `callAsFunction` is up to each module. The simplest one is `Linear`.
public protocol Module: AnyObject {}

extension Module {
  /// Every parameter once, with its property path, in order of declaration.
  public var namedParameters: [(name: String, parameter: Parameter)] {
    state.compactMap { entry in (entry.leaf as? Parameter).map { (entry.name, $0) } }
  }

  /// Every parameter once, in order of declaration.
  public var parameters: [Parameter] { namedParameters.map(\.parameter) }

  /// Numbers that training changes.
  public var parameterCount: Int { parameters.reduce(0) { $0 + $1.value.count } }

  /// All parameters and buffers under their property paths: what a checkpoint holds.
  public var namedTensors: [(name: String, tensor: Tensor)] {
    state.map { ($0.name, ($0.leaf as? Parameter)?.value ?? ($0.leaf as! Buffer).value) }
  }

  /// Changes the floating-point type and the device of all parameters and buffers.
  public func convert(to dtype: DType = .float32, on device: Device = .cpu) {
    for entry in state {
      (entry.leaf as? Parameter)?.convert(dtype, device)
      (entry.leaf as? Buffer)?.convert(dtype, device)
    }
  }

  /// Copies `tensors` into the parameters and buffers. Strict: names and shapes must be exactly these.
  ///
  /// - Parameter source: the name of the file or run, for the message.
  public func load(_ tensors: [String: Tensor], from source: String) throws(LoadError) {
    let own = namedTensors
    for (name, tensor) in own {
      guard let new = tensors[name] else {
        throw .missing(name, source, has: tensors.keys.sorted().first { !own.map(\.name).contains($0) })
      }
      guard new.shape == tensor.shape else {
        throw .shape(name, source, expected: tensor.shape, found: new.shape)
      }
    }
    let names = Set(own.map(\.name))
    if let extra = tensors.keys.sorted().first(where: { !names.contains($0) }) {
      throw .unexpected(extra, source)
    }
    withoutGradients {
      for (name, tensor) in own { tensor.copyInPlace(tensors[name]!) }
    }
  }

  private var state: [(name: String, leaf: AnyObject)] {
    var walk = StateWalk()
    walk.visit(self, path: [])
    return walk.found
  }
}

/// Why a checkpoint's tensors do not fit a module.
public enum LoadError: Error, Equatable, CustomStringConvertible {
  case missing(String, String, has: String?)
  case shape(String, String, expected: [Int], found: [Int])
  case type(String, String, expected: DType, found: DType)
  case unexpected(String, String)

  public var description: String {
    switch self {
    case .missing(let name, let source, let other):
      "\(source): no tensor '\(name)'" + (other.map { " (it has '\($0)')" } ?? "")
    case .shape(let name, let source, let expected, let found):
      "\(source): tensor '\(name)': expected shape \(expected), found \(found)"
    case .type(let name, let source, let expected, let found):
      "\(source): tensor '\(name)': expected type \(expected), found \(found)"
    case .unexpected(let name, let source):
      "\(source): tensor '\(name)' belongs to no part of this model"
    }
  }
}

/// Collects parameters and buffers below a module, each object once under its first name.
private struct StateWalk {
  var found: [(name: String, leaf: AnyObject)] = []
  private var seen: Set<ObjectIdentifier> = []

  mutating func visit(_ value: Any, path: [String]) {
    let mirror = Mirror(reflecting: value)
    // First of all, as the casts below look through an optional and would name its `some`.
    if mirror.displayStyle == .optional {
      if let child = mirror.children.first { visit(child.value, path: path) }
      return
    }
    switch value {
    case let leaf as Parameter: add(leaf, path)
    case let leaf as Buffer: add(leaf, path)
    case is any Module: visitChildren(mirror, path)
    default: if mirror.displayStyle == .collection { visitChildren(mirror, path) }
    }
  }

  private mutating func add(_ leaf: AnyObject, _ path: [String]) {
    if seen.insert(ObjectIdentifier(leaf)).inserted {
      found.append((path.joined(separator: "."), leaf))
    }
  }

  private mutating func visitChildren(_ mirror: Mirror, _ path: [String]) {
    for (index, child) in mirror.children.enumerated() {
      visit(child.value, path: path + [child.label ?? String(index)])
    }
  }
}

/// Whether modules behave as in training (batch norm uses the batch's moments) or as in use.
///
/// A scope and no flag of the modules, so that no evaluation can be left in the wrong mode.
public enum TrainingMode {
  /// Whether this is within a scope of training.
  @TaskLocal public static var isOn = false

  /// Runs `body` with modules in training mode, without dropout.
  public static func run<Result>(_ body: () throws -> Result) rethrows -> Result {
    try $isOn.withValue(true, operation: body)
  }

  /// The stream that dropout draws from; a scope without one drops nothing.
  @TaskLocal private static var noise: Noise?

  private struct Noise: @unchecked Sendable {
    let rng: RandomSource
  }

  /// Runs `body` with modules in training mode, where dropout draws from `rng`.
  public static func run<Result>(using rng: RandomSource, _ body: () throws -> Result) rethrows -> Result {
    try $noise.withValue(Noise(rng: rng)) { try run(body) }
  }

  /// The stream of a step of training; nil in use.
  static var rng: RandomSource? { isOn ? noise?.rng : nil }

  /// Runs `body` with modules as in use, within a scope of training: a network that is not trained
  /// in it does not change.
  public static func off<Result>(_ body: () throws -> Result) rethrows -> Result {
    try $isOn.withValue(false, operation: body)
  }

  /// The weight of a call in the averages of batch norm; nil for its own momentum.
  @TaskLocal static var share: Double?

  /// Runs `body` with modules in training mode as the call of this number, counted from 1: after n of them, the
  /// averages of batch norm are the plain means of their statistics, whatever they were before.
  public static func gather<Result>(_ number: Int, _ body: () throws -> Result) rethrows -> Result {
    try $share.withValue(1 / Double(number)) { try run(body) }
  }

  /// Runs `body` without a part in the averages of batch norm, which other calls are for.
  public static func withoutAverages<Result>(_ body: () throws -> Result) rethrows -> Result {
    try $share.withValue(0, operation: body)
  }
}
