/// The element type of a tensor; raw values are libtorch's `ScalarType` numbers.
public enum DType: Int32, Sendable, CaseIterable {
  case uint8 = 0
  case int16 = 2
  case int32 = 3
  case int64 = 4
  case float16 = 5
  case float32 = 6
  case float64 = 7
  case bool = 11
  case bfloat16 = 15

  /// Bytes of one element.
  public var byteCount: Int {
    switch self {
    case .uint8, .bool: 1
    case .int16, .float16, .bfloat16: 2
    case .int32, .float32: 4
    case .int64, .float64: 8
    }
  }

  /// True for numbers with a fraction; gradients and densities are computed in float32 and float64.
  public var isFloatingPoint: Bool { [.float16, .bfloat16, .float32, .float64].contains(self) }
}

/// A Swift number that is one element of a tensor.
public protocol TensorElement: Sendable {
  /// The element type that stores this number.
  static var dtype: DType { get }
}

extension UInt8: TensorElement { public static var dtype: DType { .uint8 } }
extension Int16: TensorElement { public static var dtype: DType { .int16 } }
extension Int32: TensorElement { public static var dtype: DType { .int32 } }
extension Int64: TensorElement { public static var dtype: DType { .int64 } }
extension Int: TensorElement { public static var dtype: DType { .int64 } }
extension Float: TensorElement { public static var dtype: DType { .float32 } }
extension Double: TensorElement { public static var dtype: DType { .float64 } }
extension Bool: TensorElement { public static var dtype: DType { .bool } }
