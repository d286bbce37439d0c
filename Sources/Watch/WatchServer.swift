import FlyingFox
import FlyingSocks
import Foundation

/// A live page over a directory of runs, for a browser on this machine.
///
///     let server = try WatchServer(RunRoot("runs"), at: WatchAddress(port: 8080))
///     print(try await server.start())  // http://127.0.0.1:8080/
///     // ...
///     await server.stop()
///
/// It reads what runs write, and writes nothing. Elsewhere than on the loopback it asks for a token.
public final class WatchServer: Sendable {
  private let address: WatchAddress
  private let token: String?
  private let server: HTTPServer

  /// Seconds that an answer may take: the first list of thousands of runs reads all their settings.
  private static let patience = 60.0

  /// - Parameter token: what a request must bring; an address that others can reach must have one.
  public init(_ root: RunRoot, at address: WatchAddress, token: String? = nil) throws(WatchError) {
    precondition(
      address.isLoopback || token?.isEmpty == false,
      "WatchServer: expected a token, as others than this machine can reach \(address.host)")
    (self.address, self.token) = (address, token)
    let handler = WatchHandler(root, Gate(token: token, isLoopback: address.isLoopback))
    func make(_ socket: some SocketAddress) -> HTTPServer {
      HTTPServer(address: socket, timeout: Self.patience, logger: .disabled, handler: handler)
    }
    server = make(try address.socket)
  }

  /// Listens from here on, in the background.
  ///
  /// - Returns: the address of the page.
  /// - Throws: `WatchError` if the port is in use, or the system refuses it.
  @discardableResult
  public func start() async throws(WatchError) -> String {
    let failure = Failure()
    Task { [server] in
      do { try await server.run() } catch { failure.note(error) }
    }
    while await !server.isListening {
      if let error = failure.error { throw reason(error) }
      // Opening a socket takes less than this.
      do { try await Task.sleep(nanoseconds: 5_000_000) } catch { break }
    }
    return address.page(port: await port, token: token)
  }

  /// Ends all connections.
  public func stop() async { await server.stop() }

  /// The port it listens on.
  private var port: Int {
    get async {
      switch await server.listeningAddress {
      case .ip4(_, let port)?, .ip6(_, let port)?: Int(port)
      case .unix?, nil: address.port
      }
    }
  }

  private func reason(_ error: any Error) -> WatchError {
    guard case .failed(_, let code, let message)? = error as? SocketError else {
      return .cannotListen(host: address.host, port: address.port, reason: error.localizedDescription)
    }
    switch code {
    case EADDRINUSE: return .inUse(host: address.host, port: address.port)
    case EADDRNOTAVAIL: return .noAddress(address.host)
    default: return .cannotListen(host: address.host, port: address.port, reason: message)
    }
  }

  /// What the server ended with.
  private final class Failure: @unchecked Sendable {
    // Every access holds the lock.
    private let lock = NSLock()
    private var noted: (any Error)?

    var error: (any Error)? { lock.withLock { noted } }

    func note(_ error: any Error) { lock.withLock { noted = error } }
  }
}
