/// Who may ask for what: methods that only read, names of this machine, and the token where there is one.
public struct Gate: Sendable {
  /// Why a request is not answered.
  public struct Refusal: Equatable, Sendable {
    /// The status of HTTP.
    public let status: Int
    /// The reason, in a sentence.
    public let reason: String
  }

  private let token: String?
  private let isLoopback: Bool

  /// - Parameters:
  ///   - token: what a request must bring; nil asks for none.
  ///   - isLoopback: whether only this machine can connect.
  public init(token: String?, isLoopback: Bool) { (self.token, self.isLoopback) = (token, isLoopback) }

  /// Why a request is refused; nil lets it through.
  ///
  /// - Parameters:
  ///   - host: the header `Host`. On the loopback it must be a name of this machine, or a page from elsewhere could
  ///     read the runs by a name of its own that leads here.
  ///   - authorization: the header `Authorization`, `Bearer TOKEN`.
  ///   - query: the token in the address.
  public func refusal(method: String, host: String?, authorization: String?, query: String?) -> Refusal? {
    guard ["GET", "HEAD"].contains(method) else {
      return Refusal(status: 405, reason: "expected GET or HEAD, got \(method.prefix(20)): runs are only read here")
    }
    if isLoopback, !Self.isLocal(host) {
      return Refusal(
        status: 403, reason: "expected this machine's own name (localhost or 127.0.0.1) in the header Host")
    }
    guard let token else { return nil }
    let bearer = "Bearer "
    let brought = [query, authorization.flatMap { $0.hasPrefix(bearer) ? String($0.dropFirst(bearer.count)) : nil }]
    // Both are compared, so that the time says nothing of either.
    let matches = brought.map { $0.map { Self.isEqual($0, token) } ?? false }
    return matches.contains(true)
      ? nil : Refusal(status: 401, reason: "expected the token, as ?token=TOKEN or as Authorization: Bearer TOKEN")
  }

  /// Whether a header `Host` names this machine, with any port: tunnels have ports of their own.
  static func isLocal(_ host: String?) -> Bool {
    host?.lowercased().wholeMatch(of: /(localhost|127\.[0-9]+\.[0-9]+\.[0-9]+|\[::1\])(:[0-9]*)?/) != nil
  }

  /// Whether two texts are equal, in a time that depends on the length of the first alone.
  static func isEqual(_ text: String, _ secret: String) -> Bool {
    let (text, secret) = (Array(text.utf8), Array(secret.utf8))
    var difference = UInt8(text.count == secret.count ? 0 : 1)
    for index in text.indices { difference |= text[index] ^ (secret.isEmpty ? 0 : secret[index % secret.count]) }
    return difference == 0
  }
}
