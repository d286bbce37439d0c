import Foundation
import Testing

@Suite("helmholtz watch")
struct WatchCommandTests {
  @Test("a wrong call leaves with 2, and the world's errors with 1, in a sentence")
  func refused() throws {
    try Tool.run { tool in
      try FileManager.default.createDirectory(atPath: tool.path("runs"), withIntermediateDirectories: true)
      for (arguments, status, message) in [
        (["no/such"], 1, "no/such: no such directory"),
        (["runs", "--port", "70000"], 2, "--port: expected 0 to 65535, got 70000"),
        (["runs", "--port=-1"], 2, "--port: expected 0 to 65535, got -1"),
        (["runs", "--token", "short"], 2, "--token: expected at least 16 characters, got 5"),
        (
          ["runs", "--host", "0.0.0.0"], 2, "--host 0.0.0.0 needs --token: others than this machine could read the runs"
        ),
        (["runs", "--host", "::"], 2, "--host :: needs --token: others than this machine could read the runs"),
        (
          ["runs", "--host", "example.com"], 1,
          "expected an address of this machine, such as 127.0.0.1, 0.0.0.0 or ::1, got 'example.com'"
        ),
      ] {
        let refused = try tool(["watch"] + arguments)
        #expect(refused.status == status && refused.errors.hasPrefix("Error: \(message)\n"), "\(refused.errors)")
        #expect(refused.output.isEmpty)
      }
    }
  }

  @Test("it says where the page is, refuses a port that it has, and Ctrl-C and SIGTERM end it with 0")
  func serving() throws {
    try Tool.run { tool in
      try FileManager.default.createDirectory(atPath: tool.path("runs"), withIntermediateDirectories: true)
      for signal in [SIGINT, SIGTERM] {
        let server = try tool.start(["watch", "runs", "--port", "0"])
        func said() throws -> String {
          let names = try FileManager.default.contentsOfDirectory(atPath: tool.directory)
          return try names.filter { $0.hasPrefix(".out-") }.map { try tool.text($0) }.joined()
        }
        while server.isRunning, try !said().contains("\n") { usleep(20_000) }
        let port = try #require(try said().firstMatch(of: /^http:\/\/127\.0\.0\.1:(\d+)\/  \(Ctrl-C ends it\)\n/)).1
        let second = try tool(["watch", "runs", "--port", String(port)])
        #expect(second.status == 1)
        #expect(
          second.errors
            == "Error: port \(port) of 127.0.0.1 is in use; take another one with --port, or any free one with "
            + "--port 0\n")
        server.signal(signal)
        #expect(try server.wait().status == 0)
      }
    }
  }
}
