import Foundation
import Torch

/// What the numbers belong to.
struct Machine: Encodable {
  let processor: String
  let cores: Int
  let threads: Int
  let system: String
  let libtorch: String
  /// The names of the widest vector instructions and of bfloat16 ones, where the system tells.
  let instructions: [String]

  /// This machine, with libtorch's threads as they are set.
  static var current: Machine {
    let info = ProcessInfo.processInfo
    return Machine(
      processor: processorName, cores: info.activeProcessorCount, threads: Runtime.threads,
      system: info.operatingSystemVersionString, libtorch: Runtime.libtorchVersion,
      instructions: interesting.filter(flags.contains))
  }

  /// Whether products in bfloat16 have instructions of their own; without them they are slower than float32.
  static var hasBFloat16: Bool { !flags.isDisjoint(with: ["avx512_bf16", "amx_bf16", "bf16"]) }

  var text: String {
    """
    \(processor), \(cores) cores, \(threads) threads; \(system)
    libtorch \(libtorch); instructions: \(instructions.isEmpty ? "unknown" : instructions.joined(separator: ", "))
    """
  }

  private static let interesting = ["avx2", "avx512f", "avx512_bf16", "amx_bf16", "asimd", "bf16"]

  #if os(Linux)
    private static let cpuinfo: [String: String] = {
      guard let data = FileManager.default.contents(atPath: "/proc/cpuinfo") else { return [:] }
      let pairs = String(decoding: data, as: UTF8.self).split(separator: "\n").compactMap { line in
        let parts = line.split(separator: ":", maxSplits: 1).map {
          $0.trimmingCharacters(in: .whitespaces)
        }
        return parts.count == 2 ? (parts[0], parts[1]) : nil
      }
      return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }()

    private static var processorName: String { cpuinfo["model name"] ?? "unknown processor" }

    private static let flags = Set(
      (cpuinfo["flags"] ?? cpuinfo["Features"] ?? "").split(separator: " ").map(String.init))
  #else
    private static var processorName: String {
      var size = 0
      sysctlbyname("machdep.cpu.brand_string", nil, &size, nil, 0)
      var bytes = [UInt8](repeating: 0, count: size)
      guard size > 0, sysctlbyname("machdep.cpu.brand_string", &bytes, &size, nil, 0) == 0 else {
        return "unknown processor"
      }
      return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    private static let flags: Set<String> = {
      var value: Int32 = 0
      var size = MemoryLayout<Int32>.size
      let known = sysctlbyname("hw.optional.arm.FEAT_BF16", &value, &size, nil, 0) == 0
      return known && value == 1 ? ["asimd", "bf16"] : ["asimd"]
    }()
  #endif

  /// Megabytes of this process in memory; nil where the system does not tell.
  static var residentMegabytes: Double? {
    #if os(Linux)
      // The second number of statm is the resident pages.
      guard let data = FileManager.default.contents(atPath: "/proc/self/statm"),
        let pages = String(decoding: data, as: UTF8.self).split(separator: " ").dropFirst().first
          .flatMap({ Double($0) })
      else { return nil }
      return pages * Double(sysconf(Int32(_SC_PAGESIZE))) / 1e6
    #else
      return nil
    #endif
  }
  /// Gives freed memory back to the system and starts the peak anew; megabytes now in memory, nil where neither can be.
  static func settleMemory() -> Double? {
    #if os(Linux)
      // Swift's Glibc module leaves <malloc.h> out.
      guard let trim = dlsym(nil, "malloc_trim") else { return nil }
      _ = unsafeBitCast(trim, to: (@convention(c) (Int) -> CInt).self)(0)
      // 5 resets the peak and nothing else.
      guard let file = fopen("/proc/self/clear_refs", "w") else { return nil }
      fputs("5", file)
      fclose(file)
      return residentMegabytes
    #else
      return nil
    #endif
  }

  /// The most megabytes that were in memory since `settleMemory`; nil where the system does not tell.
  static var peakMegabytes: Double? {
    guard let data = FileManager.default.contents(atPath: "/proc/self/status"),
      let line = String(decoding: data, as: UTF8.self).split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") })
    else { return nil }
    return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) }.map { $0 * 1024 / 1e6 }
  }
}
