import Foundation

/// The format to attack, named in the environment as `FORMAT`.
private let format: ArrayFormat = {
  let name = ProcessInfo.processInfo.environment["FORMAT"] ?? ""
  guard let format = ArrayFormat(rawValue: name) else {
    fatalError("FORMAT: expected one of \(ArrayFormat.allCases.map(\.rawValue)), got '\(name)'")
  }
  return format
}()

/// Decodes hostile bytes; libFuzzer reports what traps, hangs or takes too much memory.
///
/// Refusals are what a decoder is for. The bytes are decoded as a file of one array and as one that holds
/// an array `uint8`, as the fixtures do.
@_cdecl("LLVMFuzzerTestOneInput")
public func decode(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let content = [UInt8](UnsafeBufferPointer(start: start, count: count))
  for key in [nil, "uint8"] {
    var part = ArrayFormat.Part()
    part.key = key
    do throws(DatasetError) {
      let array = try format.decode(content, part, file: "x")
      precondition(array.doubles().count == array.count)
    } catch {
      precondition(!error.description.isEmpty)
    }
  }
  return 0
}

/// Stands for the type of the same name, which the decoders' errors mention and no decoder uses.
public enum Split: String, Sendable, CaseIterable {
  case train, validation, test
}
