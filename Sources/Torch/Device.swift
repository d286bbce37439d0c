import CTorch
import Foundation

/// Where a tensor lives; raw values are libtorch's `DeviceType` numbers.
public enum Device: Int32, Sendable, CaseIterable {
  case cpu = 0
  case cuda = 1
  case mps = 13

  /// The name used on the command line.
  public var name: String { String(describing: self) }

  /// Whether this libtorch and this machine can compute there.
  public var isAvailable: Bool { torch_device_available(rawValue) }
}

/// The process-wide settings of libtorch.
public enum Runtime {
  /// Keeps freed pages in the process, so that each step does not fault them in again.
  ///
  /// Call once, before the first tensor. On glibc it speeds a training step up by 1.2 to 1.4 with the
  /// same results; memory stays at its high-water mark. Elsewhere it does nothing.
  public static func tuneAllocator() { torch_tune_allocator() }

  /// Threads that one operation may use. Convolutions may differ in the last bits between counts,
  /// so a checkpoint records it.
  public static var threads: Int {
    get { Int(torch_threads()) }
    set { check(torch_set_threads(Int32(newValue)), "threads") }
  }

  /// Whether the processor multiplies bfloat16 numbers itself. Where it does not, products in `bf16` take longer than in
  /// float32.
  public static let multipliesBFloat16: Bool = {
    #if os(Linux)
      guard let text = FileManager.default.contents(atPath: "/proc/cpuinfo") else { return false }
      return hasBFloat16(String(decoding: text, as: UTF8.self))
    #else
      var (value, size): (Int32, Int) = (0, MemoryLayout<Int32>.size)
      return sysctlbyname("hw.optional.arm.FEAT_BF16", &value, &size, nil, 0) == 0 && value == 1
    #endif
  }()

  /// Whether what Linux says of processors names such instructions.
  static func hasBFloat16(_ processors: String) -> Bool {
    let known: Set<Substring> = ["avx512_bf16", "amx_bf16", "bf16", "svebf16"]
    return processors.split(separator: "\n").contains { line in
      (line.hasPrefix("flags") || line.hasPrefix("Features")) && !known.isDisjoint(with: line.split(separator: " "))
    }
  }

  /// The version of libtorch that was compiled against, such as `2.13.0`.
  public static var libtorchVersion: String { String(cString: torch_version()) }

  /// Tensors of this process that have not been freed; a loop that leaks makes it rise.
  public static var liveTensors: Int { Int(torch_live_tensors()) }

  /// Tensors made less tensors freed by the calling thread: a leak check that work beside it does not disturb.
  public static var liveTensorsOfThread: Int { Int(torch_live_tensors_of_thread()) }

  /// The bytes of all tensors that `body` makes, freed or not: at least what it takes at its peak.
  public static func bytesMade(by body: () throws -> Void) rethrows -> Int {
    let before = torch_bytes_of_thread()
    try body()
    return Int(torch_bytes_of_thread() - before)
  }
}
