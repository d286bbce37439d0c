import Foundation

/// A web server on this machine that gives fixed answers, for tests of downloads.
final class Server: @unchecked Sendable {
  /// The address of its directory, with the last slash.
  let address: String
  private let listener: Int32
  private let files: [String: [UInt8]]
  private let lock = NSLock()
  private var asked: [String] = []

  /// The paths asked for so far.
  var requests: [String] { lock.withLock { asked } }

  /// - Parameter silent: accept connections but never answer.
  init(_ files: [String: [UInt8]], silent: Bool = false) {
    self.files = files
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
    let path = String(decoding: request, as: UTF8.self).split(separator: " ")[1].dropFirst()
    lock.withLock { asked.append(String(path)) }
    let body = files[String(path)]
    let status = body == nil ? "404 Not Found" : "200 OK"
    let head =
      "HTTP/1.1 \(status)\r\nContent-Length: \(body?.count ?? 0)\r\nConnection: close\r\n\r\n"
    let reply = Array(head.utf8) + (body ?? [])
    var done = 0
    while done < reply.count {
      let wrote = reply.withUnsafeBytes {
        write(connection, $0.baseAddress! + done, reply.count - done)
      }
      if wrote <= 0 { return }
      done += wrote
    }
  }
}
