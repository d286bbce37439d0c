import Foundation

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// A public web server that has a set's files.
struct Mirror: FileSource {
  /// The address of the directory, with its last slash.
  let base: String
  /// What the server appends to a file's name.
  let suffix: String
  /// How long a server may stay silent.
  let connectSeconds: Double

  var place: String { base }

  func answer(_ file: DatasetFile, of group: FileGroup) throws(DatasetError) -> SourceAnswer {
    let address = base + file.name + suffix
    guard let url = URL(string: address) else { return .absent("not an address") }
    let download = Download(limit: file.byteCount + file.byteCount / 1000 + 1024)
    let bytes: [UInt8]
    switch download.run(url, silence: connectSeconds) {
    case .success(let body): bytes = body
    case .failure(let refusal):
      return refusal.isAnswer ? .absent(refusal.reason) : .unreachable(refusal.reason)
    }
    do {
      return .found(try file.verified(bytes, from: address), at: address)
    } catch {
      // A captive portal or a moved file; another mirror may be sound.
      return .absent("\(error)")
    }
  }
}

/// One download into memory that ends when the server is silent, sends too much, or is done.
private final class Download: NSObject, URLSessionDataDelegate, @unchecked Sendable {
  struct Refusal: Error {
    let reason: String
    /// Whether the server said it, rather than the network.
    let isAnswer: Bool
  }

  // Written on the session's serial queue only, read after `finished` has been signalled.
  private let limit: Int
  private var body: [UInt8] = []
  private var refusal: Refusal?
  private let finished = DispatchSemaphore(value: 0)

  init(limit: Int) { self.limit = limit }

  func run(_ url: URL, silence: Double) -> Result<[UInt8], Refusal> {
    let configuration = URLSessionConfiguration.ephemeral
    configuration.timeoutIntervalForRequest = silence
    configuration.timeoutIntervalForResource = 600
    let session = URLSession(configuration: configuration, delegate: self, delegateQueue: nil)
    var request = URLRequest(url: url)
    // The files are compressed already; a server that adds its own layer would hide the size.
    request.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
    request.timeoutInterval = silence
    session.dataTask(with: request).resume()
    finished.wait()
    session.finishTasksAndInvalidate()
    return refusal.map { .failure($0) } ?? .success(body)
  }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
  ) {
    if let status = (response as? HTTPURLResponse)?.statusCode, status != 200 {
      refuse("HTTP status \(status)")
    } else if response.expectedContentLength > Int64(limit) {
      refuse("expected at most \(limit) bytes, got \(response.expectedContentLength)")
    }
    completionHandler(refusal == nil ? .allow : .cancel)
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    if refusal != nil { return }
    body += data
    if body.count > limit {
      refuse("expected at most \(limit) bytes, got more")
      dataTask.cancel()
    }
  }

  func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: Error?) {
    if refusal == nil, let error {
      refusal = Refusal(reason: error.localizedDescription, isAnswer: false)
    }
    finished.signal()
  }

  private func refuse(_ reason: String) { refusal = Refusal(reason: reason, isAnswer: true) }
}
