/// How far a download is.
public struct DownloadProgress: Sendable, Equatable {
  /// The name of the file.
  public let name: String
  /// How many bytes are here, those of earlier attempts among them.
  public let received: Int
  /// How many there will be; nil if the server does not say.
  public let total: Int?
}

/// Passes progress on, but not more often than a person can see.
final class ProgressMeter {
  private let name: String
  private let report: @Sendable (DownloadProgress) -> Void
  private let clock = ContinuousClock()
  private var last: ContinuousClock.Instant?

  /// The least time between two reports, the last one excepted.
  private static let interval = Duration.milliseconds(100)

  init(name: String, report: @escaping @Sendable (DownloadProgress) -> Void) {
    self.name = name
    self.report = report
  }

  func update(received: Int, total: Int?, isLast: Bool = false) {
    let now = clock.now
    if let last, !isLast, last.duration(to: now) < Self.interval { return }
    last = now
    report(DownloadProgress(name: name, received: received, total: total))
  }
}
