import Foundation

/// A web server on this machine that gives fixed answers, for tests of downloads.
///
/// It sends the rest of a file when asked for a range from some byte on, and can hang up in the middle.
final class Server: @unchecked Sendable {
  /// The address of its directory, with the last slash.
  let address: String
  private let listener: Int32
  private let files: [String: [UInt8]]
  private let lock = NSLock()
  private var asked: [String] = []
  private var askedRanges: [String] = []
  private var drops: [Int]
  private let knowsRanges: Bool
  private let isLying: Bool

  /// The paths asked for so far.
  var requests: [String] { lock.withLock { asked } }

  /// The header Range of each request so far; empty where there was none.
  var ranges: [String] { lock.withLock { askedRanges } }

  /// - Parameters:
  ///   - silent: accept connections but never answer.
  ///   - drops: after how many bytes of the body to hang up, for each of the first requests.
  ///   - knowsRanges: whether a request for a range is heeded; else the whole file is sent.
  ///   - isLying: whether another range is sent than the one asked for.
  init(
    _ files: [String: [UInt8]], silent: Bool = false, drops: [Int] = [], knowsRanges: Bool = true,
    isLying: Bool = false
  ) {
    self.files = files
    self.drops = drops
    self.knowsRanges = knowsRanges
    self.isLying = isLying
    signal(SIGPIPE, SIG_IGN)  // a client that hangs up must not end the tests
    #if canImport(Darwin)
      let listener = socket(AF_INET, SOCK_STREAM, 0)
    #else
      let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #endif
    var endpoint = sockaddr_in()
    endpoint.sin_family = sa_family_t(AF_INET)
    endpoint.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &endpoint) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        precondition(bind(listener, $0, length) == 0 && listen(listener, 16) == 0)
        precondition(getsockname(listener, $0, &length) == 0)
      }
    }
    self.listener = listener
    address = "http://127.0.0.1:\(UInt16(bigEndian: endpoint.sin_port))/"
    if !silent { Thread.detachNewThread { [self] in serve() } }
  }

  /// Refuses all further connections.
  func stop() {
    shutdown(listener, Int32(2))
    close(listener)
  }

  private func serve() {
    while true {
      let connection = accept(listener, nil, nil)
      if connection < 0 { return }
      answer(connection)
      close(connection)
    }
  }

  private func answer(_ connection: Int32) {
    var request: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while !String(decoding: request, as: UTF8.self).contains("\r\n\r\n") {
      let got = read(connection, &buffer, buffer.count)
      if got <= 0 { return }
      request += buffer.prefix(got)
    }
    let text = String(decoding: request, as: UTF8.self)
    let path = text.split(separator: " ")[1].dropFirst()
    let range = text.split(separator: "\r\n").first { $0.lowercased().hasPrefix("range: ") }
      .map { String($0.dropFirst("range: ".count)) }
    let drop = lock.withLock { () -> Int? in
      asked.append(String(path))
      askedRanges.append(range ?? "")
      return drops.isEmpty ? nil : drops.removeFirst()
    }
    let (head, body) = reply(String(path), knowsRanges ? range : nil)
    let reply = Array(head.utf8) + body.prefix(drop ?? body.count)
    var done = 0
    while done < reply.count {
      let wrote = reply.withUnsafeBytes {
        write(connection, $0.baseAddress! + done, reply.count - done)
      }
      if wrote <= 0 { return }
      done += wrote
    }
  }

  /// The head and the body of an answer.
  private func reply(_ path: String, _ range: String?) -> (String, [UInt8]) {
    func head(_ status: String, _ length: Int, _ more: String = "") -> String {
      "HTTP/1.1 \(status)\r\nContent-Length: \(length)\r\n\(more)Connection: close\r\n\r\n"
    }
    guard let body = files[path] else { return (head("404 Not Found", 0), []) }
    guard let range, let asked = Int(range.dropFirst("bytes=".count).dropLast()) else {
      return (head("200 OK", body.count), body)
    }
    let start = isLying ? asked - 1 : asked
    guard start < body.count else {
      let none = "Content-Range: bytes */\(body.count)\r\n"
      return (head("416 Range Not Satisfiable", 0, none), [])
    }
    let rest = Array(body[start...])
    let sent = "Content-Range: bytes \(start)-\(body.count - 1)/\(body.count)\r\n"
    return (head("206 Partial Content", rest.count, sent), rest)
  }
}
