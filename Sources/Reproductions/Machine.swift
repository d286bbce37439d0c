import Foundation

/// What a result was obtained with.
enum Machine {
  /// The processor and its cores, such as `AMD EPYC, 2 cores`.
  static let description: String = {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    return "\(processor), \(cores) core\(cores == 1 ? "" : "s")"
  }()

  private static var processor: String {
    #if os(Linux)
      guard let text = FileManager.default.contents(atPath: "/proc/cpuinfo"),
        let line = String(decoding: text, as: UTF8.self).split(separator: "\n").first(where: {
          $0.hasPrefix("model name")
        }),
        let colon = line.firstIndex(of: ":")
      else { return "unknown processor" }
      return line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    #else
      var size = 0
      sysctlbyname("machdep.cpu.brand_string", nil, &size, nil, 0)
      var bytes = [UInt8](repeating: 0, count: size)
      sysctlbyname("machdep.cpu.brand_string", &bytes, &size, nil, 0)
      return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    #endif
  }

  /// The commit of the checkout that the executable was built in, or `unknown`.
  static let commit: String = {
    var folder = Bundle.main.bundleURL.resolvingSymlinksInPath()
    while folder.path != "/" {
      let git = folder.appendingPathComponent(".git")
      if let head = text(git.appendingPathComponent("HEAD")) {
        guard head.hasPrefix("ref: ") else { return head }
        return text(git.appendingPathComponent(String(head.dropFirst(5)))) ?? "unknown"
      }
      folder.deleteLastPathComponent()
    }
    return "unknown"
  }()

  private static func text(_ file: URL) -> String? {
    FileManager.default.contents(atPath: file.path).map {
      String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
  }
}
