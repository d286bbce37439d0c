/// Why runs cannot be watched.
public enum WatchError: Error, Equatable, CustomStringConvertible {
  /// There is no such directory.
  case noDirectory(String)
  /// The name is none of an address of this machine.
  case noAddress(String)
  /// Something else listens there.
  case inUse(host: String, port: Int)
  /// The system does not let it listen.
  case cannotListen(host: String, port: Int, reason: String)

  public var description: String {
    switch self {
    case .noDirectory(let path): "\(path): no such directory"
    case .noAddress(let host):
      "expected an address of this machine, such as 127.0.0.1, 0.0.0.0 or ::1, got '\(host)'"
    case .inUse(let host, let port):
      "port \(port) of \(host) is in use; take another one with --port, or any free one with --port 0"
    case .cannotListen(let host, let port, let reason): "cannot listen on port \(port) of \(host): \(reason)"
    }
  }
}
