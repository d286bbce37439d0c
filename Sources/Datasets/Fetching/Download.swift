import Foundation

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// One file on its way from a web server to the disk.
///
/// Every attempt asks for the bytes that are still missing. Content is never in memory here.
struct Download {
  /// Why there is no file.
  struct Refusal: Error, Equatable {
    let reason: String
    /// Whether the server said it, rather than the network.
    let isAnswer: Bool
  }

  let url: URL
  /// The most bytes the file may have.
  let limit: Int
  /// How many bytes it has, if that is known.
  let total: Int?
  /// How long the server may stay silent, in seconds.
  let silence: Double
  let meter: ProgressMeter

  /// How often a connection that is lost on the way is opened again.
  private static let attempts = 5

  /// Brings the whole file to `partial`, going on where it ends.
  ///
  /// - Parameter log: receives a line when a connection is lost and opened again.
  func run(into partial: PartialFile, log: (String) -> Void) throws(Refusal) {
    for attempt in 1...Self.attempts {
      let before = partial.count
      let transfer = Transfer(self, into: partial)
      transfer.run()
      guard let refusal = transfer.refusal else {
        meter.update(received: partial.count, total: partial.count, isLast: true)
        return
      }
      let isLost = !refusal.isAnswer && partial.count > before
      if refusal != Transfer.startAgain, !isLost || attempt == Self.attempts { throw refusal }
      if refusal != Transfer.startAgain {
        log("\(url.absoluteString): \(refusal.reason) after \(partial.count) bytes; going on")
      }
    }
    throw Transfer.startAgain
  }
}

/// One request and what comes of it.
private final class Transfer: NSObject, URLSessionDataDelegate, @unchecked Sendable {
  /// What is on the disk is not the beginning of what the server has; it has been removed.
  static let startAgain = Download.Refusal(
    reason: "the server does not send the rest of a file", isAnswer: true)

  // Written on the session's serial queue only, read after `finished` has been signalled.
  private let download: Download
  private let partial: PartialFile
  private let start: Int
  private var total: Int?
  private(set) var refusal: Download.Refusal?
  private var isWhole = false
  private let finished = DispatchSemaphore(value: 0)

  init(_ download: Download, into partial: PartialFile) {
    self.download = download
    self.partial = partial
    start = partial.count
  }

  func run() {
    let configuration = URLSessionConfiguration.ephemeral
    configuration.timeoutIntervalForRequest = download.silence
    configuration.timeoutIntervalForResource = 24 * 3600  // silence ends a download, not its length
    let session = URLSession(configuration: configuration, delegate: self, delegateQueue: nil)
    var request = URLRequest(url: download.url)
    // The files are compressed already; a server that adds its own layer would hide the size.
    request.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
    if start > 0 { request.setValue("bytes=\(start)-", forHTTPHeaderField: "Range") }
    request.timeoutInterval = download.silence
    session.dataTask(with: request).resume()
    finished.wait()
    session.finishTasksAndInvalidate()
  }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
  ) {
    accept(response)
    completionHandler(refusal == nil && !isWhole ? .allow : .cancel)
  }

  private func accept(_ response: URLResponse) {
    let answer = response as? HTTPURLResponse
    let length = response.expectedContentLength < 0 ? nil : Int(response.expectedContentLength)
    switch answer?.statusCode ?? 200 {
    case 200:
      if partial.count > 0 { attempt { () throws(DatasetError) in try partial.clear() } }
      total = length
    case 206 where start > 0:
      let range = ContentRange(answer?.value(forHTTPHeaderField: "Content-Range") ?? "")
      guard let range, range.start == start, let whole = range.total, whole == download.total ?? whole
      else { return startAgain() }
      total = whole
    case 416 where start > 0:
      // Nothing is missing of a file whose download was ended between its last byte and its check.
      let range = ContentRange(answer?.value(forHTTPHeaderField: "Content-Range") ?? "")
      guard let range, range.total == start else { return startAgain() }
      isWhole = true
    case let status: refuse("HTTP status \(status)")
    }
    if let total, total > download.limit {
      refuse("expected at most \(download.limit) bytes, got \(total)")
    }
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    if refusal != nil || isWhole { return }
    if partial.count + data.count > min(download.limit, total ?? .max) {
      refuse("expected at most \(min(download.limit, total ?? .max)) bytes, got more")
      attempt { () throws(DatasetError) in try partial.clear() }
    } else {
      attempt { () throws(DatasetError) in try partial.append(data) }
      download.meter.update(received: partial.count, total: total)
    }
    if refusal != nil { dataTask.cancel() }
  }

  func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: Error?) {
    if refusal == nil, !isWhole {
      if let error {
        refusal = Download.Refusal(reason: error.localizedDescription, isAnswer: false)
      } else if let total, partial.count < total {
        refusal = Download.Refusal(
          reason: "expected \(total) bytes, got \(partial.count)", isAnswer: false)
      }
    }
    finished.signal()
  }

  private func startAgain() {
    refusal = Self.startAgain
    attempt { () throws(DatasetError) in try partial.clear() }
  }

  private func refuse(_ reason: String) {
    refusal = Download.Refusal(reason: reason, isAnswer: true)
  }

  /// Does something to the disk, whose failure is not the network's fault.
  private func attempt(_ body: () throws(DatasetError) -> Void) {
    do throws(DatasetError) { try body() } catch { refuse("\(error)") }
  }
}

/// The header `Content-Range: bytes 5-9/10`, or `bytes */10` where there is no such range.
struct ContentRange: Equatable {
  let start: Int?
  let total: Int?

  init?(_ text: String) {
    guard text.hasPrefix("bytes ") else { return nil }
    let halves = text.dropFirst("bytes ".count).split(separator: "/", omittingEmptySubsequences: false)
    guard halves.count == 2 else { return nil }
    start = halves[0].split(separator: "-").first.flatMap { Int($0) }
    total = Int(halves[1])
  }
}
