import CTorch

/// Where processes meet before they are a group, and leave notes for each other: libtorch's key-value store over TCP.
public final class PeerStore: @unchecked Sendable {
  private let store: torch_store
  /// Where it is, `host:port`.
  public let place: String
  /// The port that it listens at.
  public let port: Int

  /// - Parameters:
  ///   - isServer: whether it lives here, at a free port where `port` is 0; else it is connected to.
  ///   - seconds: how long to wait for it, and for each answer.
  /// - Throws: `PeersError.unreachable`.
  public init(host: String, port: Int, isServer: Bool, seconds: Double = 300) throws(PeersError) {
    guard let store = torch_store_make(host, Int32(port), isServer, Int64(seconds * 1000)) else {
      throw .unreachable("\(host):\(port)", reason: Self.reason())
    }
    self.store = store
    self.port = Int(torch_store_port(store))
    place = "\(host):\(self.port)"
  }

  deinit { torch_store_free(store) }

  /// Adds to the number of a key, which is 0 at first, and returns the sum.
  public func add(_ amount: Int, to key: String) throws(PeersError) -> Int {
    var sum: Int64 = 0
    try check(torch_store_add(store, key, Int64(amount), &sum))
    return Int(sum)
  }

  /// Leaves a note.
  public func set(_ key: String, _ text: String) throws(PeersError) { try check(torch_store_set(store, key, text)) }

  /// The note of a key; nil where none was left.
  public func note(_ key: String) throws(PeersError) -> String? {
    var isThere = false
    try check(torch_store_has(store, key, &isThere))
    guard isThere else { return nil }
    var text = [CChar](repeating: 0, count: 4096)
    try check(torch_store_get(store, key, &text, Int64(text.count)))
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Waits for a note.
  public func wait(for key: String, seconds: Double) throws(PeersError) {
    try check(torch_store_wait(store, key, Int64(seconds * 1000)))
  }

  /// Joins a group whose processes meet here.
  func group(_ name: String, address: String, rank: Int, count: Int) throws(PeersError) -> torch_group {
    guard let group = torch_group_make(store, name, address, Int32(rank), Int32(count)) else {
      throw .incomplete(count: count, reason: Self.reason())
    }
    return group
  }

  private func check(_ isDone: Bool) throws(PeersError) {
    if !isDone { throw .unreachable(place, reason: Self.reason()) }
  }

  /// libtorch's message, without the places in its sources that follow the first line.
  private static func reason() -> String {
    String(String(cString: torch_error()).prefix { $0 != "\n" })
  }
}

extension PeerStore {
  /// The address by which machines on the way to `host` reach this one; `host` itself where there is no way.
  public static func localAddress(towards host: String) -> String {
    var address = [CChar](repeating: 0, count: 64)
    guard torch_local_address(host, &address, Int32(address.count)) else { return host }
    return String(decoding: address.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
