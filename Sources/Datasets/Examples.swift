// placeholder until merge
public struct Examples: Sendable {
  public enum Storage: Sendable { case bytes([UInt8]); case floats([Float]) }
  public var storage: Storage
  public var shape: [Int]
  public var count: Int
  public var labels: [Int32]?
  public var isBinary: Bool
}
