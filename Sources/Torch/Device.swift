import CTorch

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
