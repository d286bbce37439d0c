import FlyingFox
import FlyingSocks
import Foundation

/// Where a page is served.
public struct WatchAddress: Equatable, Sendable {
  /// An address of this machine, such as `127.0.0.1`.
  public let host: String
  /// The port; 0 takes a free one.
  public let port: Int

  /// - Throws: `WatchError.noAddress` for what is neither an address nor `localhost`.
  public init(host: String = "127.0.0.1", port: Int) throws(WatchError) {
    precondition((0...65_535).contains(port), "WatchAddress: expected a port of 0 to 65535, got \(port)")
    self.host = host == "localhost" ? "127.0.0.1" : host
    self.port = port
    _ = try socket
  }

  /// Whether only this machine can connect.
  public var isLoopback: Bool { host.hasPrefix("127.") || host == "::1" }

  /// The address of the page.
  public func page(port: Int, token: String?) -> String {
    let allowed = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-._~"))
    let query = token.flatMap { $0.addingPercentEncoding(withAllowedCharacters: allowed) }.map { "?token=" + $0 }
    return "http://\(host.contains(":") ? "[\(host)]" : host):\(port)/\(query ?? "")"
  }

  /// The same for the system.
  var socket: any SocketAddress {
    get throws(WatchError) {
      do {
        if host.contains(":") { return try sockaddr_in6.inet6(ip6: host, port: UInt16(port)) }
        return try sockaddr_in.inet(ip4: host, port: UInt16(port))
      } catch { throw .noAddress(host) }
    }
  }
}
