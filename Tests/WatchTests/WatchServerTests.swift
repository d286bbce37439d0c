import Figures
import Foundation
import TestSupport
import Testing
import Training

@testable import Watch

@Suite("The server of the page", .serialized)
struct WatchServerTests {
  /// What a server answered.
  struct Reply {
    let status: Int
    let head: String
    let body: String
  }

  /// A socket that says exactly what it is told, in a thread that is none of the server's.
  private static func ask(
    _ port: Int, _ request: String, until isEnough: @escaping @Sendable (String) -> Bool = { _ in false }
  ) async -> Reply {
    await withCheckedContinuation { continuation in
      Thread {
        let text = raw(port, request, isEnough)
        let parts = text.components(separatedBy: "\r\n\r\n")
        let words = text.split(separator: " ", maxSplits: 2)
        continuation.resume(
          returning: Reply(
            status: words.count > 1 ? Int(words[1]) ?? 0 : 0, head: parts[0],
            body: parts.dropFirst().joined(separator: "\r\n\r\n")))
      }.start()
    }
  }

  private static func raw(_ port: Int, _ request: String, _ isEnough: (String) -> Bool) -> String {
    #if canImport(Darwin)
      let file = socket(AF_INET, SOCK_STREAM, 0)
    #else
      let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #endif
    defer { close(file) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let isConnected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(file, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard isConnected == 0 else { return "" }
    var wait = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
    _ = request.withCString { write(file, $0, strlen($0)) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(file, &buffer, buffer.count)
      guard count > 0 else { break }
      bytes += buffer.prefix(count)
      if isEnough(String(decoding: bytes, as: UTF8.self)) { break }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func get(_ port: Int, _ path: String, method: String = "GET", headers: [String] = []) async -> Reply {
    let lines = ["\(method) \(path) HTTP/1.1", "Host: localhost:\(port)", "Connection: close"] + headers
    return await ask(port, lines.joined(separator: "\r\n") + "\r\n\r\n")
  }

  /// Runs `body` with a server over a fresh directory.
  private func serve(token: String? = nil, _ body: (RunRoot, Int) async throws -> Void) async throws {
    let place = NSTemporaryDirectory() + "/" + UUID().uuidString + "/runs"
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    let root = try RunRoot(place)
    let server = try WatchServer(root, at: WatchAddress(port: 0), token: token)
    let page = try await server.start()
    let port = try #require(URL(string: page)?.port)
    do { try await body(root, port) } catch {
      await server.stop()
      throw error
    }
    await server.stop()
    try FileManager.default.removeItem(atPath: (place as NSString).deletingLastPathComponent)
  }

  @Test("the page comes with what keeps a browser from more than showing it")
  func page() async throws {
    try await serve { _, port in
      let reply = await Self.get(port, "/")
      #expect(reply.status == 200 && reply.body.contains("<h1>runs</h1>"))
      for header in [
        "X-Content-Type-Options: nosniff", "Referrer-Policy: no-referrer", "Cache-Control: no-store",
        "Content-Security-Policy: default-src 'none'; script-src 'nonce-",
      ] { #expect(reply.head.contains(header), "\(reply.head)") }
      let nonces = reply.body.matches(of: /nonce="([^"]+)"/).map { String($0.1) }
      #expect(nonces.count == 2 && reply.head.contains("script-src 'nonce-\(nonces[0])'"))
      let again = await Self.get(port, "/")
      #expect(!again.body.contains(nonces[0]))
      let head = await Self.get(port, "/", method: "HEAD")
      #expect(head.status == 200 && head.body.isEmpty && !head.head.contains("Content-Length: 0"))
    }
  }

  @Test("the list, the settings, their difference and the log are JSON and text")
  func content() async throws {
    try await serve { root, port in
      #expect(await Self.get(port, "/api/runs").body == "[]")
      let run = try root.make("deep/<a>&")
      try root.make("b", configuration: "model: vae\ntraining:\n  steps: 200\n")
      try append(line(1, loss: 2), to: run.metrics)
      let name = "deep%2F%3Ca%3E%26"
      try await Task.sleep(for: .seconds(2.2))
      let rows = try JSONDecoder().decode([RunRow].self, from: Data(await Self.get(port, "/api/runs").body.utf8))
      #expect(rows.map(\.run) == ["b", "deep/<a>&"])
      #expect(await Self.get(port, "/api/runs/\(name)").body.contains("\"state\":\"interrupted\""))
      #expect(await Self.get(port, "/api/runs/\(name)/config").body == "model: vae\ntraining:\n  steps: 100\n")
      #expect(
        await Self.get(port, "/api/runs/\(name)/difference?to=b").body
          == #"[{"key":"training.steps","that":"200","this":"100"}]"#)
      let log = await Self.get(port, "/api/runs/\(name)/log").body
      #expect(log.contains(#""key":"train/loss_nats""#) && log.contains(#""steps":[1],"unit":"nats","values":[2]"#))
      #expect(await Self.get(port, "/api/runs/\(name)/health").body.contains("It is interrupted"))
      #expect(await Self.get(port, "/api/runs/\(name)/difference?to=no").status == 404)
    }
  }

  @Test(
    "no path leads out of the directory, and only known files are served",
    arguments: [
      "/api/runs/../config", "/api/runs/..%2Fother/config", "/api/runs/%2e%2e%2Fother/config",
      "/api/runs/a%2F..%2F..%2Fother/config", "/api/runs/%2Fetc/config", "/api/runs/a%00/config",
      "/api/runs/link/config", "/api/runs/a/../../../etc/passwd", "/api/runs/a/checkpoints", "/api/runs/a/facts.json",
      "/api/runs/a/picture?name=figure:..%2F..%2Fsecret.png", "/api/runs/a/picture?name=figure:%2e%2e%2fx.png",
      "/api/runs/a/picture?name=figure:linked.png", "/api/runs/a/picture?name=event:none", "/api/runs/a/picture?name=",
      "/api/runs/a/picture", "/api/runs/a/config/x", "/etc/passwd", "/../../etc/passwd", "//etc/passwd", "/api",
      "/api/runs/", "/api/runs/a/difference?to=..%2Fother",
    ])
  func traversal(_ path: String) async throws {
    try await serve { root, port in
      let run = try root.make("a")
      let above = (root.path as NSString).deletingLastPathComponent
      try RunRoot(above).make("other")
      try "secret".write(toFile: above + "/secret.png", atomically: true, encoding: .utf8)
      let files = FileManager.default
      try files.createSymbolicLink(atPath: root.path + "/link", withDestinationPath: above + "/other")
      try files.createSymbolicLink(atPath: run.figures + "/linked.png", withDestinationPath: above + "/secret.png")
      let reply = await Self.get(port, path)
      #expect(reply.status == 404 && !reply.body.contains("secret"), "\(reply)")
      #expect(await Self.get(port, "/api/runs/a/config").status == 200)
    }
  }

  @Test("methods that write, other hosts and requests without the token are refused")
  func refused() async throws {
    let token = "sixteen letters and more"
    try await serve(token: token) { _, port in
      for method in ["POST", "PUT", "DELETE"] {
        let reply = await Self.get(port, "/?token=\(token.replacing(" ", with: "%20"))", method: method)
        #expect(reply.status == 405 && reply.head.contains("Allow: GET, HEAD"))
      }
      for path in ["/", "/api/runs", "/events", "/?token=wrong"] {
        let reply = await Self.get(port, path)
        #expect(reply.status == 401)
        #expect(reply.body == "expected the token, as ?token=TOKEN or as Authorization: Bearer TOKEN\n")
      }
      #expect(await Self.get(port, "/?token=\(token.replacing(" ", with: "%20"))").status == 200)
      #expect(await Self.get(port, "/", headers: ["Authorization: Bearer \(token)"]).status == 200)
      #expect(await Self.get(port, "/favicon.ico").status == 204)
      let foreign = await Self.ask(port, "GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
      #expect(foreign.status == 403)
    }
  }

  @Test("events tell the list and the log, and after a lost connection only what is new")
  func events() async throws {
    try await serve { root, port in
      let run = try root.make("a")
      try append((1...3).map { line($0, loss: Double($0)) }.joined(), to: run.metrics)
      let request = "GET /events?run=a HTTP/1.1\r\nHost: localhost\r\n"
      let first = await Self.ask(port, request + "\r\n") { $0.contains("event: run\n") }
      #expect(first.head.contains("Content-Type: text/event-stream"))
      #expect(first.body.contains("event: runs\n") && first.body.contains(#""steps":[1,2,3]"#))
      let id = try #require(first.body.firstMatch(of: /id: ([0-9.,]+)\n/)).1
      try append(line(4, loss: 4), to: run.metrics)
      let resumed = request + "Last-Event-ID: \(id)\r\n\r\n"
      let second = await Self.ask(port, resumed) { $0.contains("event: run\n") }
      #expect(second.body.contains(#""steps":[4]"#) && !second.body.contains(#""steps":[1,2"#), "\(second.body)")
      // A line that is written while the page listens is told by itself.
      let listening = Task { await Self.ask(port, request + "\r\n") { $0.contains(#""steps":[5]"#) } }
      try await Task.sleep(for: .seconds(1.5))
      try append(line(5, loss: 5), to: run.metrics)
      let third = await listening.value
      #expect(third.body.contains(#""isNew":false"#) && third.body.contains(#""steps":[5]"#))
    }
  }

  @Test("the newest picture of the events is served")
  func picture() async throws {
    try await serve { root, port in
      let run = try root.make("a")
      let events = try EventFile(in: URL(fileURLWithPath: run.events))
      let image = PixelImage(width: 2, height: 1, channels: 1, pixels: [0, 255])
      try events.append(image: image, tag: "samples", step: 7)
      try events.flush()
      let condition = await Self.get(port, "/api/runs/a/health").body
      #expect(condition.contains(#""caption":"Samples at step 7","name":"event:samples""#), "\(condition)")
      let reply = await Self.get(port, "/api/runs/a/picture?name=event:samples")
      #expect(reply.status == 200 && reply.head.contains("Content-Type: image/png"))
    }
  }

  @Test("a port that is in use, and an address that is none of this machine, are refused in a sentence")
  func ports() async throws {
    try await serve { root, port in
      let second = try WatchServer(root, at: WatchAddress(port: port))
      await #expect(throws: WatchError.inUse(host: "127.0.0.1", port: port)) { try await second.start() }
    }
    #expect(
      "\(WatchError.inUse(host: "127.0.0.1", port: 8080))"
        == "port 8080 of 127.0.0.1 is in use; take another one with --port, or any free one with --port 0")
    #expect(
      "\(WatchError.noAddress("x"))"
        == "expected an address of this machine, such as 127.0.0.1, 0.0.0.0 or ::1, got 'x'")
    #expect(
      "\(WatchError.cannotListen(host: "127.0.0.1", port: 80, reason: "Permission denied"))"
        == "cannot listen on port 80 of 127.0.0.1: Permission denied")
  }
}
