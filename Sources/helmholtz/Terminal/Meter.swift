import Foundation

/// A percentage on standard error while something long goes on; silent where that is not a terminal.
final class Meter {
  private var title: String
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private var shown = -1

  init(_ title: String) { self.title = title }

  /// Shows `done` of `total`.
  func show(_ done: Int, _ total: Int) {
    let percent = 100 * done / max(total, 1)
    guard isTerminal, percent != shown else { return }
    shown = percent
    FileHandle.standardError.write(Data("\r\u{1B}[K\(title) \(percent)%".utf8))
  }

  /// Shows `done` of `total` under another title.
  func show(_ title: String, _ done: Int, _ total: Int) {
    if title != self.title { (self.title, shown) = (title, -1) }
    show(done, total)
  }

  /// Wipes the line.
  func finish() {
    if isTerminal { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
  }
}
