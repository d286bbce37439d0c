import Testing

@testable import Watch

@Suite("Who may ask")
struct GateTests {
  private let secret = "a secret of the owner"

  @Test("only reading is let through", arguments: ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "get", ""])
  func methods(_ method: String) {
    let gate = Gate(token: nil, isLoopback: true)
    #expect(
      gate.refusal(method: method, host: "localhost", authorization: nil, query: nil)
        == .init(status: 405, reason: "expected GET or HEAD, got \(method): runs are only read here"))
    for good in ["GET", "HEAD"] {
      #expect(gate.refusal(method: good, host: "localhost", authorization: nil, query: nil) == nil)
    }
  }

  @Test(
    "on the loopback the host is this machine",
    arguments: [
      ("localhost", true), ("localhost:8080", true), ("LOCALHOST:1", true), ("127.0.0.1", true),
      ("127.0.0.1:8080", true),
      ("[::1]:8080", true), ("[::1]", true), ("127.9.9.9:80", true), ("127.0.evil.1", false), ("evil.example", false),
      ("localhost.evil.example", false),
      ("127.0.0.1.evil.example", false), ("localhost:80@evil.example", false), ("", false), (nil, false),
    ] as [(String?, Bool)])
  func hosts(_ host: String?, _ isLocal: Bool) {
    let refusal = Gate(token: nil, isLoopback: true).refusal(
      method: "GET", host: host, authorization: nil, query: nil)
    #expect((refusal == nil) == isLocal)
    if !isLocal { #expect(refusal?.status == 403) }
    let elsewhere = Gate(token: secret, isLoopback: false)
    #expect(elsewhere.refusal(method: "GET", host: host, authorization: nil, query: secret) == nil)
  }

  @Test("with a token, a request has to bring it")
  func tokens() {
    let gate = Gate(token: secret, isLoopback: false)
    func status(_ authorization: String?, _ query: String?) -> Int? {
      gate.refusal(method: "GET", host: "x", authorization: authorization, query: query)?.status
    }
    #expect(status(nil, secret) == nil)
    #expect(status("Bearer " + secret, nil) == nil)
    #expect(status("Bearer wrong", secret) == nil)
    for (authorization, query) in [
      (nil, nil), (nil, ""), (nil, "a"), (nil, secret + "x"), (nil, String(secret.dropLast())), (secret, nil),
      ("Basic " + secret, nil), ("Bearer ", nil), ("Bearer \(secret)\(secret)", nil),
    ] as [(String?, String?)] { #expect(status(authorization, query) == 401) }
    #expect(!Gate.isEqual("", secret) && Gate.isEqual("é", "é") && !Gate.isEqual("a", "b") && !Gate.isEqual("a", ""))
  }

  @Test("an address knows whether others can reach it")
  func addresses() throws {
    for (host, isLoopback, page) in [
      ("127.0.0.1", true, "http://127.0.0.1:80/"), ("localhost", true, "http://127.0.0.1:80/"),
      ("::1", true, "http://[::1]:80/"), ("127.9.9.9", true, "http://127.9.9.9:80/"),
      ("0.0.0.0", false, "http://0.0.0.0:80/"), ("::", false, "http://[::]:80/"),
      ("192.168.1.7", false, "http://192.168.1.7:80/"),
    ] {
      let address = try WatchAddress(host: host, port: 80)
      #expect(address.isLoopback == isLoopback && address.page(port: 80, token: nil) == page)
    }
    #expect(try WatchAddress(port: 0).page(port: 5, token: "a b&c") == "http://127.0.0.1:5/?token=a%20b%26c")
    for host in ["", "example.com", "127.0.0", "127.evil.example", "1:2", "300.0.0.1"] {
      #expect(throws: WatchError.noAddress(host)) { try WatchAddress(host: host, port: 80) }
    }
  }
}
