import Datasets
import Foundation

/// Shows a download on one line of a terminal; elsewhere nothing, because the log names it already.
enum DownloadBar {
  static func show(_ progress: DownloadProgress) {
    guard isatty(STDERR_FILENO) == 1 else { return }
    let isDone = progress.received == progress.total
    let text = "\r\u{1B}[K" + line(progress) + (isDone ? "\n" : "")
    FileHandle.standardError.write(Data(text.utf8))
  }

  /// `train-images  ████░░░░ 12.3 of 49.5 MB`.
  static func line(_ progress: DownloadProgress) -> String {
    let megabytes = { (bytes: Int) in String(format: "%.1f", Double(bytes) / 1e6) }
    guard let total = progress.total, total > 0 else {
      return "\(progress.name)  \(megabytes(progress.received)) MB"
    }
    let bar = ProgressBar.bar(Double(progress.received) / Double(total))
    return "\(progress.name)  \(bar) \(megabytes(progress.received)) of \(megabytes(total)) MB"
  }
}
