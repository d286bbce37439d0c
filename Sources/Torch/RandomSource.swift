import CTorch

/// A stream of random numbers on one device, whose state can be saved and restored exactly.
///
/// Everything random takes one as its last argument; the library has no hidden generator, so that a
/// run can be replayed. It belongs to one thread at a time.
///
/// A draw may say which axis is that of examples, `rows`: among `Peers` each process then gets its rows of what one process
/// would draw for the whole batch. Without it all draw the same. Negative axes count from the end.
public final class RandomSource {
  private let generator: torch_generator
  /// Where its draws land.
  public let device: Device

  /// A stream that is a function of `seed` alone, for one kind of device.
  public init(seed: UInt64, device: Device = .cpu) {
    guard let generator = torch_generator_make(seed, device.rawValue) else {
      fatalError("RandomSource: no generator for \(device.name): \(String(cString: torch_error()))")
    }
    self.generator = generator
    self.device = device
  }

  deinit { torch_generator_free(generator) }

  /// An independent stream for a purpose: a function of this `seed` and the numbers in `path` alone.
  public static func derived(seed: UInt64, _ path: UInt64..., device: Device = .cpu) -> RandomSource {
    RandomSource(seed: derivedSeed(seed, path), device: device)
  }

  /// The seed of that stream, for what derives streams of its own.
  public static func derivedSeed(_ seed: UInt64, _ path: [UInt64]) -> UInt64 {
    path.reduce(mixed(seed)) { mixed($0 ^ mixed($1 &+ 1)) }
  }

  /// The finalizer of SplitMix64 (Steele et al. 2014): neighbouring numbers give unrelated ones.
  private static func mixed(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// The generator's exact state, a vector of type `uint8`.
  public var state: Tensor {
    get { Tensor(torch_generator_state(generator), "state") }
    set { newValue.restore(generator) }
  }

  /// Standard normal draws.
  public func normal(_ shape: [Int], dtype: DType = .float32, rows: Int? = nil) -> Tensor {
    Peers.rows(of: shape, rows) { shape in
      Tensor(
        torch_randn(shape.asInt64, Int32(shape.count), dtype.rawValue, device.rawValue, generator), "normal(_:)")
    }
  }

  /// Draws from the uniform distribution on [0, 1).
  public func uniform(_ shape: [Int], dtype: DType = .float32, rows: Int? = nil) -> Tensor {
    Peers.rows(of: shape, rows) { shape in
      Tensor(
        torch_rand(shape.asInt64, Int32(shape.count), dtype.rawValue, device.rawValue, generator), "uniform(_:)")
    }
  }

  /// `count` words of 64 random bits, type `int64`.
  public func bits(_ count: Int) -> Tensor {
    Tensor(torch_random_bits(Int64(count), device.rawValue, generator), #function)
  }

  /// 0 or 1 with probability `p` of 1, elementwise, in p's type.
  public func bernoulli(_ p: Tensor, rows: Int? = nil) -> Tensor {
    Peers.rows(of: p, rows) { $0.bernoulli(generator) }
  }

  /// Class indices drawn with the (unnormalized) probabilities of each row: `[n, classes]` to `[n, count]`.
  public func categorical(_ p: Tensor, count: Int) -> Tensor { p.multinomial(count, generator) }

  /// The numbers 0 ..< `count` in random order, type `int64`.
  public func permutation(_ count: Int) -> Tensor {
    Tensor(torch_randperm(Int64(count), device.rawValue, generator), #function)
  }
}

extension Tensor {
  fileprivate func restore(_ generator: torch_generator) {
    check(torch_generator_set_state(generator, handle))
  }
  fileprivate func bernoulli(_ generator: torch_generator) -> Tensor {
    Tensor(torch_bernoulli(handle, generator), #function)
  }
  fileprivate func multinomial(_ count: Int, _ generator: torch_generator) -> Tensor {
    Tensor(torch_multinomial(handle, Int64(count), generator), #function)
  }
}
