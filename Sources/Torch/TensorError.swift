import CTorch

/// A failure inside libtorch, with the operation that met it.
public struct TensorError: Error, Equatable, CustomStringConvertible, Sendable {
  /// The Swift operation, such as `matmul(_:)`.
  public let operation: String
  /// libtorch's own words.
  public let message: String

  public var description: String {
    guard isOutOfMemory else { return "\(operation): \(message)" }
    return "\(operation): not enough memory" + (bytes.map { " for a result of \($0) bytes" } ?? "")
  }

  /// Whether there was no memory for a result.
  public var isOutOfMemory: Bool {
    ["allocate memory", "not enough memory", "out of memory", "bad_alloc"].contains { message.contains($0) }
  }

  /// How much memory was asked for, where libtorch says so.
  private var bytes: Int? {
    message.firstMatch(of: #/allocate (\d+) bytes/#).flatMap { Int($0.1) }
  }
}

/// Runs `body` and turns the first libtorch failure inside it into a throw.
///
/// Outside such a scope a failed tensor operation is a programmer error and traps. Inside, the failing operation returns
/// NaN in the shape that its result would have had (where libtorch can tell; else a scalar), and so does every operation
/// after it, in no time, so that the rest of `body` can run out. Its error is thrown at the end.
/// Use it around work whose size or shape comes from the outside world.
public func withTensorErrors<Result>(_ body: () throws -> Result) throws -> Result {
  let box = TensorErrorBox()
  let isFailing = torch_failing()
  torch_set_failing(false)
  defer { torch_set_failing(isFailing) }
  let result = try TensorErrorBox.$current.withValue(box) { () throws -> Result in
    do {
      return try body()
    } catch {
      // The tensor failure came first and is the cause of what the body made of it.
      throw box.first ?? error
    }
  }
  if let error = box.first { throw error }
  return result
}

final class TensorErrorBox: @unchecked Sendable {
  @TaskLocal static var current: TensorErrorBox?
  var first: TensorError?
}

/// Traps with libtorch's last message, or one of ours, or keeps it for the surrounding `withTensorErrors`.
@inline(never)
func tensorFailure(_ operation: StaticString, _ message: String? = nil) {
  let error = TensorError(operation: "\(operation)", message: message ?? String(cString: torch_error()))
  guard let box = TensorErrorBox.current else { fatalError(error.description) }
  if box.first == nil { box.first = error }
  torch_set_failing(true)
}

/// The result of a call that says whether it could.
func check(_ succeeded: Bool, _ operation: StaticString = #function) {
  if !succeeded { tensorFailure(operation) }
}
